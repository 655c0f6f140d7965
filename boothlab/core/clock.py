"""What time it is, as the shell tells the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

US_PER_S: Final = 1_000_000
US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Now:
    """Two clocks, read at one moment.

    ``mono_ms`` never goes back and counts while the machine sleeps (CLOCK_BOOTTIME): all
    waiting is done on it. ``wall_us`` may jump; it is for the CIB's ``expires``, for
    signatures and for what people read.
    """

    mono_ms: int
    """Milliseconds."""
    wall_us: int
    """Microseconds since the epoch."""

    def wall_s(self, mono_ms: int) -> float:
        """Return a moment of the monotonic clock as seconds since the epoch."""
        return (self.wall_us + (mono_ms - self.mono_ms) * US_PER_MS) / US_PER_S
