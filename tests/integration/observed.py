"""A history of a lab while something is done to it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from boothlab.checkers.context import Context
from boothlab.checkers.judge import judge
from boothlab.checkers.suite import CHECKERS
from boothlab.core.config.model import Role
from boothlab.core.config.parse import parse
from boothlab.engine import booth_conf
from boothlab.engine.topology.model import Site
from boothlab.engine.waits import wait_until
from boothlab.history.header import Header, Member, Ticket
from boothlab.history.recorder import Recorder
from boothlab.history.records import Process, Record
from boothlab.observers import Observers, observers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.checkers.judge import Judgement
    from boothlab.engine.lab import Lab
    from boothlab.history.history import History
    from boothlab.history.records import Life

R = TypeVar("R", bound=Record)

BOUNDS: Final = Context(observation_gap_ms=5_000)
LIMIT_S: Final = 90.0


def header(lab: Lab) -> Header:
    topology = lab.topology
    config = parse(booth_conf.render(topology), path=booth_conf.conf_path(topology))
    groups = {name: ticket.resources for name, ticket in topology.tickets.items()}
    return Header(
        testbed=topology.cluster,
        topology=topology.name,
        members=tuple(
            Member(
                each.name,
                Role.SITE if isinstance(each, Site) else Role.ARBITRATOR,
                str(each.address),
                each.implementation,
            )
            for each in topology.members
        ),
        tickets=tuple(
            Ticket.of(
                each,
                tuple(part.name for group in groups[each.name] for part in topology.resources[group]),
            )
            for each in config.tickets
        ),
        clock="CLOCK_MONOTONIC",
        started_ns=time.monotonic_ns(),
        started_utc=datetime.now(UTC).isoformat(),
        observers=observers_of(topology),
    )


class Observed:
    """A lab under observation."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.recorder = Recorder(header(lab), time.monotonic_ns)
        self.observers = Observers(lab, lab.topology, self.recorder)

    @property
    def lives(self) -> list[tuple[str, str, str]]:
        """Return what became of daemons so far: member, life, by whom."""
        return [(each.member, each.life.value, each.by) for each in self.history.of(Process)]

    @property
    def history(self) -> History:
        return self.recorder.history()

    def run(self, node: str, command: str) -> str:
        """Run a command that must succeed."""
        answer = self.lab.run(node, command)
        assert answer.ok, answer.output
        return answer.stdout

    def wait_for(self, kind: type[R], good: Callable[[R], bool], what: str) -> R:
        """Wait for a record that is added from now on, or since the latest call; return it."""
        found = wait_until(
            lambda: [each for each in self.history.of(kind) if each.index >= self._since and good(each)],
            what=what,
            limit_s=LIMIT_S,
        )
        self._since = found[0].index + 1
        return found[0]

    _since = 0

    def wait_life(self, member: str, life: Life) -> Process:
        return self.wait_for(
            Process,
            lambda each: (each.member, each.life) == (member, life),
            f"the daemon of {member} {life.value}",
        )

    def judged(self) -> Judgement:
        return judge(self.history, CHECKERS, BOUNDS)


@contextmanager
def observed(lab: Lab) -> Iterator[Observed]:
    """Observe a lab while the context is open."""
    found = Observed(lab)
    found.observers.start()
    try:
        yield found
    finally:
        found.observers.stop()
