"""A site's Pacemaker as booth sees it: the CIB, the tool that changes it, and the lease guard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from unit.core.cluster.timeline import MS

from boothlab.core.events import CibLoaded, CibTicket, CibWritten

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from unit.core.cluster.clock import Clock
    from unit.core.cluster.history import History
    from unit.core.cluster.timeline import Timeline

    from boothlab.core.effects import LoadCib, SetAttribute, WriteCib
    from boothlab.core.events import Event

    Answer = Callable[[Event], None]

GUARD_RETRY_US: Final = 500 * MS
TOOL_TIMEOUT_US: Final = 20_000 * MS
GUARD_DELAY_US: Final = 3 * MS
GUARD_GRACE_US: Final = 100 * MS
"""A process that runs has so much longer to revoke by itself."""
BOOT_US: Final = 1_000 * MS
"""Pacemaker needs longer to start anything than booth to tell it what is so."""
_EARLY_DEATHS: Final = 0.3
"""How many killed tools had their say after all."""


@dataclass(slots=True)
class Tool:
    """A running crm_ticket."""

    write: WriteCib
    answer: Answer
    runs: Callable[[], bool]
    """Whether the process that started it still runs, neither dead nor stopped."""
    ended: bool = False


class Pacemaker:
    """The model. A write takes ``latency_us`` and is in force somewhere on the way."""

    def __init__(self, site: str, clock: Clock, timeline: Timeline, history: History, random: Random) -> None:
        self.site, self._clock, self._timeline, self._history, self._random = (
            site,
            clock,
            timeline,
            history,
            random,
        )
        self.tickets: dict[str, CibTicket] = {}
        self.latency_us = (1 * MS, 5 * MS)
        self.fate: Callable[[WriteCib], str] = lambda _: ""
        """What becomes of a write: nothing special, ``fail`` or ``hang``."""
        self.unreadable = False
        self.writes: list[tuple[int, WriteCib]] = []
        """Every write that was asked for, and when."""
        self._tools: dict[str, Tool] = {}
        self._guards: dict[str, Tool] = {}
        self._powered = False
        self._acts = False
        self._boots = 0

    # --- the CIB itself

    def tell(self, ticket: str) -> None:
        """Let the history know what the cluster acts upon."""
        granted = self._acts and bool(self.tickets.get(ticket, CibTicket()).granted)
        self._history.tell(self.site, ticket, granted=granted, now_us=self._timeline.now_us)

    def crash(self) -> None:
        """Take the node's power away: nothing runs here, whatever the CIB says."""
        self._powered = self._acts = False
        for tool in [*self._tools.values(), *self._guards.values()]:
            tool.ended = True
        self._tools, self._guards = {}, {}
        self._tell_all()

    def unguard(self) -> None:
        """Lose the lease guard with the node that it ran on; the cluster lives on at others."""
        self._guards = {}

    def boot(self) -> None:
        """Give power back. The cluster takes its time before it acts upon what the CIB says."""
        if self._powered:
            return
        self._powered, self._boots = True, self._boots + 1
        self._act_later(self._boots)

    def _act_later(self, boot: int) -> None:
        booth_needs_us = 3 * self.latency_us[1]  # to read the ticket, and to revoke it if it must
        self._timeline.after(BOOT_US + booth_needs_us, lambda: self._act(boot))

    def _act(self, boot: int) -> None:
        if self._boots != boot or not self._powered:
            return
        if self.unreadable:
            self._act_later(boot)
            return
        self._acts = True
        self._tell_all()

    def _tell_all(self) -> None:
        for ticket in self.tickets:
            self.tell(ticket)

    def set(self, effect: SetAttribute) -> None:
        """Store or delete an attribute."""
        ticket = self.tickets.get(effect.ticket, CibTicket())
        kept = {name: value for name, value in ticket.attributes.items() if name != effect.name}
        added = {} if effect.value is None else {effect.name: effect.value}
        self.tickets[effect.ticket] = replace(ticket, attributes=kept | added)

    # --- the tool

    def load(self, effect: LoadCib, answer: Answer) -> None:
        """Read a ticket."""

        def read() -> None:
            state = None if self.unreadable else self.tickets.get(effect.ticket)
            error = "crm_ticket failed" if self.unreadable else ""
            answer(CibLoaded(effect.request, effect.ticket, state, error))

        self._timeline.after(self._random.randint(*self.latency_us), read)

    def write(self, write: WriteCib, answer: Answer, runs: Callable[[], bool]) -> None:
        """Start the tool: it ends by itself, at the write's deadline or after a long time."""
        assert write.ticket not in self._tools, f"two writes of {write.ticket} at {self.site} at once"
        self.writes.append((self._timeline.now_us, write))
        tool = self._tools[write.ticket] = Tool(write, answer, runs)
        if write.deadline_ms is not None:
            deadline_us = self._clock.true_us(write.deadline_ms)
            if deadline_us <= self._timeline.now_us:
                self._end(tool, "too late to begin")
                return
            self._guards[write.ticket] = tool
            self._timeline.at(deadline_us, lambda: self._deadline(tool))
        self._begin(tool)

    def _begin(self, tool: Tool) -> None:
        fate = self.fate(tool.write)
        latency_us = self._random.randint(*self.latency_us)
        self._timeline.after(TOOL_TIMEOUT_US, lambda: self._kill(tool))
        if fate == "fail":
            self._timeline.after(latency_us, lambda: self._end(tool, "crm_ticket failed"))
        elif not fate:
            self._timeline.after(self._random.randint(0, latency_us), lambda: self._applies(tool))
            self._timeline.after(latency_us, lambda: self._end(tool))

    def _applies(self, tool: Tool) -> None:
        if not tool.ended:
            self._apply(tool.write)

    def _apply(self, write: WriteCib) -> None:
        old = self.tickets.get(write.ticket, CibTicket())
        self.tickets[write.ticket] = CibTicket(
            write.granted, write.owner, write.expires_s, write.term, old.attributes
        )
        self._acts = True
        self.tell(write.ticket)

    def _end(self, tool: Tool, error: str = "") -> None:
        if tool.ended or self._tools.get(tool.write.ticket) is not tool:
            return
        tool.ended = True
        del self._tools[tool.write.ticket]
        if not (error or tool.write.granted):
            self._guards.pop(tool.write.ticket, None)
        answer = CibWritten(tool.write.request, tool.write.ticket, error)
        self._timeline.after(0, lambda: tool.answer(answer))

    def cancel(self, ticket: str) -> None:
        """Kill the tool, when one runs."""
        if ticket in self._tools:
            self._kill(self._tools[ticket])

    def orphan(self) -> None:
        """Let the tools of a process die with it, with nobody to be told."""
        for tool in list(self._tools.values()):
            self._kill(tool)
        self._tools = {}

    def _kill(self, tool: Tool) -> None:
        if tool.ended:
            return
        if not self.fate(tool.write) and self._random.random() < _EARLY_DEATHS:
            self._apply(tool.write)
        self._end(tool, "killed")
        tool.ended = True

    # --- the guard

    def _deadline(self, tool: Tool) -> None:
        """Let the process itself act if it can, but not for long."""
        if tool.runs():
            self._kill(tool)
        if self._powered:
            delay_us = GUARD_GRACE_US if tool.runs() else GUARD_DELAY_US
            self._timeline.after(delay_us, lambda: self._guard_acts(tool))

    def _guard_acts(self, tool: Tool) -> None:
        self._kill(tool)
        if self._guards.get(tool.write.ticket) is tool:
            self._timeline.after(self._random.randint(*self.latency_us), lambda: self._guard_revokes(tool))

    def _guard_revokes(self, tool: Tool) -> None:
        revoke = replace(tool.write, granted=False)
        if self._guards.get(tool.write.ticket) is not tool:
            return
        if self.fate(revoke):
            self._timeline.after(GUARD_RETRY_US, lambda: self._guard_revokes(tool))
            return
        del self._guards[tool.write.ticket]
        self._apply(revoke)
