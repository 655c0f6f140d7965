"""A queue of programs to run: a few at a time, urgent ones first, never two for one ticket."""

from __future__ import annotations

import asyncio
import signal
from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boothlab.daemon import clock
from boothlab.daemon.children import Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.daemon.children import Child, Children

_MS_PER_S = 1_000
_UNSTARTABLE = 127


@dataclass(order=True, slots=True)
class Job:
    """One run of a program."""

    urgency: int
    """Lower goes first."""
    number: int
    """Its place among equals."""
    ticket: str = field(compare=False)
    argv: tuple[str, ...] = field(compare=False)
    ended: Callable[[Ended], None] = field(compare=False)
    """Called exactly once."""
    started: Callable[[Child], None] | None = field(compare=False, default=None)
    """Called when the program runs."""
    deadline_ms: int | None = field(compare=False, default=None)
    """Monotonic; when it comes the program is killed, or not even started."""
    child: Child | None = field(compare=False, default=None)
    timer: asyncio.TimerHandle | None = field(compare=False, default=None)


class ToolQueue:
    """Runs jobs.

    Args:
        loop: the event loop.
        children: starts the programs.
        parallel: so many run at a time.
        limit_s: none may take longer.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, children: Children, *, parallel: int, limit_s: float
    ) -> None:
        self._loop = loop
        self._children = children
        self._parallel = parallel
        self._limit_s = limit_s
        self._waiting: list[Job] = []
        self._running: dict[str, Job] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Return when nothing runs or waits."""
        await self._idle.wait()

    def add(self, job: Job) -> None:
        """Run a job when its turn comes."""
        self._idle.clear()
        insort(self._waiting, job)
        if job.deadline_ms is not None:
            left_s = max(0, job.deadline_ms - clock.mono_ms()) / _MS_PER_S
            job.timer = self._loop.call_later(left_s, self.cancel, job, "its lease ended first")
        self._fill()

    def cancel(self, job: Job, why: str) -> None:
        """Kill a job, or forget it if it has not begun; it is told as killed."""
        if job.child is not None:
            job.child.signal(signal.SIGKILL, why)
        elif job in self._waiting:
            self._waiting.remove(job)
            self._loop.call_soon(self._tell, job, Ended(_UNSTARTABLE, killed=why))

    def _fill(self) -> None:
        while len(self._running) < self._parallel:
            job = next((each for each in self._waiting if each.ticket not in self._running), None)
            if job is None:
                return
            self._waiting.remove(job)
            self._start(job)

    def _start(self, job: Job) -> None:
        self._running[job.ticket] = job
        try:
            child = self._children.run(job.argv, lambda ended: self._over(job, ended), limit_s=self._limit_s)
        except OSError as error:
            self._loop.call_soon(self._over, job, Ended(_UNSTARTABLE, errors=str(error)))
            return
        job.child = child
        if job.started is not None:
            job.started(child)

    def _over(self, job: Job, ended: Ended) -> None:
        del self._running[job.ticket]
        self._tell(job, ended)
        self._fill()

    def _tell(self, job: Job, ended: Ended) -> None:
        if job.timer is not None:
            job.timer.cancel()
        job.ended(ended)
        if not (self._waiting or self._running):
            self._idle.set()
