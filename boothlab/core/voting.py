"""Voting: once a term, and never while anybody else may hold the ticket.

Together with ``leading`` this is why two sites never hold a ticket at once: a majority
acknowledged the holder's lease, a majority votes, and whoever is in both keeps its word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import campaign, rounds
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result, code_text
from boothlab.core.notes import Code, State
from boothlab.core.transitions import quit_all, remember

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def on_request(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A site asks for our vote."""
    _consider(turn, ticket, message, turn.mono_ms)


def _consider(turn: Turn, ticket: Ticket, message: TicketMessage, came_ms: int) -> None:
    ticket.deferred = None
    sender = message.header.sender
    if ticket.manual or sender not in turn.world.site_ids() or message.leader != sender:
        turn.note(Code.UNEXPECTED_MESSAGE, ticket, command="RVot", site=turn.world.name_of(sender))
        return
    refusal = _refusal(turn, ticket, message)
    if refusal is not None:
        _refuse(turn, ticket, message, refusal)
    elif _must_wait(turn, ticket, message):
        ticket.deferred = (came_ms, message)
    else:
        _vote(turn, ticket, message)


def _refusal(turn: Turn, ticket: Ticket, message: TicketMessage) -> Result | None:
    """Return why this site cannot have our vote, if it cannot have it any time soon."""
    admin = message.header.reason == Reason.ADMIN
    if ticket.leader == NO_ONE and ticket.state is State.INIT and not admin:
        return Result.YOU_OUTDATED
    if _free_in_ms(turn, ticket, message) > ticket.config.timeout_ms:
        return Result.TERM_STILL_VALID
    if ticket.owned and ticket.leader != message.header.sender and ticket.left_ms(turn.mono_ms):
        return Result.TERM_STILL_VALID
    return Result.TERM_OUTDATED if message.term < ticket.term or message.term <= ticket.spent_term else None


def _free_in_ms(turn: Turn, ticket: Ticket, message: TicketMessage) -> int:
    """Return how long the ticket still belongs to another site than the one that asks.

    An administrator's grant does not wait for acquire-after: the site itself holds it back
    from Pacemaker for longer than that, unless all sites answer. A candidate of another kind
    ends an election in which the old leader is silent only after a timeout, so there is no
    need to wait for that leader's last timeout as well.
    """
    if message.header.sender in (ticket.leader, ticket.last_leader):
        return 0
    wait_ms = ticket.free_at_ms - turn.mono_ms
    if message.header.reason == Reason.ADMIN:
        wait_ms -= ticket.config.acquire_after_ms
    if not turn.world.peers[message.header.sender].ours:
        wait_ms -= ticket.leader_late_ms
    return max(0, wait_ms)


def _must_wait(turn: Turn, ticket: Ticket, message: TicketMessage) -> bool:
    """Return whether our answer has to wait.

    For a lease that is all but over; for Pacemaker here, which may still have the ticket
    granted; and after a start without memory, for the longest lease that we may have
    promised: unless an administrator grants, who is answered for by the candidate's delay.
    """
    if _free_in_ms(turn, ticket, message) > 0:
        return True
    if turn.world.is_site and (ticket.cib.maybe_granted or not ticket.cib.known):
        return True
    return ticket.fresh_until_ms is not None and message.header.reason != Reason.ADMIN


def _refuse(turn: Turn, ticket: Ticket, message: TicketMessage, result: Result) -> None:
    turn.note(
        Code.REJECTING_ELECTION,
        ticket,
        site=turn.world.name_of(message.header.sender),
        reason=code_text(message.header.reason),
        why=code_text(result),
    )
    rounds.reject(turn, ticket, message, result)


def _vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    sender = message.header.sender
    if message.term > ticket.term:
        _enter_term(turn, ticket, message.term)
    if ticket.voted_for == UNKNOWN and _led_by_other(turn, ticket, sender):
        _refuse(turn, ticket, message, Result.TERM_OUTDATED)
        return
    if ticket.voted_for == UNKNOWN:
        ticket.voted_for, ticket.voted_at_ms = sender, turn.mono_ms
        remember(turn, ticket)
        campaign.after_vote(turn, ticket)
    rounds.reply(turn, ticket, message, Command.VOTE_FOR, leader=ticket.voted_for)


def _led_by_other(turn: Turn, ticket: Ticket, sender: int) -> bool:
    """Return whether another site has led this very term.

    Also if it has revoked the ticket since, but then a candidate of another kind is let pass:
    told that its term is outdated, and of no leader, it would never try again.
    """
    if ticket.leader == NO_ONE and not turn.world.peers[sender].ours:
        return False
    return ticket.led_term == ticket.term and sender not in (ticket.leader, ticket.last_leader)


def _enter_term(turn: Turn, ticket: Ticket, term: int) -> None:
    """Leave our own election, if there is one, for a newer term."""
    quit_all(turn, ticket)
    ticket.term, ticket.voted_for = term, UNKNOWN
    if ticket.owned:
        ticket.last_leader = ticket.leader
    ticket.leader = UNKNOWN if ticket.leader != NO_ONE else NO_ONE
    ticket.state = State.FOLLOWER


def reconsider(turn: Turn, ticket: Ticket) -> None:
    """Answer a request that had to wait, unless it is so old that the election is over."""
    if ticket.deferred is None:
        return
    came_ms, message = ticket.deferred
    if turn.mono_ms - came_ms <= ticket.config.timeout_ms:
        _consider(turn, ticket, message, came_ms)
    else:
        ticket.deferred = None
