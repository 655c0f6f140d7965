"""What the lease guard does all the time: it revokes in Pacemaker what its daemon should have.

See ``lease_guard`` for why.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from boothlab.core.effects import CancelWrite, LoadCib, WriteCib
from boothlab.core.events import CibLoaded, CibWritten
from boothlab.daemon import clock
from boothlab.daemon.alarm import Alarm
from boothlab.daemon.children import Children
from boothlab.daemon.pacemaker import Pacemaker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.core.events import Event
    from boothlab.daemon.lease_table import Lease, LeaseTable
    from boothlab.daemon.logs import Log

GRACE_MS: Final = 100
"""A daemon that runs gets so much longer: it revokes by itself, and the guard need not double it."""
ASK_BEFORE_MS: Final = 500
"""When the daemon is gone, the CIB is asked so long before the lease ends, and not waited for longer."""
RETRY_MS: Final = 2_000
_POKES: Final = 4_096


@dataclass(slots=True)
class _Question:
    """Whether a lease is still the one that the CIB has."""

    lease: Lease
    asked_ms: int
    answered: bool = False
    """It is, or the CIB cannot be read."""


class Watch:
    """Wakes when the first lease ends, reads the table, revokes what is overdue.

    Args:
        table: the leases.
        watched: a pipe from the daemon: it is poked there, and its end is seen.
        instance: booth's instance, stored with each ticket.
        log: where what is done is told.
    """

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
        self._questions: dict[str, _Question] = {}
        self._revoking: dict[str, tuple[int, Lease]] = {}
        """By ticket: the request's number, and why it is revoked."""
        self._revoked: dict[str, Lease] = {}
        """What was revoked; the table may still have it, for that is the daemon's."""
        self._retry_ms: dict[str, int] = {}
        self._alarm = Alarm(self._loop, self._look)
        children = Children(self._loop)
        # Two, so that no write has to wait for a question about the same ticket.
        self._reads = Pacemaker(self._loop, children, self._answered, instance=instance, log=log)
        self._writes = Pacemaker(self._loop, children, self._written, instance=instance, log=log)

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
            self._end()
            return
        now_ms = clock.mono_ms()
        grace_ms = 0 if _is_stopped(self._daemon) else GRACE_MS
        next_ms = None
        for name, lease in left.items():
            if name in self._revoking:
                continue
            at_ms = (
                self._moment_alone(name, lease, now_ms)
                if self._over
                else self._moment(name, lease, now_ms, grace_ms)
            )
            if at_ms <= now_ms:
                self._revoke(name, lease)
            elif next_ms is None or at_ms < next_ms:
                next_ms = at_ms
        self._alarm.set(next_ms)

    def _forget(self, leases: Mapping[str, Lease]) -> None:
        """Drop what was done or is being done about leases that the table has no more."""
        for name, (number, lease) in self._revoking.items():
            if leases.get(name) != lease:
                self._writes.cancel(CancelWrite(number, name))
        self._revoked = {name: done for name, done in self._revoked.items() if leases.get(name) == done}
        if self._over:
            for name in self._revoked:
                self._table.remove(name)

    def _end(self) -> None:
        """End, and with it what is still being written: the next guard does it anew."""
        for name, (number, _) in self._revoking.items():
            self._writes.cancel(CancelWrite(number, name))
        self._loop.stop()

    def _moment(self, name: str, lease: Lease, now_ms: int, grace_ms: int) -> int:
        """Return when to revoke a ticket, or when to look whether the daemon did."""
        due_ms = self._due_ms(name, lease)
        return due_ms if due_ms > now_ms else due_ms + grace_ms

    def _moment_alone(self, name: str, lease: Lease, now_ms: int) -> int:
        """Return when to revoke a ticket, or to ask about it: the daemon may live on at another node."""
        due_ms = self._due_ms(name, lease)
        question = self._questions.get(name)
        if question is None or question.lease != lease:
            if now_ms < due_ms - ASK_BEFORE_MS:
                return due_ms - ASK_BEFORE_MS
            if lease.writer:
                kill_tool(lease.writer)
            question = self._questions[name] = _Question(lease, now_ms)
            self._reads.load(LoadCib(next(self._numbers), name))
        return due_ms if question.answered else max(due_ms, question.asked_ms + ASK_BEFORE_MS)

    def _due_ms(self, name: str, lease: Lease) -> int:
        return max(lease.deadline_ms + 1, self._retry_ms.get(name, 0))

    def _answered(self, event: Event) -> None:
        """Go on about a ticket, now that it is known what the CIB has; forget it if that is not ours."""
        question = self._questions.get(event.ticket) if isinstance(event, CibLoaded) else None
        if question is None or not isinstance(event, CibLoaded):
            return
        if event.error or question.lease.is_in(event.state):
            question.answered = True
        elif event.ticket not in self._revoking and self._table.read().get(event.ticket) == question.lease:
            self._log.info(f"{event.ticket}: not granted by this lease any more, guarding it no longer")
            self._table.remove(event.ticket)
        self._look()

    def _revoke(self, name: str, lease: Lease) -> None:
        if lease.writer:
            kill_tool(lease.writer)
        self._log.warning(f"{name}: the lease is over and the daemon does nothing, revoking locally")
        number = next(self._numbers)
        self._revoking[name] = (number, lease)
        self._writes.write(
            WriteCib(number, name, granted=False, owner=0, expires_s=lease.expires_s, term=lease.term)
        )

    def _written(self, event: Event) -> None:
        if not isinstance(event, CibWritten):
            return
        name = event.ticket
        _, lease = self._revoking.pop(name)
        self._questions.pop(name, None)
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


def kill_tool(pid: int) -> None:
    """Kill a tool that a dead or stopped daemon left behind, if this is still that process."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            is_tool = b"crm_ticket" in file.read()
        if is_tool:
            os.killpg(pid, signal.SIGKILL)
