"""Tells Pacemaker of a grant at once, also while a site is out of reach that may hold the ticket."""

from __future__ import annotations

from boothlab.core import cib


def patch() -> None:
    """Hold no grant back."""
    cib.delayed = lambda _turn, _ticket: False
