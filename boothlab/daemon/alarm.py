"""One alarm on CLOCK_BOOTTIME.

The event loop's own timers stand still while the machine sleeps: a lease that ended
meanwhile would be noticed late. The kernel's timerfd on CLOCK_BOOTTIME does not.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import TYPE_CHECKING, Final

from boothlab.daemon import clock

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_CLOCK_BOOTTIME: Final = 7
_TFD_NONBLOCK: Final = os.O_NONBLOCK
_TFD_CLOEXEC: Final = os.O_CLOEXEC
_COUNT_SIZE: Final = 8
_MS_PER_S: Final = 1_000
_NS_PER_MS: Final = 1_000_000


class _Timespec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("it_interval", _Timespec), ("it_value", _Timespec))


class Alarm:
    """Calls back at a moment of the monotonic clock; at one moment only, the last it was set to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._loop = loop
        self._ring = ring
        self._at_ms: int | None = None
        self._fd = self._libc.timerfd_create(_CLOCK_BOOTTIME, _TFD_NONBLOCK | _TFD_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        loop.add_reader(self._fd, self._came)

    def set(self, at_ms: int | None) -> None:
        """Ring at this moment and not at the one set before; None: not at all.

        A moment that has passed rings at once, in the loop's next turn.
        """
        if at_ms == self._at_ms:
            return
        self._at_ms = at_ms
        # Relative, so that a process whose clock is bent (by libfaketime, say) at worst wakes early.
        left_ms = 0 if at_ms is None else max(1, at_ms - clock.mono_ms())
        value = _Timespec(left_ms // _MS_PER_S, left_ms % _MS_PER_S * _NS_PER_MS)
        spec = _Itimerspec(_Timespec(0, 0), value)
        if self._libc.timerfd_settime(self._fd, 0, ctypes.byref(spec), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def close(self) -> None:
        """Never ring again."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _came(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it was set anew since it was seen
            os.read(self._fd, _COUNT_SIZE)
            self._at_ms = None
            self._ring()
