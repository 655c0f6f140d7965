"""The before-acquire-handler: what its end means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import campaign, leading, manual
from boothlab.core.codes import Result
from boothlab.core.effects import CancelHandler
from boothlab.core.notes import Code, State
from boothlab.core.transitions import give_up_grant

if TYPE_CHECKING:
    from boothlab.core.events import HandlerEnded
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def ended(turn: Turn, ticket: Ticket, event: HandlerEnded) -> None:
    """The handler has ended: 0 says that this site may hold the ticket."""
    run = ticket.handler
    if run is None or run.request != event.request:
        return  # it was cancelled
    ticket.handler = None
    if event.error:
        turn.note(Code.HANDLER_NOT_RUN, ticket, error=event.error)
    elif event.status:
        turn.note(Code.HANDLER_FAILED, ticket, name=" ".join(ticket.config.handler), status=event.status)
    allowed = not event.error and event.status == 0
    _go_on(turn, ticket, renewing=run.renewing, allowed=allowed)


def timed_out(turn: Turn, ticket: Ticket) -> None:
    """The handler takes too long: as good as a refusal."""
    run, ticket.handler = ticket.handler, None
    if run is None:
        return
    turn.note(Code.HANDLER_TIMED_OUT, ticket)
    turn.emit(CancelHandler(run.request, ticket.config.name))
    _go_on(turn, ticket, renewing=run.renewing, allowed=False)


def _go_on(turn: Turn, ticket: Ticket, *, renewing: bool, allowed: bool) -> None:
    if renewing and ticket.state is State.LEADER:
        act = leading.prolong if allowed else leading.step_down
        act(turn, ticket)
    elif ticket.manual:
        _manual_grant(turn, ticket, allowed=allowed)
    elif allowed:
        campaign.handler_succeeded(turn, ticket)
    else:
        campaign.handler_refused(turn, ticket)


def _manual_grant(turn: Turn, ticket: Ticket, *, allowed: bool) -> None:
    if ticket.grant is not None and allowed:
        manual.take(turn, ticket, at_once=ticket.grant.at_once)
    elif not allowed:
        turn.note(Code.NOT_ALLOWED, ticket)
        give_up_grant(turn, ticket, Result.HANDLER_FAILED)
