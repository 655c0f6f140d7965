"""Never checks the term: it follows whoever said last that it leads, also when it leads itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import cib, following, leading, peers, rounds
from boothlab.core.codes import Command
from boothlab.core.notes import Code, State

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Believe every announcement."""
    peers._AUTO[Command.HEARTBEAT] = peers._AUTO[Command.UPDATE] = _believe


def _believe(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    if ticket.state is State.LEADER:
        leading.dethroned(turn, ticket, Code.GRANTED_ELSEWHERE_TOO, message.header.sender)
    following.follow(turn, ticket, message)
    ticket.term = message.term
    cib.tell(turn, ticket)
    rounds.reply(turn, ticket, message, Command.ACK)
