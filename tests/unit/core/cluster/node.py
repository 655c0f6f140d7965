"""A node and the process on it: a shell around one ``Member``, which can die, stop and lose its memory."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from unit.core.cluster.timeline import MS

from boothlab.core.effects import (
    Answer,
    CancelHandler,
    CancelWrite,
    LoadCib,
    Log,
    Remember,
    RunHandler,
    Send,
    SetAttribute,
    WriteCib,
)
from boothlab.core.events import HandlerEnded, Started, Woken

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from unit.core.cluster.clock import Clock
    from unit.core.cluster.pacemaker import Pacemaker
    from unit.core.cluster.timeline import Timeline

    from boothlab.core.clock import Now
    from boothlab.core.config.model import MemberConfig
    from boothlab.core.effects import Effect
    from boothlab.core.events import Event, Promise
    from boothlab.core.notes import Note
    from boothlab.core.view import MemberView

INBOX_MAX: Final = 250
"""How many events wait for a stopped process; the kernel drops the rest."""
_TIMERS_FIRST: Final = 0.5
SPIN_MAX: Final = 50
"""How often a member may want to be woken without the time going on."""


class Core(Protocol):
    """What drives a node: ``Member``, or something that behaves like one."""

    @property
    def deadline_ms(self) -> int | None: ...
    def step(self, now: Now, event: Event) -> list[Effect]: ...
    def view(self, now: Now) -> MemberView: ...


class Surroundings(Protocol):
    """Where a node's datagrams and answers go, and what makes its time and its luck."""

    timeline: Timeline
    random: Random

    def send(self, node: Node, to: int, data: bytes) -> None: ...
    def answer(self, node: Node, client: int, data: bytes, *, final: bool) -> None: ...
    def hang_up(self, node: Node) -> None: ...
    def forgets(self, node: Node) -> None: ...
    def trace(self, node: Node, event: Event | str, effects: list[Effect]) -> None: ...


class Node:
    """One member's machine."""

    def __init__(
        self,
        name: str,
        config: MemberConfig,
        *,
        make: Callable[[int], Core],
        around: Surroundings,
        clock: Clock,
        pacemaker: Pacemaker | None,
    ) -> None:
        self.name, self.config, self.clock, self.pacemaker = name, config, clock, pacemaker
        self._make, self._around, self._timeline, self._random = make, around, around.timeline, around.random
        self.core: Core | None = None
        self.paused = False
        self.promises: dict[str, Promise] = {}
        self.notes: list[tuple[int, Note]] = []
        self.handler: Callable[[str], int | None] = lambda _: 0
        """The before-acquire-handler's exit code for a ticket; None when it hangs."""
        self.handler_us = (2 * MS, 10 * MS)
        self.wake_us: int | None = None
        self.late_us = 1 * MS
        """How late a timer may go off."""
        self._life = 0
        self._spins = 0
        self._deadline_ms: int | None = None
        self._handled: set[tuple[int, int]] = set()
        self._inbox: deque[Event] = deque()
        self._held: list[Effect] = []
        self._stop_within: int | None = None

    # --- life and death

    @property
    def now(self) -> Now:
        """Return what this node's clocks show."""
        return self.clock.now(self._timeline.now_us)

    @property
    def runs(self) -> bool:
        """Return whether the process is there and not stopped."""
        return self.core is not None and not self.paused

    def view(self) -> MemberView:
        """Return what the member knows; it must be alive."""
        assert self.core is not None, f"{self.name} is dead"
        return self.core.view(self.now)

    def start(self) -> None:
        """Start the process, when none runs."""
        if self.core is None:
            self._life += 1
            self.core = self._make(self._life)
            if self.pacemaker:
                self.pacemaker.boot()
            self._step(Started(dict(self.promises)))

    def kill(self) -> None:
        """End the process at once, as SIGKILL does: only its promises stay."""
        if self.core is None:
            return
        self._around.trace(self, "killed", [])
        self.core, self.paused, self.wake_us = None, False, None
        self._inbox.clear()
        self._held, self._stop_within = [], None
        self._around.hang_up(self)
        if self.pacemaker:
            self.pacemaker.orphan()

    def restart(self) -> None:
        """Replace the process by a new one."""
        self.kill()
        self.start()

    def crash(self) -> None:
        """Take the power away. What the CIB says stays on disk; promises go, and the clock begins anew."""
        self.kill()
        self._around.forgets(self)
        self.promises = {}
        self.clock.reboot(self._timeline.now_us)
        if self.pacemaker:
            self.pacemaker.crash()

    def move(self) -> None:
        """Let booth go on at another node of the site: the same cluster, another clock, no memory."""
        self.kill()
        self._around.forgets(self)
        self.promises = {}
        self.clock.reboot(self._timeline.now_us)
        if self.pacemaker:
            self.pacemaker.unguard()
        self.start()

    def pause(self, *, within: int | None = None) -> None:
        """Stop the process, as SIGSTOP does: now, or after so many effects of its next step."""
        if self.core is None:
            return
        if within is None:
            self.paused, self.wake_us = True, None
            self._around.trace(self, "paused", [])
        else:
            self._stop_within = within

    def resume(self) -> None:
        """Let a stopped process go on with all that waited for it."""
        self._stop_within = None
        if not self.paused:
            return
        self._around.trace(self, "resumed", [])
        self.paused = False
        held, self._held = self._held, []
        self._carry_out(held)
        if self._random.random() < _TIMERS_FIRST:
            self._step(Woken())
        while self._inbox and self.runs:
            self._step(self._inbox.popleft())
        if self.runs:
            self._arm()

    # --- events in, effects out

    def deliver(self, event: Event, life: int | None = None) -> None:
        """Give an event to the process, unless the one that it is for is gone."""
        if self.core is None or (life is not None and life != self._life):
            return
        if not self.paused:
            self._step(event)
        elif len(self._inbox) < INBOX_MAX or life is not None:
            self._inbox.append(event)

    def wake(self) -> None:
        """Tell the member that its deadline came."""
        self._spins += 1
        assert self._spins < SPIN_MAX, f"{self.name} wants to be woken again and again"
        self._step(Woken())

    def _step(self, event: Event) -> None:
        assert self.core is not None
        effects = self.core.step(self.now, event)
        self._around.trace(self, event, effects)
        if self._stop_within is None:
            self._carry_out(effects)
        else:
            done, self._held = effects[: self._stop_within], effects[self._stop_within :]
            self._stop_within = None
            self._carry_out(done)
            self.pause()
        if self.runs:
            self._arm()

    def _arm(self) -> None:
        assert self.core is not None
        deadline_ms = self.core.deadline_ms
        if deadline_ms is None or deadline_ms > self.now.mono_ms:
            self._spins = 0
        if deadline_ms is None:
            self.wake_us = None
        elif deadline_ms != self._deadline_ms or self.wake_us is None:
            self.wake_us = self.clock.true_us(deadline_ms) + self._random.randint(0, self.late_us)
        self._deadline_ms = deadline_ms

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, data):
                    self._around.send(self, to, data)
                case Answer(client, data, final):
                    self._around.answer(self, client, data, final=final)
                case Remember(ticket, promise):
                    self.promises[ticket] = promise
                case Log(note):
                    self.notes.append((self._timeline.now_us, note))
                case RunHandler():
                    self._run_handler(effect)
                case CancelHandler():
                    self._end_handler(effect.request, effect.ticket, 143, 0)
                case _:
                    self._use_pacemaker(effect)

    def _use_pacemaker(self, effect: Effect) -> None:
        assert self.pacemaker, f"{self.name} is an arbitrator and has no CIB: {effect}"
        life = self._life
        match effect:
            case LoadCib():
                self.pacemaker.load(effect, lambda event: self.deliver(event, life))
            case WriteCib():
                self.pacemaker.write(
                    effect, lambda event: self.deliver(event, life), lambda: self.runs and self._life == life
                )
            case CancelWrite():
                self.pacemaker.cancel(effect.ticket)
            case SetAttribute():
                self.pacemaker.set(effect)

    # --- the handler

    def _run_handler(self, effect: RunHandler) -> None:
        status = self.handler(effect.ticket)
        if status is not None:
            self._end_handler(effect.request, effect.ticket, status, self._random.randint(*self.handler_us))

    def _end_handler(self, request: int, ticket: str, status: int, delay_us: int) -> None:
        life = self._life

        def end() -> None:
            if (life, request) not in self._handled:
                self._handled.add((life, request))
                self.deliver(HandlerEnded(request, ticket, status), life)

        self._timeline.after(delay_us, end)
