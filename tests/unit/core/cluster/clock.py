"""A node's clocks: the one runs at its own rate, the other shows what it likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boothlab.core.clock import Now

EPOCH_US: Final = 1_700_000_000_000_000
_MILLION: Final = 1_000_000


@dataclass(slots=True)
class Clock:
    """The two clocks of a node, as functions of the true time."""

    fast_ppm: int = 0
    """How much faster than true the monotonic clock runs; relative to another's at most 0.5 %."""
    uptime_us: int = 0
    """What it showed at the true time ``since_us``."""
    since_us: int = 0
    wall_error_us: int = 0

    def now(self, true_us: int) -> Now:
        """Return what a process here reads."""
        mono_us = self.uptime_us + (true_us - self.since_us) * (_MILLION + self.fast_ppm) // _MILLION
        return Now(mono_us // 1_000, EPOCH_US + true_us + self.wall_error_us)

    def true_us(self, mono_ms: int) -> int:
        """Return the first moment at which the monotonic clock shows this."""
        run_us = mono_ms * 1_000 - self.uptime_us
        return self.since_us - (-run_us * _MILLION // (_MILLION + self.fast_ppm))

    def reboot(self, true_us: int) -> None:
        """Let the monotonic clock begin anew."""
        self.since_us, self.uptime_us = true_us, 10_000_000
