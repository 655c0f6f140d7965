"""Datagrams from other members: who sent it, whether it is sound, and who deals with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import announce, auth, campaign, following, leading, manual, status, voting, wire
from boothlab.core.codes import NO_ONE, OPTS_ATTRIBUTE, Command, code_text
from boothlab.core.notes import Code, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.core.events import Datagram
    from boothlab.core.messages import Header, TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Peer, Turn

    Act = Callable[[Turn, Ticket, TicketMessage], None]


def receive(turn: Turn, tickets: Mapping[str, Ticket], event: Datagram) -> Ticket | None:
    """Deal with a datagram; return the ticket it was about, None if it is good for nothing."""
    number = wire.peek_sender(event.data)
    peer = turn.world.peers.get(number) if number is not None else None
    if peer is None:
        turn.note(Code.UNKNOWN_SENDER, sender=f"{(number or 0) & 0x7FFFFFFF:08x}", source=event.source)
        return None
    peer.received += 1
    header = _sound_header(turn, peer, event.data)
    if header is None or not _authentic(turn, peer, event.data, header):
        return None
    peer.last_heard_us = turn.now.wall_us
    peer.ours = announce.is_ours(header.options)
    if header.opts & OPTS_ATTRIBUTE:
        turn.note(Code.UNEXPECTED_ATTRIBUTE, site=peer.config.address)
        return None
    found = _about_ticket(turn, peer, tickets, event.data)
    if found is not None:
        ticket, message = found
        _act(ticket, message)(turn, ticket, message)
        return ticket
    return None


def _sound_header(turn: Turn, peer: Peer, data: bytes) -> Header | None:
    try:
        header, length = wire.decode_header(data)
        if length != len(data):
            raise wire.WireError(f"it says it has {length} bytes and has {len(data)}")  # noqa: TRY301
    except wire.WireError as error:
        peer.receive_errors += 1
        turn.note(Code.RECEIVE_ERROR, site=peer.config.address, reason=str(error))
        return None
    return header


def _authentic(turn: Turn, peer: Peer, data: bytes, header: Header) -> bool:
    if turn.world.key is None:
        return True
    try:
        auth.verify(data, turn.world.key)
    except auth.AuthError as error:
        return _not_authentic(turn, peer, str(error))
    verdict = turn.world.stamps.accept(header.sender, header.stamp_us, turn.now.wall_us)
    return verdict is auth.Verdict.ACCEPTED or _not_authentic(turn, peer, verdict.value)


def _not_authentic(turn: Turn, peer: Peer, reason: str) -> bool:
    peer.auth_failures += 1
    turn.note(Code.PEER_NOT_AUTHENTIC, site=peer.config.address, reason=reason)
    return False


def _about_ticket(
    turn: Turn, peer: Peer, tickets: Mapping[str, Ticket], data: bytes
) -> tuple[Ticket, TicketMessage] | None:
    try:
        message = wire.decode_ticket(data)
    except wire.WireError as error:
        _invalid(turn, peer, str(error))
        return None
    reason = _wrong(turn, tickets, message)
    if reason:
        _invalid(turn, peer, reason)
        return None
    return tickets[message.ticket], message


def _wrong(turn: Turn, tickets: Mapping[str, Ticket], message: TicketMessage) -> str:
    """Return what is wrong with a message's content, nothing if it is sound."""
    if message.ticket not in tickets:
        return f"got invalid ticket name {message.ticket}"
    if message.leader != NO_ONE and turn.world.config.member(message.leader) is None:
        return f"message with unknown leader {message.leader} received"
    return f"got invalid term {message.term}" if message.term > campaign.MAX_TERM else ""


def _invalid(turn: Turn, peer: Peer, reason: str) -> None:
    peer.invalid += 1
    turn.note(Code.INVALID_MESSAGE, site=peer.config.address, reason=reason)


def _act(ticket: Ticket, message: TicketMessage) -> Act:
    """Return who deals with a message about this ticket."""
    by_command = _MANUAL if ticket.manual else _AUTO
    return by_command.get(message.header.command, _unexpected)


def _vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A vote, or, without having been asked and for no one, a leader's step-down."""
    stepping_down = message.leader == NO_ONE and message.header.request != Command.REQUEST_VOTE
    vote = leading.on_vote if ticket.state is State.LEADER else campaign.on_vote
    act = following.on_step_down if stepping_down else vote
    act(turn, ticket, message)


def _reject(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    act = leading.on_reject if ticket.state is State.LEADER else campaign.on_reject
    act(turn, ticket, message)


def _unexpected(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    command = code_text(message.header.command)
    turn.note(Code.UNKNOWN_MESSAGE, ticket, command=command, site=turn.world.name_of(message.header.sender))


_AUTO: Mapping[int, Act] = {
    Command.STATUS: status.on_status,
    Command.MY_INDEX: status.on_index,
    Command.REQUEST_VOTE: voting.on_request,
    Command.VOTE_FOR: _vote,
    Command.HEARTBEAT: following.on_heartbeat,
    Command.UPDATE: following.on_update,
    Command.ACK: leading.on_ack,
    Command.REVOKED: following.on_revoke,
    Command.REJECTED: _reject,
}
_MANUAL: Mapping[int, Act] = {
    Command.STATUS: status.on_status,
    Command.MY_INDEX: status.on_index,
    Command.HEARTBEAT: manual.on_heartbeat,
    Command.UPDATE: manual.on_heartbeat,
    Command.ACK: leading.on_ack,
    Command.REVOKED: manual.on_revoke,
    Command.REJECTED: _reject,
}
