"""Programs that the daemon runs: crm_ticket and handlers. None of them can block or outlast it unseen.

Each runs in a session of its own, so that killing it takes all it started, and inherits no
descriptor but the standard ones: a port is free again as soon as the daemon is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence

_OUTPUT_MAX: Final = 1 << 20
"""Bytes; a pipe holds less, so that nobody has to read while the program runs."""
_SIGNALLED: Final = 128


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    status: int
    """Exit code, or 128 and the signal's number."""
    output: str = ""
    errors: str = ""
    """What it wrote to stderr, if that was caught."""
    killed: str = ""
    """Why it was killed; empty when it was not."""


@dataclass(eq=False, slots=True)
class Child:
    """A running program."""

    process: subprocess.Popen[bytes]
    ended: Callable[[Ended], None]
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    killed: str = ""

    @property
    def pid(self) -> int:
        """Return its process id, which is its group's and session's, too."""
        return self.process.pid

    def signal(self, number: signal.Signals, why: str) -> None:
        """Send a signal to it and to all it started."""
        self.killed = self.killed or why
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Children:
    """All programs that run, and the one place that hears of their end."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._running: dict[int, Child] = {}
        self._watched: dict[int, Callable[[], None]] = {}
        loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def run(
        self,
        argv: Sequence[str],
        ended: Callable[[Ended], None],
        *,
        program: str | None = None,
        environment: Mapping[str, str] | None = None,
        limit_s: float | None = None,
        catch: bool = True,
    ) -> Child:
        """Start a program; ``ended`` is called once, from the event loop.

        Args:
            argv: its words; no shell sees them.
            ended: told how it ended.
            program: the file to run, when it is not the first word.
            environment: added to ours.
            limit_s: it is killed after so many seconds.
            catch: keep what it writes; otherwise it writes where we do.

        Raises:
            OSError: it cannot be run.
        """
        pipe = subprocess.PIPE if catch else None
        process = subprocess.Popen(
            argv,
            executable=program,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
        child = Child(process, ended)
        self._running[process.pid] = child
        if limit_s is not None:
            self.kill_in(child, limit_s, f"it took longer than {limit_s:g} s")
        return child

    def kill_in(self, child: Child, seconds: float, why: str) -> None:
        """Kill it after so many seconds, if it runs that long."""
        child.timers.append(self._loop.call_later(seconds, child.signal, signal.SIGKILL, why))

    def watch(self, pid: int, ended: Callable[[], None]) -> None:
        """Be told of the end of another child of this process."""
        self._watched[pid] = ended

    def reap(self) -> None:
        """Collect those that have ended."""
        for pid, child in list(self._running.items()):
            if child.process.poll() is not None:
                del self._running[pid]
                self._tell(child)
        for pid, ended in list(self._watched.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._watched[pid]
                ended()

    @staticmethod
    def _tell(child: Child) -> None:
        for timer in child.timers:
            timer.cancel()
        code = child.process.returncode
        status = code if code >= 0 else _SIGNALLED - code
        output, errors = _written(child.process.stdout), _written(child.process.stderr)
        child.ended(Ended(status, output, errors, child.killed))


def _written(pipe: IO[bytes] | None) -> str:
    """Return what is in a pipe, and close it; what it started may still hold the other end."""
    if pipe is None:
        return ""
    with pipe:
        os.set_blocking(pipe.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            return os.read(pipe.fileno(), _OUTPUT_MAX).decode(errors="replace")
    return ""
