"""Takes a revoke for a lost lease: it lets go, says that it is done, and gets the ticket back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import leading, results
from boothlab.core.codes import Reason, Result
from boothlab.core.notes import State
from boothlab.core.transitions import let_go, plan_campaign

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Tell nobody but the client."""
    leading.revoke = _revoke
    leading.announce = _announce


def _revoke(turn: Turn, ticket: Ticket) -> None:
    let_go(turn, ticket, State.FOLLOWER)
    plan_campaign(turn, ticket, Reason.REACQUIRE, ticket.config.expire_ms)


def _announce(turn: Turn, ticket: Ticket) -> None:
    if not ticket.cib.maybe_granted:
        results.tell(turn, ticket, ticket.revokers, Result.SUCCESS)
