"""Until when each ticket may stay granted in Pacemaker: the file between daemon and lease guard."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final

from boothlab.daemon.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.core.events import CibTicket

_KIND: Final = b"leases1"
_LAYOUT: Final = "qIqqI"


@dataclass(frozen=True, slots=True)
class Lease:
    """A ticket that Pacemaker has been told is granted, or may have been."""

    deadline_ms: int
    """Monotonic; it must be revoked by then."""
    term: int = 0
    expires_s: int = 0
    """What is being written into the CIB: wall clock, seconds since the epoch."""
    confirmed_s: int = 0
    """What surely was written before; 0 for nothing."""
    writer: int = 0
    """The process that may still be writing a grant; 0 when none is."""

    def is_in(self, state: CibTicket | None) -> bool:
        """Return whether the CIB has the ticket granted, and by this lease.

        When the site's daemon has moved to another node of the cluster, it renews the
        ticket from there: the CIB is the same, what it says is not ours any more.
        """
        return (
            state is not None
            and bool(state.granted)
            and state.expires_s is not None
            and state.expires_s in {self.expires_s, self.confirmed_s}
        )


class LeaseTable:
    """The leases by ticket. One process writes, see ``lease_guard``; any may read.

    Raises:
        OSError: the file cannot be opened or made.
    """

    def __init__(self, path: str) -> None:
        self._file = RecordFile(path, _KIND, _LAYOUT)
        self._last: dict[str, Lease] = {}
        self.refresh()

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._file.fileno()

    def read(self) -> Mapping[str, Lease]:
        """Return the tickets that are guarded, as the file has them now."""
        leases = {name: Lease(*values) for name, values in self._file.read().items()}
        return {name: lease for name, lease in leases.items() if lease.deadline_ms}

    def refresh(self) -> None:
        """Take over as the one who writes: what the file says now is what is known."""
        self._last = dict(self.read())

    def get(self, ticket: str) -> Lease | None:
        """Return what the one who writes knows of a ticket."""
        return self._last.get(ticket)

    def put(self, ticket: str, lease: Lease) -> None:
        """Guard a ticket, or guard it anew."""
        self._last[ticket] = lease
        self._file.write(ticket, *astuple(lease))

    def remove(self, ticket: str) -> None:
        """Guard a ticket no longer."""
        self._last.pop(ticket, None)
        self._file.write(ticket, *astuple(Lease(0)))

    def close(self) -> None:
        """Close the file; what it holds stays."""
        self._file.close()
