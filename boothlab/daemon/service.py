"""The running daemon: a member, its shell, and everything that carries out its effects."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.core import effects
from boothlab.core.codes import NO_ONE, UNKNOWN
from boothlab.core.events import CibWritten, Started, Stopping
from boothlab.daemon import clock, metrics_text
from boothlab.daemon.alarm import Alarm
from boothlab.daemon.children import Children
from boothlab.daemon.handlers import Handlers
from boothlab.daemon.lock_file import LockedError
from boothlab.daemon.metrics import Metrics
from boothlab.daemon.pacemaker import Pacemaker
from boothlab.daemon.shell import Shell
from boothlab.daemon.tcp import Tcp
from boothlab.daemon.udp import Udp
from boothlab.daemon.usage import version

if TYPE_CHECKING:
    import socket

    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.events import Event
    from boothlab.core.member import Member
    from boothlab.core.view import TicketView
    from boothlab.daemon.children import Child
    from boothlab.daemon.lease_guard import LeaseGuard
    from boothlab.daemon.lock_file import LockFile
    from boothlab.daemon.logs import Log
    from boothlab.daemon.notify import Notifier
    from boothlab.daemon.promises import Promises

_LINGER_S: Final = 2.0
"""So long a daemon that was told to end lets Pacemaker's tools finish what they write."""
_LOCK_CHECK_MS: Final = 10_000
_GUARD_AGAIN_S: Final = 1.0
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
"""What the daemon reacts to; blocked until it can."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What was opened before the daemon gave up being root."""

    config: Config
    me: MemberConfig
    log: Log
    lock: LockFile
    promises: Promises
    guard: LeaseGuard | None
    """None at an arbitrator, which never grants anything."""
    udp: socket.socket
    tcp: socket.socket
    metrics: socket.socket | None
    notifier: Notifier


class Service:
    """Runs a member until a signal ends it.

    Args:
        member: the state machine.
        belongings: what it works with.
    """

    def __init__(self, member: Member, belongings: Belongings) -> None:
        self._member = member
        self._own = belongings
        self._log = belongings.log
        self._shell = Shell(member)
        self._lock_checked_ms = 0
        self._status: asyncio.Future[int]

    async def run(self) -> int:
        """Be a member; return the exit code."""
        loop = asyncio.get_running_loop()
        self._status = loop.create_future()
        loop.set_exception_handler(self._on_exception)
        self._equip(loop)
        servers = await self._serve(loop)
        self._listen_to_signals(loop)
        self._shell.post(Started(self._own.promises.load()))
        self._announce()
        status = await self._status
        for server in servers:
            server.close()
        await self._end()
        return status

    def _equip(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make the hands that carry out effects."""
        own, post = self._own, self._shell.post
        self._children = Children(loop)
        self._udp = Udp(loop, own.udp, own.config.members, post, own.log)
        self._tcp = Tcp(self._take_request)
        self._pacemaker = Pacemaker(
            *(loop, self._children, self._take_written),
            instance=own.config.name,
            log=own.log,
            guarded=self._tool_started,
        )
        self._writes: dict[int, effects.WriteCib] = {}
        handlers = Handlers(loop, self._children, post, own.config, own.me)
        self._alarm = Alarm(loop, self._wake)
        hands: dict[type[effects.Effect], Any] = {
            effects.Send: self._udp.send,
            effects.Answer: self._tcp.answer,
            effects.Remember: lambda effect: own.promises.remember(effect.ticket, effect.promise),
            effects.LoadCib: self._pacemaker.load,
            effects.WriteCib: self._write,
            effects.CancelWrite: self._pacemaker.cancel,
            effects.SetAttribute: self._pacemaker.set_attribute,
            effects.RunHandler: handlers.run,
            effects.CancelHandler: handlers.cancel,
            effects.Log: lambda effect: own.log.note(effect.note),
        }
        self._shell.equip(hands, self._alarm)
        if own.guard is not None:
            self._children.watch(own.guard.pid, self._guard_died)
            self._children.reap()  # should it be dead already

    async def _serve(self, loop: asyncio.AbstractEventLoop) -> list[asyncio.Server]:
        servers = [await self._tcp.serve(loop, self._own.tcp)]
        if self._own.metrics is not None:
            self._metrics = Metrics(lambda: metrics_text.render(self._member.view(clock.now()), version()))
            servers.append(await self._metrics.serve(loop, self._own.metrics))
        return servers

    def _listen_to_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._refuse_reload)
        loop.add_signal_handler(signal.SIGUSR1, self._log_tickets)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _announce(self) -> None:
        own, me = self._own, self._own.me
        own.lock.say("started")
        self._log.info(f"BOOTH {me.role.value} daemon started, node id is 0x{me.id:08X} ({me.id}).")
        own.notifier.ready(f"Running: {me.role.value} {me.address}, port {me.port}")

    async def _end(self) -> None:
        """Finish what is being written, and close everything."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pacemaker.idle(), _LINGER_S)
        self._own.notifier.stopping()
        self._shell.post(Stopping())
        self._alarm.close()
        self._children.close()
        self._tcp.close()
        self._udp.close()
        if self._own.guard is not None:
            self._own.guard.close()
        self._own.promises.close()

    # Effects and events that concern more than one hand.

    def _write(self, effect: effects.WriteCib) -> None:
        self._writes[effect.request] = effect
        if self._own.guard is not None and effect.granted:
            self._own.guard.granting(effect)
        self._pacemaker.write(effect)

    def _tool_started(self, effect: effects.WriteCib, child: Child) -> None:
        if self._own.guard is not None:
            self._own.guard.started(effect, child)

    def _take_written(self, event: Event) -> None:
        if isinstance(event, CibWritten):
            effect = self._writes.pop(event.request)
            if self._own.guard is not None:
                self._own.guard.written(effect, event.error)
        self._shell.post(event)

    def _take_request(self, event: Event) -> None:
        self._look_after_lock()
        self._shell.post(event)

    def _wake(self) -> None:
        now_ms = clock.mono_ms()
        if now_ms >= self._lock_checked_ms + _LOCK_CHECK_MS:
            self._lock_checked_ms = now_ms
            self._look_after_lock()
        self._shell.wake()

    def _look_after_lock(self) -> None:
        """Restore a lock file that somebody deleted: agents and people believe it."""
        try:
            if self._own.lock.restore():
                self._log.warning(f"lockfile {self._own.lock.path} was deleted, made it anew")
        except (LockedError, OSError) as error:
            self._log.error(f"lockfile {self._own.lock.path} was deleted: {error}", kind="lock file")

    def _guard_died(self) -> None:
        """Start another guard, soon."""
        self._log.error("the lease guard died, starting another one")
        asyncio.get_running_loop().call_later(_GUARD_AGAIN_S, self._start_guard)

    def _start_guard(self) -> None:
        guard = self._own.guard
        if guard is None or self._status.done():
            return
        try:
            guard.start()
        except OSError as error:
            self._log.error(f"no lease guard: {error}", kind="guard")
            asyncio.get_running_loop().call_later(_GUARD_AGAIN_S, self._start_guard)
        else:
            self._children.watch(guard.pid, self._guard_died)

    # Signals.

    def _stop(self, number: signal.Signals) -> None:
        self._log.info(f"caught signal {number.value}")
        if not self._status.done():
            self._status.set_result(0)

    def _refuse_reload(self) -> None:
        self._log.warning(
            "caught signal 1: the configuration is read at start only, restart the daemon for it"
        )

    def _log_tickets(self) -> None:
        view = self._member.view(clock.now())
        names = {each.id: each.address for each in self._own.config.members}
        for ticket in view.tickets:
            self._log.info(_ticket_line(ticket, names))

    def _on_exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Go on after what the system refused (a connection, say); end after a bug: the guard takes over."""
        error = context.get("exception")
        if error is None or isinstance(error, OSError):
            self._log.warning(f"{context.get('message')}: {error}", kind="system")
            return
        for line in traceback.format_exception(error):
            self._log.error(line.rstrip())
        with contextlib.suppress(asyncio.InvalidStateError):
            self._status.set_result(1)


def _ticket_line(ticket: TicketView, names: dict[int, str]) -> str:
    """Return a ticket as SIGUSR1 logs it."""
    special = {NO_ONE: "none", UNKNOWN: "NONE"}
    leader = special.get(ticket.leader) or names.get(ticket.leader, str(ticket.leader))
    expires = time.ctime(clock.now().wall_s(ticket.lease_end_ms))
    prefix = f"{ticket.name} ({ticket.state.value}/{ticket.term}/{ticket.left_ms})"
    state = f"state '{ticket.state.value}' term {ticket.term} leader {leader} expires {expires}"
    return f"{prefix}: {state}"
