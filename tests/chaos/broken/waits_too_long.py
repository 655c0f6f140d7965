"""Takes a lost ticket over twenty seconds later than it could."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import campaign

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

LATE_MS: Final = 20_000
not_before_ms = campaign._not_before_ms


def patch() -> None:
    """Put every campaign for a lost ticket off."""
    campaign._not_before_ms = _not_before_ms


def _not_before_ms(turn: Turn, ticket: Ticket) -> int:
    earliest_ms = not_before_ms(turn, ticket)
    return earliest_ms if ticket.grant else max(earliest_ms, ticket.lease_end_ms + LATE_MS)
