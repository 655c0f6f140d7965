"""Votes for whoever asks and acknowledges whoever says that it leads, whatever it promised before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import following, peers, rounds
from boothlab.core.codes import Command

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Say yes."""
    peers._AUTO[Command.REQUEST_VOTE] = _vote
    peers._AUTO[Command.HEARTBEAT] = peers._AUTO[Command.UPDATE] = _acknowledge


def _vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    ticket.term = message.term
    rounds.reply(turn, ticket, message, Command.VOTE_FOR, leader=message.header.sender)


def _acknowledge(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    ticket.term = message.term
    following.follow(turn, ticket, message)
    rounds.reply(turn, ticket, message, Command.ACK)
