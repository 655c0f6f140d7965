"""Giving members the time to be asked what they refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.checkers.authenticity import ON_ITS_WAY_MS
from boothlab.observers.subjects import PEERS_MS

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

COUNTED_MS: Final = ON_ITS_WAY_MS + PEERS_MS + 500
"""So long after a packet it is certain whether its receiver counted it as refused."""


def wait_counted(bed: Testbed) -> None:
    """Wait until all members have read what was sent to them, and were asked how much of it they refused."""
    bed.pause(COUNTED_MS)
