"""What is due when. Every timer belongs to a ticket and is a moment in its data, so none can leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import campaign, cib, following, handling, leading, rounds, starting, status, voting
from boothlab.core.codes import Command, Result
from boothlab.core.notes import Code, State
from boothlab.core.transitions import give_up_grant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def deadline_ms(ticket: Ticket, now_ms: int) -> int | None:
    """Return when the ticket wants to be looked at next; always later than now."""
    earliest_ms = min((each for each in _moments(ticket, now_ms) if each is not None), default=None)
    return None if earliest_ms is None else max(earliest_ms, now_ms + 1)


def _moments(ticket: Ticket, now_ms: int) -> Iterator[int | None]:
    yield ticket.campaign_at_ms
    yield ticket.election_ends_ms
    yield ticket.renew_at_ms
    yield ticket.resume_limit_ms
    yield ticket.fresh_until_ms
    yield ticket.cib.retry_at_ms
    yield ticket.round.resend_at_ms if ticket.round else None
    yield ticket.handler.until_ms if ticket.handler else None
    yield ticket.free_at_ms if ticket.deferred and ticket.free_at_ms > now_ms else None
    yield _lease_watch_ms(ticket)
    if ticket.grant is not None:
        yield ticket.grant.until_ms
        yield ticket.grant.commit_at_ms if ticket.grant.told_delay else None


def _lease_watch_ms(ticket: Ticket) -> int | None:
    """Return when the lease that is watched ends: our own a margin early, another's as announced."""
    if ticket.manual or not ticket.owned:
        return None
    return ticket.hold_end_ms if ticket.state is State.LEADER else ticket.lease_end_ms


def fire(turn: Turn, ticket: Ticket) -> None:
    """Do what is due: leases first, for safety does not wait."""
    _leases(turn, ticket)
    _waits(turn, ticket)
    _election(turn, ticket)
    _messages(turn, ticket)


def _due(turn: Turn, moment_ms: int | None) -> bool:
    return moment_ms is not None and moment_ms <= turn.mono_ms


def _leases(turn: Turn, ticket: Ticket) -> None:
    if _due(turn, ticket.resume_limit_ms) or (
        ticket.state is State.LEADER and _due(turn, _lease_watch_ms(ticket))
    ):
        leading.lost(turn, ticket)
    elif _due(turn, _lease_watch_ms(ticket)):
        following.expired(turn, ticket)


def _waits(turn: Turn, ticket: Ticket) -> None:
    if _due(turn, ticket.fresh_until_ms):
        starting.forget_fresh(turn, ticket)
    if ticket.deferred and _due(turn, ticket.free_at_ms):
        voting.reconsider(turn, ticket)
    if _due(turn, ticket.cib.retry_at_ms):
        retry = cib.write if ticket.cib.known else starting.load
        retry(turn, ticket)
    if ticket.handler is not None and _due(turn, ticket.handler.until_ms):
        handling.timed_out(turn, ticket)
    grant = ticket.grant
    if grant is not None and grant.told_delay and _due(turn, grant.commit_at_ms):
        leading.commit(turn, ticket)
    elif grant is not None and _due(turn, grant.until_ms):
        _end_grant(turn, ticket)


def _end_grant(turn: Turn, ticket: Ticket) -> None:
    """A grant that no majority answered is given up, and not found granted an hour later."""
    turn.note(Code.GRANT_GIVEN_UP, ticket)
    give_up_grant(turn, ticket, Result.SYNC_FAIL)
    campaign.stop(turn, ticket)


def _election(turn: Turn, ticket: Ticket) -> None:
    if _due(turn, ticket.election_ends_ms):
        campaign.lose_election(turn, ticket)
    if _due(turn, ticket.campaign_at_ms):
        campaign.begin(turn, ticket)
    if _due(turn, ticket.renew_at_ms):
        leading.renew(turn, ticket)


def _messages(turn: Turn, ticket: Ticket) -> None:
    if ticket.round is None or not _due(turn, ticket.round.resend_at_ms):
        return
    command = ticket.round.command
    if command is Command.STATUS:
        status.ask_again(turn, ticket)
    elif command is Command.REQUEST_VOTE:
        rounds.resend(turn, ticket)
    else:
        leading.resend(turn, ticket)
