"""One process at a time works on a lab."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from boothlab.engine.state import lab_folder
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

_held: Final = ContextVar[frozenset[str]]("held", default=frozenset())
"""The labs whose lock the caller, or a caller of his, holds."""


class LabBusyError(BoothlabError):
    """Another process is working on the lab."""


@contextmanager
def exclusive(lab: str) -> Iterator[None]:
    """Hold the lab's lock: one process at a time builds, resets, breaks or removes it.

    Who holds it can ask for it again. The lock is the kernel's, so a killed process leaves none behind.

    Raises:
        LabBusyError: another process holds it.
    """
    if lab in _held.get():
        yield
        return
    with (lab_folder(lab) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabBusyError(
                f"another process is working on lab {lab}",
                remedy="wait for it to end, or end it; nothing was changed",
            ) from None
        token = _held.set(_held.get() | {lab})
        try:
            yield
        finally:
            _held.reset(token)
