"""What a member promised to the others, kept for the process that comes after this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.events import Promise
from boothlab.daemon.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Mapping

_KIND: Final = b"promise1"
_LAYOUT: Final = "IIIq"
"""Term, voted for, leader, and the lease's end in milliseconds of CLOCK_BOOTTIME."""


class Promises:
    """The store behind ``effects.Remember``: it is done when the call returns.

    Raises:
        OSError: the file cannot be opened or made.
    """

    def __init__(self, path: str) -> None:
        self._file = RecordFile(path, _KIND, _LAYOUT)

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._file.fileno()

    def load(self) -> Mapping[str, Promise]:
        """Return the promises made since the machine was started, by ticket."""
        return {name: Promise(*values) for name, values in self._file.read().items()}

    def remember(self, ticket: str, promise: Promise) -> None:
        """Store a ticket's promise in place of the one before."""
        self._file.write(ticket, promise.term, promise.voted_for, promise.leader, promise.lease_end_ms)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
