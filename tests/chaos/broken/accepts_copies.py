"""Takes a packet that was recorded and sent again for a new one."""

from __future__ import annotations

from boothlab.core.auth import Stamps, Verdict


def patch() -> None:
    """Find every stamp fresh."""
    Stamps.accept = lambda _self, _sender, _stamp_us, _now_us: Verdict.ACCEPTED
