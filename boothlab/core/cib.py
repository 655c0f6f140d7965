"""Keeping Pacemaker told: one write at a time, the newest truth, until it was taken.

What is written is always worked out from the ticket when the write begins, so a slow or
failed write never carries an old grant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.codes import NO_ONE
from boothlab.core.effects import CancelWrite, WriteCib
from boothlab.core.notes import Code, State

if TYPE_CHECKING:
    from boothlab.core.events import CibWritten
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

OWNER_NO_ONE: Final = -1
OWNER_UNKNOWN: Final = 0
_RETRY_MIN_MS: Final = 200
_RETRY_MAX_MS: Final = 2_000
_TELL_EVERY: Final = 20


def owner_of(leader: int) -> int:
    """Return a leader as Pacemaker stores it: signed."""
    return OWNER_NO_ONE if leader == NO_ONE else leader


def delayed(turn: Turn, ticket: Ticket) -> bool:
    """Return whether a first grant is still held back, see ``Grant.commit_at_ms``."""
    grant = ticket.grant
    if grant is None or grant.commit_at_ms is None or grant.commit_at_ms <= turn.mono_ms:
        return False
    return not set(turn.world.site_ids()) <= grant.heard | {turn.me}


def may_grant(turn: Turn, ticket: Ticket) -> bool:
    """Return whether Pacemaker here may be told now that the ticket is granted."""
    if ticket.state is not State.LEADER or not ticket.confirmed or delayed(turn, ticket):
        return False
    return ticket.manual or ticket.hold_end_ms > turn.mono_ms


def tell(turn: Turn, ticket: Ticket) -> None:
    """Tell Pacemaker what is true now, or as soon as the write that runs has ended."""
    if not turn.world.is_site:
        return
    running = ticket.cib.running
    if running is None and _is_old_news(ticket):
        return
    ticket.cib.outdated = True
    if running is None:
        write(turn, ticket)
    elif running.granted and not may_grant(turn, ticket):
        turn.emit(CancelWrite(running.request, ticket.config.name))


def _is_old_news(ticket: Ticket) -> bool:
    """Return whether Pacemaker knows already that nobody holds it; when that began is no news."""
    nobody = (False, owner_of(ticket.leader), max(ticket.led_term, 0))
    idle = not ticket.cib.maybe_granted and not ticket.cib.outdated
    return idle and not ticket.owned and ticket.cib.taken == nobody


def write(turn: Turn, ticket: Ticket) -> None:
    """Begin to write what is true now."""
    ticket.cib.outdated = False
    if ticket.cib.known:  # else it is still to be read
        ticket.cib.retry_at_ms = None
    ticket.cib.running = _current(turn, ticket)
    ticket.cib.maybe_granted = ticket.cib.maybe_granted or ticket.cib.running.granted
    turn.emit(ticket.cib.running)


def _current(turn: Turn, ticket: Ticket) -> WriteCib:
    granted = may_grant(turn, ticket)
    return WriteCib(
        next(turn.world.requests),
        ticket.config.name,
        granted,
        owner_of(ticket.leader),
        int(turn.now.wall_s(ticket.lease_end_ms)),
        max(ticket.led_term, 0),
        _deadline_ms(ticket) if granted else None,
    )


def _deadline_ms(ticket: Ticket) -> int | None:
    """Return when the lease guard steps in, should we not let go ourselves."""
    return None if ticket.manual else ticket.hold_end_ms


def written(turn: Turn, ticket: Ticket, event: CibWritten) -> bool:
    """Take the end of a write; return whether Pacemaker now has what is true."""
    cib = ticket.cib
    if cib.running is None or cib.running.request != event.request:
        return False
    ended, cib.running = cib.running, None
    if event.error:
        _failed(turn, ticket, event.error)
    else:
        cib.failures = 0
        cib.maybe_granted = ended.granted
        cib.taken = (ended.granted, ended.owner, ended.term)
        # A grant that was overtaken while it was written must not stay.
        cib.outdated = cib.outdated or ended.granted != may_grant(turn, ticket)
    if cib.outdated and cib.retry_at_ms is None:
        write(turn, ticket)
    return not cib.outdated and cib.running is None


def _failed(turn: Turn, ticket: Ticket, error: str) -> None:
    """Try again: at once if there is something newer to tell, else after a while."""
    cib = ticket.cib
    newer, cib.outdated = cib.outdated, True
    cib.failures += 1
    ticket.counters["cib_failures"] += 1
    if not newer:
        wait_ms = min(_RETRY_MIN_MS * cib.failures, _RETRY_MAX_MS)
        cib.retry_at_ms = turn.mono_ms + wait_ms
    if not newer and cib.failures % _TELL_EVERY == 1:
        turn.note(Code.CIB_WRITE_FAILED, ticket, error=error)
