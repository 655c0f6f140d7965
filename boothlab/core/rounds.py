"""Messages about a ticket: what stands in them, and sending them until everybody has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import announce, wire
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.config.model import TimeScale
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.ticket import Round

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

_MS_PER_S: Final = 1000
_VOTE_RESENDS: Final = 4
_VOTE_RESEND_MIN_MS: Final = 10


def begin(turn: Turn, ticket: Ticket, command: Command, reason: Reason = Reason.NONE) -> None:
    """Send a message to all other members and wait for their answers."""
    ticket.round_number = (ticket.round_number + 1) & announce.ROUND_BITS
    ticket.round = Round(
        command,
        reason,
        ticket.round_number,
        turn.mono_ms,
        turn.mono_ms + _interval_ms(ticket, command),
        {turn.me},
    )
    turn.send(_message(turn, ticket, ticket.round), turn.world.peers)


def resend(turn: Turn, ticket: Ticket) -> None:
    """Send the round's message again to those who have not answered."""
    this = ticket.round
    assert this is not None  # noqa: S101 - the timer that calls this is the round's own
    this.tries += 1
    this.resend_at_ms = turn.mono_ms + _interval_ms(ticket, this.command)
    missing = [number for number in turn.world.peers if number not in this.answered]
    turn.send(_message(turn, ticket, this), missing, again=True)


def matches(ticket: Ticket, message: TicketMessage) -> bool:
    """Return whether a message answers the round that runs.

    Members of our kind say which round they answer. The others' answers cannot be told
    apart from late ones to the round before: packets to and from them must not travel
    longer than the time between two renewals.
    """
    this = ticket.round
    if this is None or message.header.request != this.command:
        return False
    answered = announce.round_of(message.header.options)
    return answered is None or answered == this.number


def _interval_ms(ticket: Ticket, command: Command) -> int:
    if command is Command.REQUEST_VOTE:
        return max(ticket.config.timeout_ms // _VOTE_RESENDS, _VOTE_RESEND_MIN_MS)
    return ticket.config.timeout_ms


def _message(turn: Turn, ticket: Ticket, this: Round) -> TicketMessage:
    header = Header(this.command, turn.me, reason=this.reason, options=announce.options(this.number))
    return TicketMessage(
        header,
        ticket.config.name,
        _leader(turn, ticket, this.command),
        ticket.term,
        _valid(turn, ticket, this),
    )


def _leader(turn: Turn, ticket: Ticket, command: Command) -> int:
    if command is Command.REQUEST_VOTE:
        return turn.me
    return ticket.leader if ticket.owned else NO_ONE


def _valid(turn: Turn, ticket: Ticket, this: Round) -> int:
    """Return the lease to announce.

    A heartbeat announces the whole lease that its acknowledgement will make valid. An update
    sent again is rounded up: a follower must never believe in a shorter lease than its leader.
    """
    scale = turn.world.config.scale
    if this.command is Command.HEARTBEAT:
        return wire.valid_to_wire(0 if ticket.manual else ticket.config.expire_ms, scale)
    left = ticket.left_ms(turn.mono_ms)
    if this.command is Command.UPDATE:
        left = ticket.config.expire_ms if this.tries == 0 else left
        left += _MS_PER_S - 1 if scale is TimeScale.SECONDS else 0
    return wire.valid_to_wire(left, scale)


def reply(
    turn: Turn, ticket: Ticket, to: TicketMessage, command: Command, *, leader: int | None = None
) -> None:
    """Answer a peer's message with what we know about the ticket."""
    field = leader if leader is not None else (ticket.leader if ticket.owned else NO_ONE)
    _answer(turn, ticket, to, command, field)


def reject(turn: Turn, ticket: Ticket, to: TicketMessage, result: Result) -> None:
    """Reject a peer's message, naming whom we believe in.

    A candidate that learns of a newer term goes beyond it only if it is told of a site that
    leads or may lead, so one is named even when none is certain.
    """
    known = (ticket.leader, ticket.voted_for, ticket.last_leader)
    named = next((each for each in known if each not in (UNKNOWN, NO_ONE)), NO_ONE)
    leader = NO_ONE if result is Result.YOU_OUTDATED else named
    _answer(turn, ticket, to, Command.REJECTED, leader, result)


def _answer(
    turn: Turn,
    ticket: Ticket,
    to: TicketMessage,
    command: Command,
    leader: int,
    result: Result = Result.SUCCESS,
) -> None:
    number = announce.round_of(to.header.options) or 0
    header = Header(
        command, turn.me, request=to.header.command, result=result, options=announce.options(number)
    )
    valid = wire.valid_to_wire(ticket.left_ms(turn.mono_ms), turn.world.config.scale)
    outdated = result is Result.TERM_OUTDATED
    term = max(ticket.term, ticket.spent_term) if outdated else ticket.term
    turn.send(TicketMessage(header, ticket.config.name, leader, term, valid), (to.header.sender,))
