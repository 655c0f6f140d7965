"""Grants a manual ticket that another site holds, though nobody insisted with -F."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import clients
from boothlab.core.codes import Option

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

grant = clients.grant


def patch() -> None:
    """Take every grant of a manual ticket for one with -F."""
    clients.grant = _grant


def _grant(turn: Turn, ticket: Ticket, client: int, options: Option) -> None:
    grant(turn, ticket, client, options | Option.IMMEDIATE if ticket.manual else options)
