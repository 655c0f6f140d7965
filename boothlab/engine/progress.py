"""How long work tells what it is doing, without knowing who listens."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_DETAIL_EVERY_S: Final = 10.0
"""How often a long activity prints a line of what it is at."""


class Activity(Protocol):
    """One piece of work that is going on."""

    def detail(self, text: str) -> None:
        """Say what it is at right now; replaces the last detail."""


class Progress(Protocol):
    """A listener. Its methods may be called from several threads at once."""

    def activity(self, where: str, what: str) -> AbstractContextManager[Activity]:
        """Announce work: ``where`` is a node, site or image, ``what`` a short phrase.

        The work ends with the context: well, or with the exception that leaves it.
        """

    def note(self, text: str) -> None:
        """Tell something worth a line of its own, e.g. that Debian replaces Rocky."""


class _Mute:
    def detail(self, text: str) -> None:
        """Drop it."""


class SilentProgress:
    """Tells nobody."""

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Activity]:  # noqa: ARG002 - the protocol's names
        """Do nothing around the work."""
        yield _Mute()

    def note(self, text: str) -> None:
        """Drop it."""


class LineProgress:
    """Writes a line for each piece of work that is done, with the seconds since the start."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._began = time.monotonic()

    def note(self, text: str) -> None:
        """Write it."""
        self._write(f"[{time.monotonic() - self._began:6.1f} s] {text}")

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Activity]:
        """Write a line at the end, and some on the way when it takes long."""
        began = time.monotonic()
        outcome = "failed after "
        try:
            yield _LineActivity(self, f"{where}: {what}", began)
            outcome = ""
        finally:
            self.note(f"{where}: {what} ({outcome}{time.monotonic() - began:.1f} s)")


class _LineActivity:
    def __init__(self, progress: LineProgress, title: str, began: float) -> None:
        self._progress = progress
        self._title = title
        self._told = began

    def detail(self, text: str) -> None:
        """Write it, unless the last one was written a moment ago."""
        now = time.monotonic()
        if now - self._told >= _DETAIL_EVERY_S:
            self._told = now
            self._progress.note(f"{self._title}: {text}")
