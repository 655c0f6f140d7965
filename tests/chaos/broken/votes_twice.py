"""Votes for every site that asks, also for two in one term."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import peers, rounds
from boothlab.core.codes import Command

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Forget each vote at once."""
    peers._AUTO[Command.REQUEST_VOTE] = _vote


def _vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    ticket.term = max(ticket.term, message.term)
    rounds.reply(turn, ticket, message, Command.VOTE_FOR, leader=message.header.sender)
