"""Begins to count terms anew with each revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import following, leading, transitions
from boothlab.core.codes import NO_ONE, UNKNOWN

if TYPE_CHECKING:
    from boothlab.core.notes import State
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Forget the term when nobody holds the ticket any more."""
    leading.let_go = following.let_go = _let_go


def _let_go(turn: Turn, ticket: Ticket, state: State, leader: int = UNKNOWN) -> None:
    transitions.let_go(turn, ticket, state, leader)
    if leader == NO_ONE:
        ticket.term = ticket.floor_term = 0
        ticket.led_term = ticket.spent_term = -1
