"""Does not warn of a manual ticket that two sites hold."""

from __future__ import annotations

from boothlab.core import texts


def patch() -> None:
    """Leave the warning out of `booth list`."""
    texts._warning = lambda _turn, _ticket: ""
