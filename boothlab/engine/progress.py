"""How long work tells what it is doing, without knowing who listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


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
