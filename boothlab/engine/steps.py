"""Steps: the commands that make a lab out of started containers, and how they are run.

A step names the steps it needs; whatever can go on at the same time does. The
list's order is the order in which a person would do it, and in which it is told.
"""

from __future__ import annotations

import shlex
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Literal

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Kind = Literal["article", "lab", "wait"]


@dataclass(frozen=True)
class Step:
    """One command in one node.

    ``article``: a step of the article. ``lab``: the lab's own doing, e.g. a shortcut.
    ``wait``: the command is a condition, tried until it succeeds.
    """

    name: str
    """Unique within a list of steps."""
    node: str
    command: str
    """As typed into the node's shell."""
    title: str
    """What it does, as a heading."""
    needs: tuple[str, ...] = ()
    """Names of the steps that must have succeeded before."""
    kind: Kind = "article"
    why: str = ""
    """One or two sentences for the reader of the tutorial."""
    limit_s: float = 60.0

    @property
    def script(self) -> str:
        """What is handed to the node's shell."""
        return until(self.command, self.limit_s) if self.kind == "wait" else self.command


def until(condition: str, limit_s: float) -> str:
    """Return a shell script that tries a condition until it succeeds, for ``limit_s`` seconds.

    It prints what the condition printed last and exits 0, or 1 when time was up.
    One script in the node is far cheaper than asking again and again from outside.
    """
    probe = shlex.quote(condition)
    # The node's wall clock may be wrong. Whole seconds: -gt, so that the limit is never cut short by
    # what was left of one.
    now = "$(cut -d. -f1 /proc/uptime)"
    return (
        f"end=$(({now} + {int(limit_s)})); "
        f"while :; do seen=$(sh -c {probe} 2>&1) && break; "
        f'[ "{now}" -gt "$end" ] && {{ echo "$seen"; exit 1; }}; '
        'sleep 0.25; done; echo "$seen"'
    )


@dataclass(frozen=True)
class Record:
    """A step that was run, and what it printed."""

    step: Step
    output: str
    exit_code: int
    began_s: float
    """Seconds after the start of the bring-up."""
    seconds: float


class StepFailedError(BoothlabError):
    """A step did not succeed."""

    def __init__(self, record: Record) -> None:
        self.record = record
        step = record.step
        waited = f"still not so after {record.seconds:.0f} s" if step.kind == "wait" else "failed"
        last_lines = "\n".join(record.output.splitlines()[-20:]) or "(nothing)"
        super().__init__(
            f"{step.title}: {waited}\n"
            f"node:    {step.node}\n"
            f"command: {step.command}\n"
            f"exit:    {record.exit_code}\n"
            f"printed: {last_lines}",
            remedy=f"look inside with `boothlab shell {step.node}` or `boothlab logs {step.node}`; "
            "`boothlab up` builds the lab anew, `boothlab down` removes it",
        )


def perform(steps: Sequence[Step], run: Callable[[Step], Record], *, at_once: int = 12) -> list[Record]:
    """Run steps as soon as what they need is done; return the records in the list's order.

    ``run`` is called in threads, ``at_once`` at most. After a failure or an interrupt
    nothing new is started, and what still runs is left to its own limit: the caller
    stops it (``Runtime.cancel``) or waits for it by looking at the lab again.

    Raises:
        StepFailedError: a step's exit code was not 0.
        CycleError: steps need each other in a circle; KeyError: a step that is not there.
        Exception: whatever ``run`` raised.
    """
    by_name = {step.name: step for step in steps}
    order = TopologicalSorter({step.name: step.needs for step in steps})
    order.prepare()
    records: dict[str, Record] = {}
    running: dict[Future[Record], str] = {}
    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        while order.is_active():
            running |= {pool.submit(run, by_name[name]): name for name in order.get_ready()}
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                record = future.result()
                if record.exit_code:
                    raise StepFailedError(record)
                name = running.pop(future)
                records[name] = record
                order.done(name)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [records[step.name] for step in steps]
