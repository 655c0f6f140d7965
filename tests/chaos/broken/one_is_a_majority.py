"""Takes one member for a majority: it wins elections and renews leases without asking anybody."""

from __future__ import annotations

from boothlab.core.config.model import Config


def patch() -> None:
    """Need no other member."""
    Config.majority = property(lambda _self: 1)
