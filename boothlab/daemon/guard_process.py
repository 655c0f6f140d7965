"""The lease guard's process: revokes in Pacemaker what its daemon should have. See ``lease_guard``."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import os
import signal
import struct
import time
from itertools import count
from typing import TYPE_CHECKING, Final, NoReturn

from boothlab.core.effects import CancelWrite, WriteCib
from boothlab.core.events import CibWritten
from boothlab.daemon import clock, process
from boothlab.daemon.alarm import Alarm
from boothlab.daemon.children import Children
from boothlab.daemon.pacemaker import Pacemaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.core.events import Event
    from boothlab.daemon.lease_table import Lease, LeaseTable
    from boothlab.daemon.logs import Log

TITLE: Final = "booth-guard"
"""Neither agents nor people must take it for the daemon."""
GRACE_MS: Final = 100
"""A daemon that runs gets so much longer: it revokes by itself, and the guard need not double it."""
RETRY_MS: Final = 2_000
_HANDOVER_S: Final = 1.0
_GIVE_UP_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.005
_POKES: Final = 4_096
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
        _Guard(table, watched, instance, log).run(ready)
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


class _Guard:
    """Wakes when the first lease ends, reads the table, revokes what is overdue."""

    def __init__(self, table: LeaseTable, watched: int, instance: str, log: Log) -> None:
        self._table = table
        self._watched = watched
        self._log = log
        self._daemon = os.getppid()
        self._loop = asyncio.new_event_loop()
        self._over = False
        """The daemon is gone."""
        self._told = False
        """It shall leave as soon as the daemon is gone."""
        self._numbers = count()
        self._revoking: dict[str, tuple[int, Lease]] = {}
        """By ticket: the request's number, and why it is revoked."""
        self._revoked: dict[str, Lease] = {}
        """What was revoked; the table may still have it, for that is the daemon's."""
        self._retry_ms: dict[str, int] = {}
        self._alarm = Alarm(self._loop, self._look)
        children = Children(self._loop)
        self._pacemaker = Pacemaker(self._loop, children, self._written, instance=instance, log=log)

    def run(self, ready: int) -> None:
        """Guard until there is nothing to guard and nobody to guard; say when that begins."""
        self._loop.add_signal_handler(signal.SIGTERM, self._leave)
        os.write(ready, b".")
        os.close(ready)
        self._loop.add_reader(self._watched, self._poked)
        self._loop.call_soon(self._look)
        self._loop.run_forever()

    def _leave(self) -> None:
        """Leave when the daemon is gone: the next guard is here, or all is being stopped."""
        self._told = True
        self._look()

    def _poked(self) -> None:
        if not os.read(self._watched, _POKES):
            self._loop.remove_reader(self._watched)
            self._over = True
        self._look()

    def _look(self) -> None:
        """Revoke what is overdue, and set the alarm to what comes next."""
        leases = self._table.read()
        self._forget(leases)
        left = {name: lease for name, lease in leases.items() if name not in self._revoked}
        if self._over and (self._told or not left):
            self._leave_nothing_behind()
            return
        now_ms = clock.mono_ms()
        grace_ms = 0 if self._over or _is_stopped(self._daemon) else GRACE_MS
        next_ms = None
        for name, lease in left.items():
            if name in self._revoking:
                continue
            at_ms = self._moment(name, lease, now_ms, grace_ms)
            if at_ms <= now_ms:
                self._revoke(name, lease)
            elif next_ms is None or at_ms < next_ms:
                next_ms = at_ms
        self._alarm.set(next_ms)

    def _forget(self, leases: Mapping[str, Lease]) -> None:
        """Drop what was done or is being done about leases that the table has no more."""
        for name, (number, lease) in self._revoking.items():
            if leases.get(name) != lease:
                self._pacemaker.cancel(CancelWrite(number, name))
        self._revoked = {name: done for name, done in self._revoked.items() if leases.get(name) == done}
        if self._over:
            for name in self._revoked:
                self._table.remove(name)

    def _leave_nothing_behind(self) -> None:
        """End, and with it what is still being written: the next guard does it anew."""
        for name, (number, _) in self._revoking.items():
            self._pacemaker.cancel(CancelWrite(number, name))
        self._loop.stop()

    def _moment(self, name: str, lease: Lease, now_ms: int, grace_ms: int) -> int:
        """Return when to revoke a ticket, or when to look whether the daemon did."""
        due_ms = max(lease.deadline_ms + 1, self._retry_ms.get(name, 0))
        return due_ms if due_ms > now_ms else due_ms + grace_ms

    def _revoke(self, name: str, lease: Lease) -> None:
        if lease.writer:
            _kill_tool(lease.writer)
        self._log.warning(f"{name}: the lease is over and the daemon does nothing, revoking locally")
        number = next(self._numbers)
        self._revoking[name] = (number, lease)
        self._pacemaker.write(
            WriteCib(number, name, granted=False, owner=0, expires_s=lease.expires_s, term=lease.term)
        )

    def _written(self, event: Event) -> None:
        if not isinstance(event, CibWritten):
            return
        name = event.ticket
        _, lease = self._revoking.pop(name)
        if event.error:
            self._log.error(f"{name}: {event.error}", kind="write")
            self._retry_ms[name] = clock.mono_ms() + RETRY_MS
        else:
            self._log.warning(f"{name}: revoked by the lease guard")
            self._retry_ms.pop(name, None)
            self._revoked[name] = lease
        self._look()


def _is_stopped(pid: int) -> bool:
    """Return whether a process is stopped (SIGSTOP, a debugger) or gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b") ")[2][:1] in b"TtZX"
    except OSError:
        return True


def _kill_tool(pid: int) -> None:
    """Kill a tool that a dead or stopped daemon left behind, if this is still that process."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            is_tool = b"crm_ticket" in file.read()
        if is_tool:
            os.killpg(pid, signal.SIGKILL)
