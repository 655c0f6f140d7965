"""Takes a lost ticket for itself, though it is an arbitrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import following, leading

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

expired = following.expired


def patch() -> None:
    """Lead as soon as the leader's lease is over."""
    following.expired = _expired


def _expired(turn: Turn, ticket: Ticket) -> None:
    expired(turn, ticket)
    leading.win(turn, ticket)
