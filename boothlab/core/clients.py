"""Requests of clients: grant, revoke, and what can be answered from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import attributes, auth, campaign, leading, manual, results, texts, wire
from boothlab.core.codes import (
    ATTRIBUTE_COMMANDS,
    CLIENT_COMMANDS,
    Command,
    Option,
    Result,
)
from boothlab.core.config.model import Mode
from boothlab.core.messages import Header, HeaderMessage, TextMessage, TicketMessage
from boothlab.core.notes import Code, State
from boothlab.core.ticket import Grant
from boothlab.core.transitions import give_up_grant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.core.events import Request
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

_READS = frozenset({Command.LIST, Command.PEERS, Command.ATTR_GET, Command.ATTR_LIST})


def on_request(turn: Turn, tickets: Mapping[str, Ticket], event: Request) -> Ticket | None:
    """Answer a client, or begin what it asked for; return the ticket that it was about.

    Raises:
        wire.WireError: this is no request; the connection is to be closed without an answer.
    """
    header, _ = wire.decode_header(event.data)
    if not _authentic(turn, event.data, header):
        _refuse(turn, event.client, Result.AUTHENTICATION)
        return None
    if header.command == Command.LIST:
        _text(turn, event.client, texts.tickets(turn, list(tickets.values())))
        return None
    if header.command == Command.PEERS:
        _text(turn, event.client, texts.peers(turn))
        return None
    if header.command not in CLIENT_COMMANDS:
        _refuse(turn, event.client, Result.INVALID_ARGUMENT)
        return None
    return _about_ticket(turn, tickets, event, header)


def _authentic(turn: Turn, data: bytes, header: Header) -> bool:
    if turn.world.key is None:
        return True
    try:
        digest = auth.verify(data, turn.world.key)
    except auth.AuthError as error:
        turn.note(Code.CLIENT_NOT_AUTHENTIC, reason=str(error))
        return False
    once = header.command not in _READS
    verdict = turn.world.replays.accept(digest, header.stamp_us, turn.now.wall_us, once=once)
    if verdict is not auth.Verdict.ACCEPTED:
        turn.note(Code.CLIENT_NOT_AUTHENTIC, reason=verdict.value)
    return verdict is auth.Verdict.ACCEPTED


def _about_ticket(turn: Turn, tickets: Mapping[str, Ticket], event: Request, header: Header) -> Ticket | None:
    is_attribute = header.command in ATTRIBUTE_COMMANDS
    decode = wire.decode_attribute if is_attribute else wire.decode_ticket
    message = decode(event.data)
    ticket = tickets.get(message.ticket)
    if ticket is None:
        _unknown_ticket(turn, event.client, message.ticket, header.command)
    elif not isinstance(message, TicketMessage):
        attributes.handle(turn, ticket, event.client, message)
    elif header.command == Command.GRANT:
        grant(turn, ticket, event.client, Option(header.options & 7))
    else:
        revoke(turn, ticket, event.client, Option(header.options & 7))
    return ticket


def _unknown_ticket(turn: Turn, client: int, name: str, command: int) -> None:
    turn.note(Code.CLIENT_UNKNOWN_TICKET, name=name)
    header = Header(Command.RESULT, turn.me, result=Result.INVALID_ARGUMENT)
    if command in ATTRIBUTE_COMMANDS:
        turn.answer(client, HeaderMessage(header))
    else:
        turn.answer(client, TicketMessage(header, name, 0))


def _refuse(turn: Turn, client: int, result: Result) -> None:
    turn.answer(client, HeaderMessage(Header(Command.RESULT, turn.me, result=result)))


def _text(turn: Turn, client: int, text: bytes) -> None:
    turn.answer(client, TextMessage(Header(Command.LIST_REPLY, turn.me), text))


def grant(turn: Turn, ticket: Ticket, client: int, options: Option) -> None:
    """An administrator grants the ticket to this site."""
    insists = ticket.manual and Option.IMMEDIATE in options
    if not turn.world.is_site:
        results.answer(turn, ticket, client, Result.SYNC_FAIL)
    elif ticket.grant is not None:
        _join(turn, ticket, client, options)
    elif ticket.owned and not (insists and ticket.leader != turn.me):
        results.answer(turn, ticket, client, Result.OVERGRANT)
    elif not campaign.prerequisites_hold(turn, ticket, Mode.MANUAL):
        results.answer(turn, ticket, client, Result.PREREQUISITE_FAILED)
    else:
        _begin(turn, ticket, client, options)


def _join(turn: Turn, ticket: Ticket, client: int, options: Option) -> None:
    """The same is being asked for already: wait for its end together, its delay untouched."""
    if ticket.grant is None:
        return
    ticket.grant.clients[client] = options
    results.answer(turn, ticket, client, Result.MORE, final=False)


def _begin(turn: Turn, ticket: Ticket, client: int, options: Option) -> None:
    turn.note(Code.GRANTING, ticket)
    config = ticket.config
    longest_ms = config.expire_ms + config.acquire_after_ms
    at_once = Option.IMMEDIATE in options
    if at_once:
        turn.note(Code.GRANTING_AT_ONCE, ticket)
    commit_at_ms = None if at_once or ticket.manual else turn.mono_ms + longest_ms
    until_ms = turn.mono_ms + longest_ms + config.timeout_ms * (config.retries + 1)
    ticket.grant = Grant(until_ms, commit_at_ms, at_once, {client: options})
    results.answer(turn, ticket, client, Result.MORE, final=False)
    _try(turn, ticket, at_once=at_once)


def _try(turn: Turn, ticket: Ticket, *, at_once: bool) -> None:
    if ticket.state is State.CANDIDATE or ticket.handler is not None:
        return  # its outcome is the grant's
    if not ticket.manual:
        campaign.begin(turn, ticket)
    elif ticket.config.handler:
        leading.run_handler(turn, ticket, renewing=False, until_ms=turn.mono_ms + ticket.config.expire_ms)
    else:
        manual.take(turn, ticket, at_once=at_once)


def revoke(turn: Turn, ticket: Ticket, client: int, options: Option) -> None:
    """An administrator takes the ticket back, or the grant that is still on its way."""
    if ticket.grant is not None and ticket.leader != turn.me:
        turn.note(Code.GRANT_CANCELLED, ticket)
        give_up_grant(turn, ticket, Result.SYNC_FAIL)
        campaign.stop(turn, ticket)
        results.answer(turn, ticket, client, Result.SUCCESS)
    elif ticket.revokers:
        ticket.revokers[client] = options
    elif not ticket.owned:
        results.answer(turn, ticket, client, Result.TICKET_IDLE)
    elif ticket.leader != turn.me:
        results.answer(turn, ticket, client, Result.REDIRECT)
    else:
        leading.revoke(turn, ticket)
        ticket.revokers[client] = options
        leading.announce(turn, ticket)


def gone(ticket: Ticket, client: int) -> None:
    """A client has left. What it asked for goes on."""
    ticket.revokers.pop(client, None)
    if ticket.grant is not None:
        ticket.grant.clients.pop(client, None)
