"""Running for a ticket: who may, the votes, and what rejections teach.

An election ends with the majority's last vote, or as soon as it cannot be won.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import cib, following, leading, results, rounds
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result, code_text
from boothlab.core.config.model import Mode
from boothlab.core.notes import Code, State
from boothlab.core.transitions import give_up_grant, plan_campaign, quit_all, remember

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

MAX_TERM: Final = 0x7FFFFFFF
"""Terms beyond are nobody's: at one a second it takes 68 years to get there."""
_RETRY_MAX_MS: Final = 1_000


def prerequisites_hold(turn: Turn, ticket: Ticket, grant: Mode) -> bool:
    """Return whether the attributes are as ``attr-prereq`` wants them for this kind of grant."""
    for each in ticket.config.prerequisites:
        stored = ticket.attributes.get(each.name)
        value = stored.value if stored else None
        if each.grant is grant and (value == each.value) is not each.equal:
            if not ticket.told_prerequisite:
                turn.note(Code.PREREQUISITE_FAILED, ticket, name=each.name)
            ticket.told_prerequisite = True
            return False
    ticket.told_prerequisite = False
    return True


def begin(turn: Turn, ticket: Ticket) -> None:
    """The time for a campaign has come: check that we may, run the handler, ask for votes."""
    ticket.campaign_at_ms = None
    if ticket.state is State.LEADER or ticket.handler is not None:
        return
    if ticket.grant is None and not ticket.wanted:
        return
    wait_ms = _not_before_ms(turn, ticket) - turn.mono_ms
    if wait_ms > 0:
        ticket.campaign_at_ms = turn.mono_ms + wait_ms
    elif ticket.grant is None and not prerequisites_hold(turn, ticket, Mode.AUTO):
        ticket.campaign_at_ms = turn.mono_ms + ticket.config.timeout_ms
    elif ticket.config.handler:
        leading.run_handler(turn, ticket, renewing=False, until_ms=turn.mono_ms + ticket.config.expire_ms)
    else:
        start_election(turn, ticket)


def _not_before_ms(turn: Turn, ticket: Ticket) -> int:
    """Return the earliest moment for a campaign: acquire-after is kept here, whatever woke us up."""
    earliest_ms = turn.mono_ms
    if ticket.grant is None and ticket.fresh_until_ms is not None:
        earliest_ms = max(earliest_ms, ticket.fresh_until_ms)
    if ticket.owned and ticket.leader != turn.me:
        earliest_ms = max(earliest_ms, ticket.lease_end_ms)
    if ticket.grant is None and ticket.last_leader != turn.me:
        earliest_ms = max(earliest_ms, ticket.free_at_ms)
    return earliest_ms


def start_election(turn: Turn, ticket: Ticket) -> None:
    """Vote for ourselves, in a term that nobody has led and where we voted for nobody else."""
    term = max(ticket.term, ticket.floor_term)
    spent = ticket.led_term >= term or ticket.voted_for not in (UNKNOWN, turn.me) or term > ticket.term
    term += spent
    if term > MAX_TERM:
        return
    quit_all(turn, ticket)
    _delay_commit(turn, ticket)
    ticket.voted_for, ticket.term = turn.me, term
    ticket.state, ticket.leader = State.CANDIDATE, UNKNOWN
    ticket.votes[turn.me] = turn.me
    ticket.election_ends_ms = turn.mono_ms + ticket.config.timeout_ms
    ticket.counters["elections"] += 1
    remember(turn, ticket)
    reason = Reason.ADMIN if ticket.grant is not None else ticket.reason
    if spent or ticket.grant is not None or ticket.counters["elections"] == 1:
        turn.note(Code.STARTING_ELECTION, ticket, term=term)
    rounds.begin(turn, ticket, Command.REQUEST_VOTE, reason)
    _decide(turn, ticket)


def _delay_commit(turn: Turn, ticket: Ticket) -> None:
    """Count the delay of an administrator's grant from this election, not from the request.

    Who votes for it may have acknowledged another site's lease until now, and lost its memory.
    """
    config, grant = ticket.config, ticket.grant
    if grant is not None and grant.commit_at_ms is not None:
        grant.commit_at_ms = turn.mono_ms + config.expire_ms + config.acquire_after_ms


def abandon(turn: Turn, ticket: Ticket, message: TicketMessage) -> bool:
    """Give up a term that came to nothing for a leader with a lower one; return whether we could.

    Nobody is known to have led it: it is a candidacy of our own, or a vote for one whose election
    must be over, or the CIB alone knows of it. So who led the last term may go on with it. Leases
    exclude each other by themselves; and we neither run nor vote in the abandoned term again.
    """
    led_before = message.header.sender == ticket.last_leader and message.term >= ticket.led_term
    old_ms = 0 if ticket.voted_for == turn.me else 2 * ticket.config.timeout_ms
    nothing = led_before and turn.mono_ms - ticket.voted_at_ms >= old_ms
    if ticket.state is State.LEADER or not (nothing or ticket.term_is_hint):
        return False
    ticket.floor_term = max(ticket.floor_term, ticket.term)
    if not ticket.term_is_hint:
        ticket.spent_term = max(ticket.spent_term, ticket.term)
    ticket.term, ticket.voted_for = message.term, UNKNOWN
    if ticket.state is State.CANDIDATE:
        ticket.state = State.FOLLOWER
    return True


def on_vote(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member tells whom it votes for."""
    sender, candidate = message.header.sender, message.leader
    if ticket.state is not State.CANDIDATE or ticket.round is None:
        turn.note(Code.CANDIDATE_STATUS_LOST, ticket, site=turn.world.name_of(sender))
        return
    if message.term != ticket.term or message.header.request != Command.REQUEST_VOTE:
        ticket.floor_term = max(ticket.floor_term, message.term)
        return
    ticket.round.answered.add(sender)
    if ticket.votes.setdefault(sender, candidate) != candidate:
        turn.note(Code.VOTE_CHANGED, ticket, site=turn.world.name_of(sender))
    elif candidate == turn.me and ticket.grant is not None:
        ticket.grant.heard.add(sender)
    _decide(turn, ticket)


def _decide(turn: Turn, ticket: Ticket) -> None:
    """End the election if its outcome is certain."""
    mine = sum(1 for candidate in ticket.votes.values() if candidate == turn.me)
    silent = len(turn.world.config.members) - len(ticket.votes.keys() | ticket.rejected)
    if mine >= turn.world.config.majority:
        leading.win(turn, ticket)
    elif mine + silent < turn.world.config.majority:
        lose_election(turn, ticket)


def lose_election(turn: Turn, ticket: Ticket) -> None:
    """Nobody won, or not we: try again after a random while, so that rivals do not keep in step."""
    if ticket.claim is not None:
        _wait_for_leader(turn, ticket, ticket.claim)
        return
    if ticket.grant is not None or ticket.rejected:
        turn.note(Code.NOBODY_WON, ticket)
    if any(candidate != turn.me for candidate in ticket.votes.values()):
        ticket.floor_term = max(ticket.floor_term, ticket.term + 1)  # its votes are spent
    quit_all(turn, ticket)
    ticket.state = State.FOLLOWER
    if ticket.grant is not None:
        results.tell(turn, ticket, ticket.grant.clients, Result.MORE)
    ticket.campaign_at_ms = turn.mono_ms + _random_wait_ms(turn, ticket)


def _random_wait_ms(turn: Turn, ticket: Ticket) -> int:
    return turn.world.rng.randint(1, max(1, min(ticket.config.timeout_ms, _RETRY_MAX_MS)))


def on_reject(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member refuses to vote: learn why."""
    header = message.header
    if ticket.state is not State.CANDIDATE or header.request != Command.REQUEST_VOTE:
        turn.note(
            Code.UNEXPECTED_REJECT,
            ticket,
            site=turn.world.name_of(header.sender),
            reason=code_text(header.result),
        )
        return
    spent = header.result == Result.TERM_OUTDATED
    ticket.floor_term = max(ticket.floor_term, message.term + spent)
    if header.result == Result.YOU_OUTDATED:
        _revoked_meanwhile(turn, ticket, message)
        return
    turn.note(Code.ELECTION_REJECTED, ticket, site=turn.world.name_of(header.sender))
    ticket.rejected.add(header.sender)
    if message.valid and message.leader != turn.me and message.leader in turn.world.site_ids():
        ticket.claim = message
    if ticket.claim is message and not _votes_prove(turn, message):
        _wait_for_leader(turn, ticket, message)
    else:
        _decide(turn, ticket)


def _revoked_meanwhile(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    turn.note(Code.OUTDATED_AND_REVOKED, ticket, site=turn.world.name_of(message.header.sender))
    quit_all(turn, ticket)
    ticket.state, ticket.leader, ticket.last_leader = State.INIT, NO_ONE, UNKNOWN
    ticket.wanted = False
    ticket.term = max(ticket.term, message.term)
    remember(turn, ticket)
    cib.tell(turn, ticket)


def _votes_prove(turn: Turn, message: TicketMessage) -> bool:
    """Return whether a majority's votes outweigh a rejection that names a holder.

    Among members of our kind they prove that no lease is valid, so one that thinks otherwise
    only withholds its vote. Others' leases can end before that of their leader.
    """
    return turn.world.peers[message.leader].ours and turn.world.peers[message.header.sender].ours


def _wait_for_leader(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    turn.note(
        Code.GRANTED_ELSEWHERE,
        ticket,
        site=turn.world.name_of(message.header.sender),
        leader=turn.world.name_of(message.leader),
    )
    quit_all(turn, ticket)
    ticket.state, ticket.leader = State.FOLLOWER, message.leader
    ticket.last_leader, ticket.wanted = message.leader, True
    ticket.lease_end_ms, let_go_ms = following.lease(turn, ticket, message)
    ticket.free_at_ms = max(ticket.free_at_ms, let_go_ms + ticket.config.acquire_after_ms)
    give_up_grant(turn, ticket, Result.OVERGRANT)


def handler_succeeded(turn: Turn, ticket: Ticket) -> None:
    """The site may hold the ticket: on to the election, if it is still ours to ask for."""
    if ticket.grant is not None or ticket.wanted:
        ticket.campaign_at_ms = None
        wait_ms = _not_before_ms(turn, ticket) - turn.mono_ms
        if wait_ms > 0:
            plan_campaign(turn, ticket, ticket.reason)
        else:
            start_election(turn, ticket)


def handler_refused(turn: Turn, ticket: Ticket) -> None:
    """The site must not hold the ticket now: ask again later if it is still without a home."""
    turn.note(Code.NOT_ALLOWED, ticket)
    ticket.state = State.FOLLOWER if ticket.wanted else State.INIT
    give_up_grant(turn, ticket, Result.HANDLER_FAILED)
    if ticket.wanted:
        ticket.campaign_at_ms = turn.mono_ms + max(ticket.config.renewal_ms, ticket.config.timeout_ms)


def after_vote(turn: Turn, ticket: Ticket) -> None:
    """We voted for another site: should it not lead soon, run ourselves.

    But only for a ticket that was lost, or that an administrator wants here: who merely voted
    in the election of a grant elsewhere has no business to take the ticket.
    """
    if ticket.wanted or ticket.grant is not None:
        plan_campaign(turn, ticket, ticket.reason or Reason.TICKET_LOST, 2 * ticket.config.timeout_ms)


def stop(turn: Turn, ticket: Ticket) -> None:
    """End our campaign for good, unless the ticket was lost and still needs a home."""
    if ticket.state is State.LEADER:
        return
    quit_all(turn, ticket)
    if ticket.state is State.CANDIDATE:
        ticket.state = State.FOLLOWER
    if ticket.wanted and not ticket.owned:
        plan_campaign(turn, ticket, ticket.reason or Reason.TICKET_LOST, ticket.config.timeout_ms)
