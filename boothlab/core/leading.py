"""Holding a ticket: heartbeats, the lease they confirm, letting go in time, giving away.

The rule that everything rests on: our lease ends when the lease of the majority ends that
acknowledged it, at the latest, counted from when the heartbeat was sent, less a margin.
Pacemaker hears of a grant only within such a lease.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import cib, results, rounds
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.config.model import Role
from boothlab.core.effects import RunHandler
from boothlab.core.notes import Code, State
from boothlab.core.ticket import HandlerRun
from boothlab.core.transitions import give_up_grant, let_go, plan_campaign, released, remember

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

MANUAL_RENEWAL_MS: Final = 60_000
"""How often a manual ticket's holder says so."""


def win(turn: Turn, ticket: Ticket) -> None:
    """Begin to lead: the majority voted for us, and now has to acknowledge our lease."""
    ticket.state = State.LEADER
    ticket.leader = ticket.last_leader = turn.me
    ticket.led_term = ticket.term
    ticket.given_back_by = UNKNOWN
    ticket.confirmed = False
    ticket.wanted = True
    ticket.campaign_at_ms = ticket.election_ends_ms = None
    ticket.lease_end_ms = turn.mono_ms + ticket.config.expire_ms
    ticket.counters["terms_won"] += 1
    heartbeat(turn, ticket)


def resume(turn: Turn, ticket: Ticket, *, sure: bool) -> None:
    """Go on leading after a restart within the lease: heartbeats will tell whether we may.

    Args:
        turn: This step.
        ticket: The ticket; its lease end is set.
        sure: Whether we know the lease end ourselves, and not from the wall clock alone.
    """
    ticket.state = State.LEADER
    ticket.leader = ticket.last_leader = turn.me
    ticket.led_term = ticket.term
    ticket.confirmed = sure
    ticket.wanted = True
    if not sure:
        ticket.resume_limit_ms = turn.mono_ms + ticket.config.timeout_ms * (ticket.config.retries + 1)
    turn.note(Code.RESUMING, ticket)
    renew(turn, ticket)


def renew(turn: Turn, ticket: Ticket) -> None:
    """Begin a renewal: the handler first, where there is one."""
    ticket.renew_at_ms = None
    if ticket.config.handler and ticket.handler is None:
        until_ms = turn.mono_ms + ticket.config.expire_ms if ticket.manual else ticket.lease_end_ms
        run_handler(turn, ticket, renewing=True, until_ms=until_ms)
    elif ticket.handler is None:
        prolong(turn, ticket)


def prolong(turn: Turn, ticket: Ticket) -> None:
    """Renew the lease; in a new term if a member knows a newer one than ours, so that it can follow."""
    if ticket.floor_term <= ticket.term or not ticket.confirmed or ticket.manual:
        heartbeat(turn, ticket)
        return
    ticket.term, ticket.voted_for = ticket.floor_term + 1, turn.me
    remember(turn, ticket)
    turn.note(Code.STARTING_ELECTION, ticket, term=ticket.term)
    rounds.begin(turn, ticket, Command.REQUEST_VOTE, Reason.REACQUIRE)


def on_vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member votes for us: late, which tells that it does not hold the ticket, or in our next term."""
    if message.term != ticket.term or message.leader != turn.me:
        return
    if ticket.grant is not None:
        ticket.grant.heard.add(message.header.sender)
    this = ticket.round
    if this is None or this.command is not Command.REQUEST_VOTE:
        return
    this.answered.add(message.header.sender)
    if len(this.answered) >= turn.world.config.majority:
        ticket.led_term = ticket.term
        heartbeat(turn, ticket)


def run_handler(turn: Turn, ticket: Ticket, *, renewing: bool, until_ms: int) -> None:
    """Run the before-acquire-handler."""
    ticket.handler = HandlerRun(next(turn.world.requests), renewing, until_ms)
    expires_s = int(turn.now.wall_s(ticket.lease_end_ms))
    turn.emit(RunHandler(ticket.handler.request, ticket.config.name, expires_s))


def heartbeat(turn: Turn, ticket: Ticket) -> None:
    """Announce the lease to all others."""
    ticket.renew_at_ms = None
    # A lease from the CIB alone must not outweigh one that somebody knows of.
    unsure = ticket.resume_limit_ms is not None
    rounds.begin(turn, ticket, Command.HEARTBEAT, Reason.REACQUIRE if unsure else Reason.NONE)
    _count(turn, ticket)


def on_ack(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member acknowledges a heartbeat, an update, a revoke or a step-down."""
    this, sender = ticket.round, message.header.sender
    if this is None or not rounds.matches(ticket, message):
        return
    if this.command in (Command.HEARTBEAT, Command.UPDATE):
        if message.term != ticket.term or message.leader != turn.me:
            return  # its lease is somebody else's
        if ticket.grant is not None:
            ticket.grant.heard.add(sender)
    this.answered.add(sender)
    _count(turn, ticket)


def _count(turn: Turn, ticket: Ticket) -> None:
    """See what the answers amount to."""
    this = ticket.round
    if this is None:
        return
    majority = len(this.answered) >= turn.world.config.majority
    if majority and this.command is Command.HEARTBEAT and ticket.renew_at_ms is None:
        _confirm(turn, ticket, this.began_ms)
    if majority and this.command is Command.REVOKED:
        results.tell(turn, ticket, ticket.revokers, Result.SUCCESS)
    if this.command is Command.UPDATE and ticket.grant is not None:
        commit(turn, ticket)
    if ticket.round is this and len(this.answered) > len(turn.world.peers):
        ticket.round = None


def _confirm(turn: Turn, ticket: Ticket, began_ms: int) -> None:
    """Take the lease that a majority has acknowledged."""
    first, ticket.confirmed = not ticket.confirmed, True
    ticket.resume_limit_ms = None
    ticket.counters["renewals"] += 1
    if ticket.manual:
        ticket.renew_at_ms = turn.mono_ms + MANUAL_RENEWAL_MS
    else:
        ticket.lease_end_ms = began_ms + ticket.config.expire_ms
        ticket.free_at_ms = ticket.lease_end_ms + ticket.config.acquire_after_ms
        ticket.renew_at_ms = max(began_ms + ticket.config.renewal_ms, turn.mono_ms + 1)
        remember(turn, ticket)
    if first:
        turn.note(Code.GRANTED_HERE, ticket)
    if not ticket.manual:
        rounds.begin(turn, ticket, Command.UPDATE)
    commit(turn, ticket)
    if not turn.world.peers:
        ticket.round = None


def commit(turn: Turn, ticket: Ticket) -> None:
    """Tell Pacemaker that we hold the ticket, unless a grant is still held back."""
    grant = ticket.grant
    if grant is None:
        cib.tell(turn, ticket)
        return
    if grant.committing or cib.delayed(turn, ticket):
        return
    if grant.told_delay and grant.commit_at_ms is not None:
        over = grant.commit_at_ms <= turn.mono_ms
        turn.note(Code.DELAY_EXPIRED if over else Code.ALL_SITES_REPLIED, ticket)
    grant.committing = True
    grant.commit_at_ms = None
    cib.tell(turn, ticket)


def _tell_delay(turn: Turn, ticket: Ticket) -> None:
    """A site has not answered in time: the grant is held back, and who waits for it is told."""
    grant = ticket.grant
    if grant is None or grant.told_delay or grant.commit_at_ms is None or not ticket.confirmed:
        return
    grant.told_delay = True
    tries_ms = ticket.config.timeout_ms * (ticket.config.retries + 1)
    grant.until_ms = max(grant.until_ms, grant.commit_at_ms + tries_ms)
    turn.note(Code.DELAYING_COMMIT, ticket, seconds=(grant.commit_at_ms - turn.mono_ms) / 1000)
    results.tell(turn, ticket, grant.clients, Result.CIB_PENDING)


def committed(turn: Turn, ticket: Ticket) -> None:
    """Pacemaker has taken the grant: the administrator's wish is fulfilled."""
    if ticket.grant is not None and ticket.cib.maybe_granted and not cib.delayed(turn, ticket):
        grant, ticket.grant = ticket.grant, None
        results.tell(turn, ticket, grant.clients, Result.SUCCESS)


def lost(turn: Turn, ticket: Ticket) -> None:
    """Our lease is over without a renewal: let go, and try to get it back."""
    code = Code.HANDLER_TIMED_OUT if ticket.handler is not None else Code.LOST_MAJORITY
    turn.note(code, ticket)
    ticket.counters["leases_lost"] += 1
    let_go(turn, ticket, State.FOLLOWER)
    give_up_grant(turn, ticket, Result.SYNC_FAIL)
    plan_campaign(turn, ticket, Reason.REACQUIRE, ticket.config.timeout_ms)


def dethroned(turn: Turn, ticket: Ticket, code: Code, other: int) -> None:
    """Somebody else leads: two holders would be worse than none, so let go at once."""
    turn.note(code, ticket, site=turn.world.name_of(other))
    ticket.counters["leases_lost"] += 1
    let_go(turn, ticket, State.FOLLOWER)
    give_up_grant(turn, ticket, Result.OVERGRANT)


def on_reject(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member rejects our heartbeat: it follows somebody else, or knows a newer term.

    That is its own affair: the majority is with us, or the lease runs out. But who goes on
    after a restart on the word of the CIB alone believes anybody who knows better.
    """
    ticket.floor_term = max(ticket.floor_term, message.term)
    if ticket.resume_limit_ms is None or message.header.request == Command.REQUEST_VOTE:
        turn.note(Code.UNEXPECTED_REJECT, ticket, site=turn.world.name_of(message.header.sender))
        return
    dethroned(turn, ticket, Code.REJECTED_AS_LEADER, message.header.sender)
    plan_campaign(turn, ticket, Reason.REACQUIRE, ticket.config.timeout_ms)


def revoke(turn: Turn, ticket: Ticket) -> None:
    """Give the ticket back: here at once, then, when Pacemaker has let go, everywhere."""
    turn.note(Code.REVOKING, ticket)
    end_ms = max(ticket.lease_end_ms, turn.mono_ms) + ticket.config.acquire_after_ms
    _give_away(turn, ticket, NO_ONE, Command.REVOKED)
    tries_ms = ticket.config.timeout_ms * (ticket.config.retries + 1)
    # Whoever is not reached may take the ticket when our lease would have ended.
    ticket.revoke_until_ms = max(end_ms, turn.mono_ms + tries_ms)
    ticket.granted_at.discard(turn.me)


def step_down(turn: Turn, ticket: Ticket) -> None:
    """Give the ticket to another site: this one must not run it any more."""
    turn.note(Code.NOT_ALLOWED, ticket)
    if ticket.manual:  # no other site may take it of its own accord
        revoke(turn, ticket)
        return
    _give_away(turn, ticket, UNKNOWN, Command.VOTE_FOR)
    plan_campaign(turn, ticket, Reason.REACQUIRE, ticket.config.expire_ms)


def _give_away(turn: Turn, ticket: Ticket, leader: int, command: Command) -> None:
    let_go(turn, ticket, State.INIT, leader)
    give_up_grant(turn, ticket, Result.SYNC_FAIL)
    released(turn, ticket)
    remember(turn, ticket)
    ticket.announce = command
    announce(turn, ticket)


def announce(turn: Turn, ticket: Ticket) -> None:
    """Tell the others that we let go, once Pacemaker here has."""
    if ticket.announce is None or ticket.cib.maybe_granted or ticket.cib.running is not None:
        return
    command, ticket.announce = ticket.announce, None
    reason = Reason.ADMIN if command is Command.REVOKED else Reason.LOCAL_FAIL
    rounds.begin(turn, ticket, command, reason)
    _count(turn, ticket)


def resend(turn: Turn, ticket: Ticket) -> None:
    """Some have not answered: ask again, as often and as long as it is of use."""
    this = ticket.round
    assert this is not None  # noqa: S101 - the timer that calls this is the round's own
    exhausted = this.tries >= ticket.config.retries
    majority = len(this.answered) >= turn.world.config.majority
    if this.command is Command.REVOKED:
        exhausted = exhausted and turn.mono_ms >= ticket.revoke_until_ms
        if this.tries == 0:
            results.tell(turn, ticket, ticket.revokers, Result.MORE)
    if this.command is Command.UPDATE:
        _tell_delay(turn, ticket)
    if not exhausted:
        _tell_missing(turn, ticket)
        rounds.resend(turn, ticket)
        return
    ticket.round = None
    turn.note(Code.GIVING_UP_RETRIES, ticket)
    if this.command is Command.REVOKED and not majority:
        results.tell(turn, ticket, ticket.revokers, Result.SYNC_FAIL)
    if this.command is Command.HEARTBEAT and not majority:
        _no_majority(turn, ticket)


def _no_majority(turn: Turn, ticket: Ticket) -> None:
    """All tries of a heartbeat are used up: begin anew while the lease lasts.

    A manual grant needs no majority: who granted it has decided.
    """
    if not ticket.manual:
        renew(turn, ticket)
        return
    ticket.confirmed = True
    ticket.renew_at_ms = turn.mono_ms + MANUAL_RENEWAL_MS
    commit(turn, ticket)


def _tell_missing(turn: Turn, ticket: Ticket) -> None:
    """Say who has not answered, once a round."""
    this = ticket.round
    if this is None or this.tries:
        return
    for number, peer in turn.world.peers.items():
        if number not in this.answered:
            turn.note(
                Code.NO_ACKNOWLEDGEMENT,
                ticket,
                role="site" if peer.config.role is Role.SITE else "arbitrator",
                site=peer.config.address,
                command=this.command.name.lower(),
                retries=ticket.config.retries,
            )
