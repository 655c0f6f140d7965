"""Answers to clients of grant and revoke. They carry the ticket, so that a redirect works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Option, Result
from boothlab.core.messages import Header, TicketMessage

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def answer(turn: Turn, ticket: Ticket, client: int, result: Result, *, final: bool = True) -> None:
    """Tell one client how it stands."""
    header = Header(Command.RESULT, turn.me, result=result)
    leader = NO_ONE if ticket.leader == UNKNOWN else ticket.leader
    valid = wire.valid_to_wire(ticket.left_ms(turn.mono_ms), turn.world.config.scale)
    message = TicketMessage(header, ticket.config.name, leader, ticket.term, valid)
    turn.answer(client, message, final=final)


def tell(turn: Turn, ticket: Ticket, clients: dict[int, Option], result: Result) -> None:
    """Tell all waiting clients. ``MORE`` leaves them waiting; ``CIB_PENDING`` those who asked to."""
    for client, options in list(clients.items()):
        waits = Option.WAIT_COMMIT in options if result is Result.CIB_PENDING else result is Result.MORE
        answer(turn, ticket, client, result, final=not waits)
        if not waits:
            del clients[client]
