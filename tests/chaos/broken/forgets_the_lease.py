"""Forgets to revoke: when its lease is over, it goes on as if somebody had renewed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import cib, timers
from boothlab.core.notes import State

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket

watch_ms = timers._lease_watch_ms


def patch() -> None:
    """Watch no lease of one's own, neither in the daemon nor in its guard."""
    timers._lease_watch_ms = _watch_ms
    cib._deadline_ms = lambda _ticket: None


def _watch_ms(ticket: Ticket) -> int | None:
    return None if ticket.state is State.LEADER else watch_ms(ticket)
