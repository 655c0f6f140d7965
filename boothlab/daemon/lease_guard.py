"""The lease guard, as the daemon sees it: who revokes a ticket when the daemon cannot.

A daemon that is killed or stopped while its site holds a ticket would leave the ticket
granted in Pacemaker, and after the lease another site takes it: two holders. So a second,
tiny process (``guard_process``) revokes what is overdue. All it knows is in one file, the
lease table, which outlives both.

No gap: the table has a grant's deadline before the tool that grants is started, and drops
it only after a tool that revokes has succeeded. While the tool that revokes runs, the
ticket stays in the table, due when the tool must have ended. The daemon starts no tool
before a guard holds the table's lock. A guard lives until its daemon is gone and nothing
is guarded, or until the next daemon's guard has read the table and waits for the lock;
that one acts on the same deadlines. So at each moment at which Pacemaker may have the
ticket granted, a process that knows when to revoke it runs.

No wrong revoke: the guard acts strictly after a deadline that the table still has. A renewal
moves it in the table before anything else is done, and the guard reads the table anew each
time it wakes. A daemon that moved to another node of the cluster renews from there: so the
guard of a daemon that is gone asks the CIB shortly before the deadline, and leaves alone
what somebody else has renewed since. A daemon that was stopped and goes on finds its lease
over and revokes, too; twice is harmless. A tool that may still be writing a dead daemon's
grant is killed first.

One writer: the daemon while it lives; a guard only after its daemon is gone; the next
daemon only when its own guard has the lock, that is when the old guard is gone.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from boothlab.daemon import clock, guard_process
from boothlab.daemon.lease_table import Lease, LeaseTable
from boothlab.daemon.lease_watch import kill_tool
from boothlab.daemon.pacemaker import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.core.effects import WriteCib
    from boothlab.daemon.children import Child
    from boothlab.daemon.logs import Log

_REVOKE_LIMIT_MS: Final = int(LIMIT_S * 1000)


class LeaseGuard:
    """Keeps the lease table, and a process that watches it.

    Args:
        path: the table.
        instance: booth's instance, stored with each ticket.
        log: for the guard's words.

    Raises:
        OSError: the table cannot be opened, or no process can be made.
    """

    def __init__(self, path: str, instance: str, log: Log) -> None:
        self._table = LeaseTable(path)
        self._instance = instance
        self._log = log
        self._poke_fd = -1
        self.pid = 0
        """The guard's process; 0 before it is started."""

    def fileno(self) -> int:
        """Return the table's descriptor."""
        return self._table.fileno()

    def start(self, on_fork: Callable[[], None] = lambda: None) -> None:
        """Start the guard, and return when it has the lock.

        Args:
            on_fork: called in the guard before all else.

        Raises:
            OSError: it does not get the lock, or no process can be made.
        """
        self._close_poke()
        watched, self._poke_fd = os.pipe()
        told, ready = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            guard_process.become(self._table, watched, ready, self._instance, self._log, on_fork)
        os.close(watched)
        os.close(ready)
        os.set_blocking(self._poke_fd, False)
        is_ready = os.read(told, 1)
        os.close(told)
        if not is_ready:
            os.waitpid(self.pid, 0)
            raise OSError("the lease guard did not start, see the log")
        self._table.refresh()
        self._end_old_writers()

    def _end_old_writers(self) -> None:
        """Kill what an earlier daemon left behind: its grants must not come after our revokes."""
        for ticket, lease in self._table.read().items():
            if lease.writer:
                kill_tool(lease.writer)
                self._table.put(ticket, replace(lease, writer=0))

    def granting(self, effect: WriteCib) -> None:
        """Guard a ticket that is about to be granted, or granted anew; before the tool is started."""
        if effect.deadline_ms is None:  # a manual ticket has no lease
            return
        known = self._table.get(effect.ticket)
        confirmed_s = known.confirmed_s if known else 0
        lease = Lease(effect.deadline_ms, effect.term, effect.expires_s, confirmed_s)
        self._table.put(effect.ticket, lease)
        if known is None or known.deadline_ms > effect.deadline_ms or known.deadline_ms <= clock.mono_ms():
            self._poke()

    def started(self, effect: WriteCib, child: Child) -> None:
        """Note that the tool runs: whom to kill before a grant is revoked; how long a revoke has."""
        known = self._table.get(effect.ticket)
        if known is None:
            return
        if effect.granted:
            self._table.put(effect.ticket, replace(known, writer=child.pid))
        else:
            self._table.put(effect.ticket, replace(known, deadline_ms=clock.mono_ms() + _REVOKE_LIMIT_MS))

    def written(self, effect: WriteCib, error: str) -> None:
        """Note how the tool ended."""
        known = self._table.get(effect.ticket)
        if known is None:
            return
        if effect.granted:
            confirmed_s = known.confirmed_s if error else effect.expires_s
            self._table.put(effect.ticket, replace(known, writer=0, confirmed_s=confirmed_s))
        elif error:
            self._table.put(effect.ticket, replace(known, deadline_ms=clock.mono_ms()))
            self._poke()
        else:
            self._table.remove(effect.ticket)

    def close(self) -> None:
        """Let the guard know that this process ends. It stays while anything is guarded."""
        self._close_poke()
        self._table.close()

    def _poke(self) -> None:
        """Make the guard read the table now: something is due earlier than it thinks."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # it has pokes enough, or is just gone
            os.write(self._poke_fd, b".")

    def _close_poke(self) -> None:
        if self._poke_fd >= 0:
            os.close(self._poke_fd)
        self._poke_fd = -1
