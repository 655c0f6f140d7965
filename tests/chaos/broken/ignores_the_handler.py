"""Runs the before-acquire-handler, and takes every end of it for a success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import handling

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

go_on = handling._go_on


def patch() -> None:
    """Do not look at the exit code."""
    handling._go_on = _go_on


def _go_on(turn: Turn, ticket: Ticket, *, renewing: bool, allowed: bool) -> None:  # noqa: ARG001 - that is it
    go_on(turn, ticket, renewing=renewing, allowed=True)
