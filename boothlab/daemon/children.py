"""Programs that the daemon runs: crm_ticket and handlers. None of them can block or outlast it unseen.

Each runs in a session of its own, so that killing it takes all it started, and inherits no
descriptor but the standard ones: a port is free again as soon as the daemon is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping, Sequence

_OUTPUT_MAX: Final = 1 << 20
"""Bytes; a pipe holds less, so that nobody has to read while the program runs."""
_STDIN: Final = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
_IGNORED: Final = (signal.SIGPIPE, signal.SIGXFSZ)
"""Signals that Python ignores, which programs do not expect."""
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

    pid: int
    """Its process id, which is its group's and session's, too."""
    ended: Callable[[Ended], None]
    pipes: tuple[int, ...] = ()
    """Where its output and its errors can be read, if they are caught."""
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    killed: str = ""

    def signal(self, number: signal.Signals, why: str) -> None:
        """Send a signal to it and to all it started."""
        self.killed = self.killed or why
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Children:
    """All programs that run, and the one place that hears of their end."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._environment = dict(os.environ)
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
            environment: added to what ours was when this object was made.
            limit_s: it is killed after so many seconds.
            catch: keep what it writes; otherwise it writes where we do.

        Raises:
            OSError: it cannot be run.
        """
        pipes = _pipes(2 if catch else 0)
        child = Child(0, ended, tuple(reader for reader, _ in pipes))
        outputs = [(os.POSIX_SPAWN_DUP2, writer, number) for number, (_, writer) in enumerate(pipes, start=1)]
        try:
            child.pid = os.posix_spawnp(
                program or argv[0],
                tuple(argv),
                {**self._environment, **(environment or {})},
                file_actions=[_STDIN, *outputs],
                setsid=True,
                setsigmask=(),
                setsigdef=_IGNORED,
            )
        except OSError:
            _close(child.pipes)
            raise
        finally:
            _close(writer for _, writer in pipes)
        self._running[child.pid] = child
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
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._running[pid]
                _tell(child, os.waitstatus_to_exitcode(status))
        for pid, tell in list(self._watched.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._watched[pid]
                tell()

    def close(self) -> None:
        """Hear of nothing any more; what runs goes on."""
        self._loop.remove_signal_handler(signal.SIGCHLD)
        for child in self._running.values():
            _close(child.pipes)
        self._running.clear()


def _pipes(number: int) -> list[tuple[int, int]]:
    """Return so many new pipes, or none when there are not enough descriptors."""
    pipes: list[tuple[int, int]] = []
    try:
        while len(pipes) < number:
            pipes.append(os.pipe())
    except OSError:
        for pipe in pipes:
            _close(pipe)
        raise
    return pipes


def _tell(child: Child, code: int) -> None:
    for timer in child.timers:
        timer.cancel()
    output, errors = map(_written, child.pipes) if child.pipes else ("", "")
    _close(child.pipes)
    child.ended(Ended(code if code >= 0 else _SIGNALLED - code, output, errors, child.killed))


def _written(pipe: int) -> str:
    """Return what is in a pipe; something that the program started may still hold its other end."""
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(pipe, _OUTPUT_MAX).decode(errors="replace")
    return ""


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
