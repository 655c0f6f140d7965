"""The steps that several parts of the state machine take: let go, lose, plan a campaign, promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import cib, results
from boothlab.core.codes import NO_ONE, UNKNOWN, Reason, Result
from boothlab.core.effects import CancelHandler, Remember
from boothlab.core.events import Promise

if TYPE_CHECKING:
    from boothlab.core.notes import State
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def remember(turn: Turn, ticket: Ticket) -> None:
    """Have the shell store what we promise from here on, before it is sent."""
    ticket.term_is_hint = False
    lease_end_ms = ticket.free_at_ms - ticket.config.acquire_after_ms
    leader = ticket.leader if ticket.leader != UNKNOWN else ticket.last_leader
    turn.emit(Remember(ticket.config.name, Promise(ticket.term, ticket.voted_for, leader, lease_end_ms)))


def quit_all(turn: Turn, ticket: Ticket) -> None:
    """End whatever is on its way: handler, election, round, campaign, announcement.

    Who still waits for the end of a revoke is told that not everybody heard of it.
    """
    if ticket.handler is not None:
        turn.emit(CancelHandler(ticket.handler.request, ticket.config.name))
        ticket.handler = None
    ticket.round = None
    ticket.votes.clear()
    ticket.rejected.clear()
    ticket.claim = None
    ticket.election_ends_ms = None
    ticket.campaign_at_ms = None
    ticket.renew_at_ms = None
    ticket.resume_limit_ms = None
    ticket.announce = None
    ticket.confirmed = False
    results.tell(turn, ticket, ticket.revokers, Result.SYNC_FAIL)


def let_go(turn: Turn, ticket: Ticket, state: State, leader: int = UNKNOWN) -> None:
    """Believe in no leader from here on, and tell Pacemaker."""
    quit_all(turn, ticket)
    if ticket.owned:
        ticket.last_leader = ticket.leader
    ticket.state = state
    ticket.leader = leader
    ticket.wanted = leader != NO_ONE
    ticket.lease_end_ms = min(ticket.lease_end_ms, turn.mono_ms)
    if leader == NO_ONE:
        # The term has no leader any more, and may get one: a restarted member knows of no other.
        ticket.last_leader = ticket.voted_for = UNKNOWN
    if ticket.grant is not None:  # another site's end does not end what was asked of us
        ticket.campaign_at_ms = turn.mono_ms + ticket.config.timeout_ms
    cib.tell(turn, ticket)


def released(turn: Turn, ticket: Ticket) -> None:
    """The leader itself gave the ticket away or revoked it: nobody needs to wait for its lease."""
    ticket.free_at_ms = min(ticket.free_at_ms, turn.mono_ms)
    ticket.lease_end_ms = min(ticket.lease_end_ms, turn.mono_ms)


def plan_campaign(turn: Turn, ticket: Ticket, reason: Reason, after_ms: int = 0) -> None:
    """Plan to run for a lost ticket, at a time when no other site does.

    Sites go in the configuration's order, the one that lost it and can be reached again first:
    every other one gives those before it the time of an election.
    """
    if not turn.world.is_site or ticket.manual:
        return
    others = [each for each in turn.world.site_ids() if each != ticket.last_leader]
    rank = others.index(turn.me) if turn.me in others else 0
    mine = ticket.last_leader == turn.me
    earliest_ms = turn.mono_ms if mine else max(turn.mono_ms, ticket.free_at_ms)
    ticket.reason = reason
    ticket.campaign_at_ms = earliest_ms + after_ms + rank * ticket.stagger_ms


def give_up_grant(turn: Turn, ticket: Ticket, result: Result) -> None:
    """End an administrator's grant without success, and tell who waits for it."""
    if ticket.grant is None:
        return
    grant, ticket.grant = ticket.grant, None
    results.tell(turn, ticket, grant.clients, result)
