"""Running steps in a lab's nodes, with a clock that everybody shares."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from boothlab.engine.steps import Record, StepFailedError, perform
from boothlab.engine.transcript import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boothlab.engine.progress import Progress
    from boothlab.engine.runtime import Runtime
    from boothlab.engine.steps import Step

_MARGIN_S: Final = 2.0
"""A waiting step ends itself, with what it saw last, before the node ends it."""


@dataclass
class Clock:
    """Times the phases of one piece of work, in seconds after its start."""

    began: float = field(default_factory=time.monotonic)
    phases: list[Phase] = field(default_factory=list)

    def now_s(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.began

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what happens inside as a phase."""
        began_s = self.now_s()
        try:
            yield
        finally:
            self.phases.append(Phase(name=name, began_s=began_s, seconds=self.now_s() - began_s))


@dataclass
class Stepper:
    """Runs steps in nodes, tells of each, and keeps the records, also when one fails."""

    runtime: Runtime
    progress: Progress
    clock: Clock = field(default_factory=Clock)
    records: dict[str, Record] = field(default_factory=dict)

    def run_all(self, steps: Sequence[Step]) -> list[Record]:
        """Run the steps; see ``perform``.

        Raises:
            StepFailedError: one failed; the others were told to stop.
            NodeUnreachableError: a node does not answer.
        """
        try:
            return perform(steps, self._run)
        except BaseException:
            self.runtime.cancel()
            raise

    def kept(self, steps: Sequence[Step]) -> tuple[Record, ...]:
        """Return the records there are of these steps, in their order."""
        return tuple(self.records[step.name] for step in steps if step.name in self.records)

    def _run(self, step: Step) -> Record:
        began_s = self.clock.now_s()
        with self.progress.activity(step.node, step.title):
            answer = self.runtime.run(step.node, step.script, limit_s=step.limit_s + _MARGIN_S)
            record = Record(step, answer.output, answer.exit_code, began_s, answer.seconds)
            self.records[step.name] = record
            if record.exit_code:
                raise StepFailedError(record)
        return record
