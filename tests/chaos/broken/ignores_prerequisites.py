"""Grants a ticket whatever attr-prereq asks for."""

from __future__ import annotations

from boothlab.core import campaign


def patch() -> None:
    """Find every prerequisite fulfilled."""
    campaign.prerequisites_hold = lambda _turn, _ticket, _grant: True
