"""What a member knows, as a frozen picture: for metrics, logs and tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig, Mode
    from boothlab.core.notes import State


def utc_text(epoch_s: float) -> str:
    """Return a moment as people read it: UTC."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as this member sees it."""

    name: str
    mode: Mode
    state: State
    leader: int
    """A site id, ``NO_ONE`` or ``UNKNOWN``."""
    term: int
    lease_end_ms: int
    """Monotonic; in the past when no lease runs."""
    left_ms: int
    """What is left of the lease, 0 or more."""
    granted_here: bool
    """Whether Pacemaker here has been told that the ticket is granted, or may have been."""
    commit_pending_until_ms: int | None
    """Monotonic; until when a grant is held back, None when none is."""
    counters: dict[str, int]
    """Elections started, terms won, leases lost, renewals and failed CIB writes since the start."""


@dataclass(frozen=True, slots=True)
class PeerView:
    """Another member, and what was exchanged with it since the start."""

    config: MemberConfig
    last_heard_us: int
    """Wall clock, microseconds since the epoch; 0 when never."""
    sent: int
    send_errors: int
    resends: int
    received: int
    receive_errors: int
    auth_failures: int
    invalid: int


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member with its tickets and peers, in the configuration's order."""

    me: MemberConfig
    tickets: tuple[TicketView, ...]
    peers: tuple[PeerView, ...]
