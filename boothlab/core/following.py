"""Following a leader: heartbeats and updates, and the ways in which a lease ends.

What we acknowledge is a promise: until the lease is over, nobody else gets our vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import campaign, cib, leading, rounds, wire
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.config.model import TimeScale
from boothlab.core.notes import Code, State
from boothlab.core.transitions import (
    give_up_grant,
    let_go,
    plan_campaign,
    quit_all,
    released,
    remember,
)

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

_ROUNDING_MS: Final = 1_000
"""It announces whole seconds, rounded down."""


def on_heartbeat(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A leader says that it leads: acknowledge it, or reject it."""
    if _accepts(turn, ticket, message) and _may_follow(turn, ticket):
        follow(turn, ticket, message)
        _acknowledge(turn, ticket, message)


def on_update(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A leader's lease was confirmed: Pacemaker here hears of it, for whoever reads it after us."""
    if _accepts(turn, ticket, message) and _may_follow(turn, ticket):
        follow(turn, ticket, message)
        cib.tell(turn, ticket)
        _acknowledge(turn, ticket, message)


def _acknowledge(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    remember(turn, ticket)
    rounds.reply(turn, ticket, message, Command.ACK)


def _accepts(turn: Turn, ticket: Ticket, message: TicketMessage) -> bool:
    """Return whether the sender may be the leader, and reject it or give way if it may not."""
    sender = message.header.sender
    if message.leader != sender or sender not in turn.world.site_ids():
        turn.note(Code.UNEXPECTED_MESSAGE, ticket, command="HrtB", site=turn.world.name_of(sender))
        return False
    if is_overtaken(ticket, message):
        return False
    if message.term < ticket.term and not campaign.abandon(turn, ticket, message):
        names = {"theirs": message.term, "ours": ticket.term}
        turn.note(Code.LOWER_TERM, ticket, site=turn.world.name_of(sender), **names)
        rounds.reject(turn, ticket, message, Result.TERM_OUTDATED)
        return False
    if ticket.leader == turn.me and ticket.state is State.LEADER:
        _meet_leader(turn, ticket, message)
        return False
    if _holds_other(turn, ticket, message):
        turn.note(Code.DIFFERENT_LEADER, ticket, site=turn.world.name_of(sender))
        rounds.reject(turn, ticket, message, Result.TERM_STILL_VALID)
        return False
    return True


def is_overtaken(ticket: Ticket, message: TicketMessage) -> bool:
    """Return whether a leader sent this before it gave the ticket back, though it comes after that."""
    gone = ticket.given_back_by == message.header.sender and not ticket.owned
    return gone and message.term <= ticket.led_term == ticket.term


def _meet_leader(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """Another site says that it leads while we do: give way, unless it has that from its CIB alone."""
    if message.header.reason == Reason.REACQUIRE and ticket.confirmed:
        rounds.reject(turn, ticket, message, Result.TERM_STILL_VALID)
    else:
        leading.dethroned(turn, ticket, Code.GRANTED_ELSEWHERE_TOO, message.header.sender)


def _holds_other(turn: Turn, ticket: Ticket, message: TicketMessage) -> bool:
    """Return whether we promised another site to wait for its lease.

    Even a newer leader has to do without us then: the majority that elected it made no such
    promise, or its lease was over.
    """
    other = message.header.sender not in (ticket.leader, ticket.last_leader)
    return other and ticket.left_ms(turn.mono_ms) > 0


def _may_follow(turn: Turn, ticket: Ticket) -> bool:
    """Return whether Pacemaker here has surely let go of the ticket; hurry it if not.

    A leader counts on us: it must not tell its own Pacemaker before ours has let go.
    """
    if not turn.world.is_site or (ticket.cib.known and not ticket.cib.maybe_granted):
        return True
    if ticket.cib.known and ticket.cib.running is None:
        cib.tell(turn, ticket)
    return False


def follow(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """Believe in a leader, for as long as it says, and longer where it may be late."""
    leader = message.leader
    again = ticket.leader == leader and ticket.term == message.term and ticket.state is State.FOLLOWER
    if not again:
        quit_all(turn, ticket)
        turn.note(Code.GRANTED_AT, ticket, leader=turn.world.name_of(leader))
    give_up_grant(turn, ticket, Result.OVERGRANT)
    if message.term > ticket.term:
        ticket.term, ticket.voted_for = message.term, UNKNOWN
    ticket.led_term = message.term
    ticket.state, ticket.leader, ticket.last_leader = State.FOLLOWER, leader, leader
    ticket.given_back_by = UNKNOWN
    ticket.wanted, ticket.campaign_at_ms = True, None
    lease_end_ms, let_go_ms = lease(turn, ticket, message)
    free_at_ms = let_go_ms + ticket.config.acquire_after_ms
    ticket.leader_late_ms = 0 if _is_ours(turn, leader) else ticket.config.timeout_ms
    ticket.lease_end_ms = max(lease_end_ms, ticket.lease_end_ms) if again else lease_end_ms
    ticket.free_at_ms = max(free_at_ms, ticket.free_at_ms)  # what we promised before still holds


def lease(turn: Turn, ticket: Ticket, message: TicketMessage) -> tuple[int, int]:
    """Return when the lease that a message tells of ends, and when its leader has surely let go.

    One of our kind lets go before the end that it announces. ClusterLabs booth extends its
    lease to the full when a majority acknowledges a heartbeat, though the heartbeat announces
    only what is left of the old one; it announces whole seconds rounded down; and it looks
    at the end of its lease only when a timeout or its polling wakes it up.
    """
    config = ticket.config
    valid_ms = min(wire.valid_from_wire(message.valid, turn.world.config.scale), config.expire_ms)
    lease_end_ms = turn.mono_ms + valid_ms
    if _is_ours(turn, message.leader):
        return lease_end_ms, lease_end_ms
    rounding_ms, late_ms = _late_ms(turn, ticket)
    if message.header.command == Command.HEARTBEAT:
        return lease_end_ms, turn.mono_ms + config.expire_ms + late_ms
    return lease_end_ms, lease_end_ms + rounding_ms + late_ms


def _late_ms(turn: Turn, ticket: Ticket) -> tuple[int, int]:
    """Return by how much ClusterLabs booth rounds a lease down, and how late it may be to let go."""
    rounding_ms = _ROUNDING_MS if turn.world.config.scale is TimeScale.SECONDS else 0
    return rounding_ms, ticket.config.timeout_ms + turn.world.config.poll_ms


def longest_ms(turn: Turn, ticket: Ticket) -> int:
    """Return for how long the ticket may belong to another site, because of what we acknowledge now."""
    return ticket.config.expire_ms + sum(_late_ms(turn, ticket)) + ticket.config.acquire_after_ms


def _is_ours(turn: Turn, member: int) -> bool:
    peer = turn.world.peers.get(member)
    return peer is not None and peer.ours


def expired(turn: Turn, ticket: Ticket) -> None:
    """The leader's lease is over: the ticket is lost, and its next home is looked for."""
    turn.note(Code.LOST_AT, ticket, leader=turn.world.name_of(ticket.leader))
    let_go(turn, ticket, State.FOLLOWER)
    plan_campaign(turn, ticket, Reason.TICKET_LOST)


def on_step_down(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A leader gives the ticket away: another site may have it at once."""
    sender = message.header.sender
    if ticket.leader != sender or message.term < ticket.term:
        turn.note(Code.VOTES_FOR_NONE, ticket, site=turn.world.name_of(sender))
    else:
        turn.note(Code.TICKET_RELEASE, ticket, site=turn.world.name_of(sender))
        if _is_ours(turn, sender):  # others may lead in the same term again
            ticket.given_back_by = sender
        let_go(turn, ticket, State.FOLLOWER)
        released(turn, ticket)
        plan_campaign(turn, ticket, Reason.STEPDOWN)
    _acknowledge(turn, ticket, message)


def on_revoke(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A leader has revoked the ticket: nobody holds it, until an administrator grants it again."""
    sender = message.header.sender
    if message.term < ticket.term and not campaign.abandon(turn, ticket, message):
        return  # an old one: we have moved on
    if ticket.leader not in (sender, UNKNOWN, NO_ONE):
        turn.note(Code.REVOKE_NOT_GRANTED, ticket, site=turn.world.name_of(sender))
        return
    if ticket.leader != NO_ONE or message.term > ticket.led_term:
        turn.note(Code.REVOKES, ticket, site=turn.world.name_of(sender))
        ticket.term = ticket.led_term = message.term
        ticket.given_back_by = sender
        let_go(turn, ticket, State.INIT, NO_ONE)
        released(turn, ticket)
        if ticket.grant is not None:
            # The administrator here wants it now as before.
            ticket.campaign_at_ms = turn.mono_ms + ticket.config.timeout_ms
    _acknowledge(turn, ticket, message)
