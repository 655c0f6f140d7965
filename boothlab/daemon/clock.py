"""What time it is: the two clocks a member is told of."""

from __future__ import annotations

import time
from typing import Final

from boothlab.core.clock import US_PER_MS, Now

_NS_PER_US: Final = 1_000
_NS_PER_MS: Final = _NS_PER_US * US_PER_MS


def now() -> Now:
    """Return this moment: CLOCK_BOOTTIME, which also counts while the machine sleeps, and the wall clock."""
    return Now(mono_ms=mono_ms(), wall_us=time.time_ns() // _NS_PER_US)


def mono_ms() -> int:
    """Return the monotonic clock, in milliseconds."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // _NS_PER_MS


def local_text(epoch_s: float) -> str:
    """Return a moment as people here read it: in the daemon's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(epoch_s))
