"""before-acquire-handlers: programs that say whether this site may hold a ticket."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.core.events import HandlerEnded

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Mapping

    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.effects import CancelHandler, RunHandler
    from boothlab.core.events import Event
    from boothlab.daemon.children import Child, Children, Ended

_KILL_AFTER_S: Final = 5.0
"""A handler that is ended by SIGTERM gets so long."""
_FAILED: Final = 1
_CANCELLED: Final = 128 + signal.SIGTERM


@dataclass(eq=False, slots=True)
class _Run:
    """A handler that runs: one program, or those of a directory one after the other."""

    effect: RunHandler
    words: tuple[str, ...]
    programs: Iterator[str]
    environment: Mapping[str, str]
    child: Child | None = field(default=None)
    cancelled: bool = False


class Handlers:
    """Runs handlers.

    Args:
        loop: the event loop.
        children: runs the programs.
        post: takes the answers.
        config: names the handlers.
        me: this member.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        children: Children,
        post: Callable[[Event], None],
        config: Config,
        me: MemberConfig,
    ) -> None:
        self._loop = loop
        self._children = children
        self._post = post
        self._words = {ticket.name: ticket.handler for ticket in config.tickets}
        self._environment = {
            "BOOTH_LOCAL": me.address,
            "BOOTH_CONF_NAME": config.name,
            "BOOTH_CONF_PATH": config.path,
        }
        self._runs: dict[int, _Run] = {}

    def run(self, effect: RunHandler) -> None:
        """Start a ticket's handler. A file or a directory: looked at now, not when the daemon started."""
        words = self._words.get(effect.ticket, ())
        try:
            programs = _programs(words)
        except OSError as error:
            self._loop.call_soon(self._answer, effect, _FAILED, str(error))
            return
        ticket = {"BOOTH_TICKET": effect.ticket, "BOOTH_TICKET_EXPIRES": str(effect.expires_s)}
        run = _Run(effect, words, iter(programs), self._environment | ticket)
        self._runs[effect.request] = run
        self._next(run)

    def cancel(self, effect: CancelHandler) -> None:
        """End a handler: SIGTERM, and SIGKILL if it does not listen."""
        run = self._runs.get(effect.request)
        if run is None or run.child is None:
            return
        run.cancelled = True
        run.child.signal(signal.SIGTERM, "it is not wanted any more")
        self._children.kill_in(run.child, _KILL_AFTER_S, "it does not end")

    def _next(self, run: _Run) -> None:
        """Run the next program, if there is one."""
        program = next(run.programs, None)
        if program is None:
            self._over(run, 0)
            return
        try:
            run.child = self._children.run(
                run.words,
                lambda ended: self._ended(run, ended),
                program=program,
                environment=run.environment,
                catch=False,
            )
        except OSError as error:
            run.child = None
            self._loop.call_soon(self._over, run, _FAILED, f"{program}: {error.strerror}")

    def _ended(self, run: _Run, ended: Ended) -> None:
        if ended.status == 0 and not run.cancelled:
            self._next(run)
        else:
            self._over(run, ended.status or _CANCELLED)

    def _over(self, run: _Run, status: int, error: str = "") -> None:
        del self._runs[run.effect.request]
        self._answer(run.effect, status, error)

    def _answer(self, effect: RunHandler, status: int, error: str = "") -> None:
        self._post(HandlerEnded(effect.request, effect.ticket, status, error))


def _programs(words: tuple[str, ...]) -> list[str]:
    """Return the files to run: the one that is named, or those of the directory, in order.

    Raises:
        OSError: there is no such file.
    """
    if not words:
        raise FileNotFoundError("no before-acquire-handler is configured")
    path = Path(words[0])
    if not path.is_dir():
        path.stat()
        return [words[0]]
    return [os.fspath(each) for each in sorted(path.iterdir()) if not each.name.startswith(".")]
