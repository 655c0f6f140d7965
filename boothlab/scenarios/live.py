"""The testbed of a lab: real daemons, real packets, real time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from boothlab.faults import FaultRefusedError
from boothlab.faults.doing import FaultFailedError
from boothlab.history.records import Mark, Operation, Phase, Verb
from boothlab.nemesis.schedule import Do
from boothlab.scenarios.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.checkers.context import Context
    from boothlab.history.calls import Call
    from boothlab.history.header import Header, Ticket
    from boothlab.history.recorder import Recorder
    from boothlab.nemesis.fault import Fault
    from boothlab.nemesis.schedule import Schedule
    from boothlab.scenarios.clients import Clients
    from boothlab.scenarios.inflicting import Inflicted, Inflicting
    from boothlab.scenarios.latest import Latest
    from boothlab.scenarios.testbed import Applied

_SETTLED_MS = 500
"""How much longer than the checkers need it stays calm at the end, in milliseconds."""


class LiveTestbed:
    """A lab to play on; see ``Testbed`` for what each method does."""

    def __init__(  # noqa: PLR0913 - what a run consists of
        self,
        *,
        header: Header,
        recorder: Recorder,
        clients: Clients,
        faults: Inflicting,
        seen: Latest,
        bounds: Context,
        seed: int,
        schedule: Schedule | None = None,
    ) -> None:
        self.header = header
        self.seen = seen
        self.dice = Random(seed)  # noqa: S311 - chance that can be repeated, not a secret
        self._recorder = recorder
        self._clients = clients
        self._faults = faults
        self._bounds = bounds
        self._schedule = schedule

    @property
    def schedule(self) -> Schedule:
        """Return the run's schedule."""
        if self._schedule is None:
            raise ScenarioError(f"the scenario {self.header.scenario} has no schedule")
        return self._schedule

    @property
    def ticket(self) -> Ticket:
        """Return the first ticket."""
        if not self.header.tickets:
            raise ScenarioError(f"the topology {self.header.topology} has no ticket")
        return self.header.tickets[0]

    def leases(self, count: float) -> float:
        """Return how many milliseconds so many leases of the first ticket are."""
        return count * self.ticket.expire_ms

    def others(self, member: str) -> Iterator[str]:
        """Yield all members but one."""
        yield from (each.name for each in self.header.members if each.name != member)

    # what clients do

    def grant(
        self,
        site: str,
        *,
        ticket: str = "",
        at: str = "",
        immediate: bool = False,
        wait: bool = True,
        stranger: bool = False,
    ) -> Call:
        """Ask for a ticket for a site and wait for the answer."""
        return self._ask(Verb.GRANT, site, ticket, at, immediate=immediate, wait=wait, stranger=stranger)

    def revoke(self, site: str, *, ticket: str = "", at: str = "", stranger: bool = False) -> Call:
        """Ask a site to give a ticket back and wait for the answer."""
        return self._ask(Verb.REVOKE, site, ticket, at, wait=True, stranger=stranger)

    def attribute(self, verb: Verb, site: str, name: str = "", value: str = "", *, ticket: str = "") -> Call:
        """Set, get, list or delete an attribute of a ticket at a site."""
        return self._ask(verb, site, ticket, attribute=name, value=value)

    def _ask(  # noqa: PLR0913 - an operation's fields
        self,
        verb: Verb,
        site: str,
        ticket: str,
        at: str = "",
        *,
        immediate: bool = False,
        wait: bool = False,
        attribute: str = "",
        value: str = "",
        stranger: bool = False,
    ) -> Call:
        wanted = Operation(
            process="",
            phase=Phase.INVOKE,
            verb=verb,
            ticket=ticket or self.ticket.name,
            site=site,
            immediate=immediate,
            wait=wait,
            attribute=attribute,
            value=value,
        )
        return self._clients.ask(wanted, at=at, stranger=stranger)

    # what goes wrong

    def apply(self, fault: Fault, *, seed: int | None = None) -> Inflicted:
        """Carry a fault out."""
        return self._faults.apply(fault, seed=seed, ticket=self.ticket.name)

    def heal(self, applied: Applied | None = None) -> None:
        """Undo a fault, or all."""
        if applied is None:
            self._faults.heal()
        else:
            self._faults.undo(applied.id)

    @contextmanager
    def during(self, fault: Fault) -> Iterator[Inflicted]:
        """Carry a fault out for as long as a block lasts."""
        applied = self.apply(fault)
        try:
            yield applied
        finally:
            self.heal(applied)

    @contextmanager
    def past_the_lease(self) -> Iterator[None]:
        """Let a block last so long that a lease lost at its begin must have been revoked."""
        until = time.monotonic() + (self.leases(1) + self._bounds.revoke_ms + _SETTLED_MS) / 1000
        yield
        time.sleep(max(0.0, until - time.monotonic()))

    def play(self, schedule: Schedule) -> None:
        """Play a schedule to its end; what the lab cannot have at its moment is in the history as failed."""
        began = time.monotonic()
        applied: dict[int, Inflicted] = {}
        for action in schedule.actions():
            time.sleep(max(0.0, began + action.at_ms / 1000 - time.monotonic()))
            if action.do is Do.HEAL or action.index is None:
                self.heal()
            elif action.do is Do.END:
                if each := applied.pop(action.index, None):
                    self.heal(each)
            else:
                entry = schedule.entries[action.index]
                try:
                    applied[action.index] = self.apply(entry.fault, seed=entry.seed)
                except (FaultRefusedError, FaultFailedError):
                    continue  # e.g. nobody leads, or Booth does not run, at the moment; the history says so

    # waiting

    def pause(self, ms: float) -> None:
        """Let time pass."""
        time.sleep(ms / 1000)

    def wait_second(self, *, past_ms: float) -> None:
        """Wait until the wall clock, which nodes share with this host, is so far past a whole second."""
        self.pause((past_ms - time.time() * 1000) % 1000)

    def wait(self, condition: Callable[[Latest], bool], what: str, *, within_ms: float) -> None:
        """Wait until what is seen fulfils a condition."""
        self.seen.wait(condition, what, within_ms / 1000)

    def wait_holder(self, site: str | None, *, ticket: str = "", within_ms: float | None = None) -> None:
        """Wait until this site's CIB, and only this one's, has a ticket granted."""
        name = ticket or self.ticket.name
        wanted = frozenset([site] if site else [])
        self.wait(
            lambda seen: seen.holders(name) == wanted,
            f"{name} is granted at {site or 'nobody'} alone",
            within_ms=self._failover_ms if within_ms is None else within_ms,
        )

    def wait_agreed(self, leader: str | None, *, ticket: str = "", within_ms: float | None = None) -> None:
        """Wait until every member that answers says that this one leads, and only its CIB has the ticket."""
        name = ticket or self.ticket.name
        wanted = frozenset([leader] if leader else [])
        self.wait(
            lambda seen: set(seen.leaders(name).values()) == {leader} and seen.holders(name) == wanted,
            f"all members say that {name} is at {leader or 'nobody'}",
            within_ms=self._failover_ms if within_ms is None else within_ms,
        )

    def wait_moment(self, member: str, *, after_renewal_ms: float = 0) -> None:
        """Wait until the holder has just told its CIB about a renewal, and a while longer."""
        name = self.ticket.name
        told = self.seen.writes(member, name)
        self.wait(
            lambda seen: seen.writes(member, name) > told,
            f"{member} renews {name}",
            within_ms=self.leases(3),
        )
        self.pause(after_renewal_ms)

    def settle(self) -> None:
        """Stay calm until checkers can say whether all members agree."""
        self.pause(self._bounds.agreement_ms + self._bounds.observation_gap_ms + _SETTLED_MS)

    @property
    def _failover_ms(self) -> float:
        """Return for how long a takeover is waited for: so long that checkers can tell that it is late."""
        longest_ms = self.ticket.expire_ms + self.ticket.acquire_after_ms + self._bounds.failover_ms
        return longest_ms + self._bounds.observation_gap_ms

    # remarks

    def mark(self, name: str, text: str = "") -> None:
        """Put a remark into the history."""
        self._recorder.add(Mark(name=name, text=text))
