"""How a fresh child of the daemon becomes its lease guard, see ``lease_guard``."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import signal
import struct
import time
from typing import TYPE_CHECKING, Final, NoReturn

from boothlab.daemon import process
from boothlab.daemon.lease_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.daemon.lease_table import LeaseTable
    from boothlab.daemon.logs import Log

TITLE: Final = "booth-guard"
"""Neither agents nor people must take it for the daemon."""
_HANDOVER_S: Final = 1.0
_GIVE_UP_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.005
_FLOCK: Final = struct.Struct("@hhqqi")  # type, whence, start, length, pid: struct flock of Linux


def become(
    table: LeaseTable,
    watched: int,
    ready: int,
    instance: str,
    log: Log,
    on_fork: Callable[[], None],
) -> NoReturn:
    """Turn this fresh child of the daemon into the guard, until there is nothing left to do."""
    status = 1
    try:
        on_fork()
        _settle({0, 1, 2, table.fileno(), watched, ready})
        _take_over(table.fileno())
        Watch(table, watched, instance, log).run(ready)
        status = 0
    except Exception as error:  # noqa: BLE001 - what is left of the daemon must not run here
        log.error(f"lease guard: {error!r}")  # noqa: G004, TRY400 - not the logging module
    finally:
        os._exit(status)


def _settle(keep: set[int]) -> None:
    """Be a process of one's own: session, title, signals and descriptors."""
    os.setsid()
    process.set_title(TITLE, TITLE)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    start = 0
    for descriptor in [*sorted(keep), os.sysconf("SC_OPEN_MAX")]:
        if start < descriptor:  # an empty range at 0 closes all
            os.closerange(start, descriptor)
        start = descriptor + 1
    gc.freeze()  # the daemon's objects stay shared


def _take_over(descriptor: int) -> None:
    """Get the table's lock, from the guard of the daemon before if it still has it.

    That one is told to leave, and killed if it does not: the table says all it knew.

    Raises:
        TimeoutError: it does not go.
    """
    start_s = time.monotonic()
    while True:
        with contextlib.suppress(BlockingIOError, PermissionError):
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        waited_s = time.monotonic() - start_s
        if waited_s > _GIVE_UP_S:
            raise TimeoutError("the lease guard of the daemon before this one does not end")
        holder = _holder(descriptor)
        if holder:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(holder, signal.SIGTERM if waited_s < _HANDOVER_S else signal.SIGKILL)
        time.sleep(_LOOK_AGAIN_S)


def _holder(descriptor: int) -> int:
    """Return the process that has the lock; 0 when nobody has it any more."""
    answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    kind, _, _, _, pid = _FLOCK.unpack(answer)
    return 0 if kind == fcntl.F_UNLCK else max(0, pid)
