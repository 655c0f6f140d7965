"""From the start of the process to a member that knows where it stands.

What is known then: what Pacemaker at this site has stored, what this member promised before
it was restarted (if the machine was not), and what the others answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core import campaign, cib, following, leading, manual, status, voting
from boothlab.core.codes import NO_ONE, UNKNOWN
from boothlab.core.effects import LoadCib
from boothlab.core.notes import Code, State
from boothlab.core.ticket import Attribute

if TYPE_CHECKING:
    from boothlab.core.events import CibLoaded, CibTicket, Promise
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

_RELOAD_MIN_MS: Final = 1_000
_US_PER_MS: Final = 1_000
_MS_PER_S: Final = 1_000


def start(turn: Turn, ticket: Ticket, promise: Promise | None) -> None:
    """Begin: with what we promised, then with what Pacemaker has, then with a question to all."""
    ticket.lease_end_ms = turn.mono_ms
    ticket.free_at_ms = turn.mono_ms
    if promise is None:
        ticket.fresh_until_ms = turn.mono_ms + following.longest_ms(turn, ticket)
    else:
        _keep(turn, ticket, promise)
    if turn.world.is_site:
        load(turn, ticket)
    else:
        ticket.cib.known = True
        _believe_promise(turn, ticket, promise)
        status.ask(turn, ticket)


def load(turn: Turn, ticket: Ticket) -> None:
    """Ask the shell to read the ticket from Pacemaker."""
    ticket.cib.retry_at_ms = None
    ticket.cib.loading = next(turn.world.requests)
    turn.emit(LoadCib(ticket.cib.loading, ticket.config.name))


def _keep(turn: Turn, ticket: Ticket, promise: Promise) -> None:
    """Keep our word: the vote, and the lease that we acknowledged."""
    ticket.term, ticket.voted_for = promise.term, promise.voted_for
    if promise.leader != UNKNOWN:
        ticket.led_term = promise.term  # also when it was revoked since: the next leader needs a higher one
    if promise.leader in turn.world.site_ids():
        limit_ms = turn.mono_ms + 2 * ticket.config.expire_ms + ticket.config.timeout_ms
        lease_end_ms = min(promise.lease_end_ms, limit_ms)
        ticket.last_leader = promise.leader
        ticket.free_at_ms = max(lease_end_ms + ticket.config.acquire_after_ms, turn.mono_ms)


def _believe_promise(turn: Turn, ticket: Ticket, promise: Promise | None) -> None:
    """Follow the leader whose lease we acknowledged, while it lasts."""
    if promise is None or promise.leader == UNKNOWN:
        return
    if promise.leader == NO_ONE:
        ticket.leader = NO_ONE
        return
    ticket.wanted = True
    ticket.state = State.FOLLOWER
    if promise.lease_end_ms > turn.mono_ms and promise.leader != turn.me:
        ticket.leader = promise.leader
        ticket.lease_end_ms = min(promise.lease_end_ms, turn.mono_ms + ticket.config.expire_ms)


def on_loaded(turn: Turn, ticket: Ticket, event: CibLoaded, promise: Promise | None) -> None:
    """Pacemaker's word about the ticket is here; without it we would not know whether to let go."""
    if ticket.cib.loading != event.request:
        return
    ticket.cib.loading = None
    if event.error:
        if ticket.cib.failures == 0:
            turn.note(Code.CIB_LOAD_FAILED, ticket, error=event.error)
        ticket.cib.failures += 1
        ticket.cib.retry_at_ms = turn.mono_ms + max(ticket.config.timeout_ms, _RELOAD_MIN_MS)
        return
    ticket.cib.failures = 0
    ticket.cib.known = True
    if ticket.state is State.INIT:
        _believe_promise(turn, ticket, promise)
    if event.state is not None and ticket.state in (State.CANDIDATE, State.LEADER):
        _come_late(turn, ticket, event.state)
    elif event.state is not None:
        _take(ticket, event.state)
        _judge(turn, ticket, event.state, promise)
    if ticket.round is None:
        status.ask(turn, ticket)
    voting.reconsider(turn, ticket)


def _come_late(turn: Turn, ticket: Ticket, stored: CibTicket) -> None:
    """What was stored is overtaken: the ticket was granted here while it could not be read."""
    _take_attributes(ticket, stored)
    ticket.cib.maybe_granted |= bool(stored.granted)
    if ticket.cib.maybe_granted:
        cib.tell(turn, ticket)


def _take_attributes(ticket: Ticket, stored: CibTicket) -> None:
    ticket.attributes = {name: Attribute(value) for name, value in stored.attributes.items()}


def _take(ticket: Ticket, stored: CibTicket) -> None:
    _take_attributes(ticket, stored)
    ticket.cib.maybe_granted = bool(stored.granted)
    if stored.term is not None and stored.term > ticket.term and stored.term <= campaign.MAX_TERM:
        ticket.term, ticket.voted_for = stored.term, UNKNOWN
        ticket.term_is_hint = True


def _judge(turn: Turn, ticket: Ticket, stored: CibTicket, promise: Promise | None) -> None:
    """Decide whose ticket it is, by what we promised and by what Pacemaker has."""
    known = ticket.owned or ticket.leader == NO_ONE
    owner = stored.owner or UNKNOWN
    if promise is not None and promise.leader == turn.me and _lasts(turn, ticket, promise.lease_end_ms):
        _go_on(turn, ticket, promise.lease_end_ms, sure=True)
    elif owner == turn.me or (stored.granted and owner == UNKNOWN):
        _take_own(turn, ticket, stored, promise)
    elif owner in turn.world.site_ids():
        _take_others(turn, ticket, stored, owner, known=known)
    elif owner == cib.OWNER_NO_ONE and not known:
        ticket.leader = NO_ONE
        ticket.led_term = max(ticket.led_term, ticket.term)
    if ticket.cib.maybe_granted and ticket.state is not State.LEADER:
        turn.note(Code.GRANTED_BUT_NOT_OURS, ticket)
        cib.tell(turn, ticket)


def _lasts(turn: Turn, ticket: Ticket, lease_end_ms: int) -> bool:
    """Return whether a lease of ours is not over yet."""
    return not ticket.manual and lease_end_ms - ticket.margin_ms > turn.mono_ms


def _go_on(turn: Turn, ticket: Ticket, lease_end_ms: int, *, sure: bool) -> None:
    ticket.lease_end_ms = lease_end_ms
    ticket.free_at_ms = lease_end_ms + ticket.config.acquire_after_ms
    leading.resume(turn, ticket, sure=sure)


def _take_own(turn: Turn, ticket: Ticket, stored: CibTicket, promise: Promise | None) -> None:
    """Pacemaker says that it was ours: go on with the lease if it lasts, else try to get it back."""
    ticket.led_term = max(ticket.led_term, stored.term or 0)
    if ticket.manual:
        if stored.granted:
            manual.resume(turn, ticket)
        return
    ticket.wanted = True
    ticket.state = State.FOLLOWER
    if promise is not None:  # whatever we did since, the lease of then is over
        return
    ticket.last_leader = turn.me
    end_ms = _stored_end_ms(turn, ticket, stored)
    if stored.granted and _lasts(turn, ticket, end_ms):
        _go_on(turn, ticket, end_ms, sure=False)


def _stored_end_ms(turn: Turn, ticket: Ticket, stored: CibTicket) -> int:
    """Return a lease's end as Pacemaker has it: wall clock, whole seconds, never believed beyond a lease."""
    if stored.expires_s is None:
        return turn.mono_ms
    left_ms = stored.expires_s * _MS_PER_S - turn.now.wall_us // _US_PER_MS
    return turn.mono_ms + min(left_ms, ticket.config.expire_ms)


def _take_others(turn: Turn, ticket: Ticket, stored: CibTicket, owner: int, *, known: bool) -> None:
    """Pacemaker here was told of another holder: wait for its lease, unless we know better."""
    ticket.led_term = max(ticket.led_term, stored.term or 0)
    if known:
        return
    ticket.state, ticket.last_leader, ticket.wanted = State.FOLLOWER, owner, True
    if ticket.manual:
        ticket.leader = owner
        ticket.granted_at.add(owner)
        return
    end_ms = _stored_end_ms(turn, ticket, stored)
    ticket.free_at_ms = max(ticket.free_at_ms, end_ms + ticket.config.acquire_after_ms)
    if end_ms > turn.mono_ms:
        ticket.leader, ticket.lease_end_ms = owner, end_ms


def forget_fresh(turn: Turn, ticket: Ticket) -> None:
    """No promise that we may have made before the start can still hold."""
    ticket.fresh_until_ms = None
    voting.reconsider(turn, ticket)
