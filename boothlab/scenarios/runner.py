"""Playing a scenario on a lab: the lab is prepared, watched, broken and judged."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from boothlab.checkers.judge import Judgement, judge
from boothlab.checkers.suite import CHECKERS
from boothlab.checkers.verdict import CASES, Status, Verdict
from boothlab.engine import evidence
from boothlab.engine.restage import restage
from boothlab.engine.topology.load import load
from boothlab.errors import BoothlabError
from boothlab.faults import Faults, shape_of
from boothlab.history import store
from boothlab.history.recorder import Recorder
from boothlab.nemesis import schedule as schedules
from boothlab.observers import Observers
from boothlab.observers.capture import Capture
from boothlab.report import judged as judging
from boothlab.report.folder import RunFolder
from boothlab.scenarios.about import header_of, tickets_of
from boothlab.scenarios.clients import Clients
from boothlab.scenarios.errors import NotSoError
from boothlab.scenarios.inflicting import Inflicting
from boothlab.scenarios.latest import Latest
from boothlab.scenarios.live import LiveTestbed
from boothlab.scenarios.outcome import Run
from boothlab.scenarios.scenario import PLAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from boothlab.checkers.context import Context
    from boothlab.engine.lab import Lab
    from boothlab.history.header import Header
    from boothlab.history.records import Record
    from boothlab.nemesis.schedule import Schedule
    from boothlab.scenarios.scenario import Scenario

HOW: Final = "run.json"
"""In a run's folder: what was played, so that it can be played again."""
SCHEDULE: Final = "schedule.jsonl"
"""In a run's folder: its faults, for a scenario with a schedule. What is played again is what stands here."""


@dataclass(frozen=True)
class Wish:
    """What shall be played, and with whom."""

    scenario: Scenario
    topology: str
    """A topology's name or file."""
    subject: str = "python"
    """An implementation for all members, or ``A=python,B=clusterlabs``."""
    seed: int = 0
    settings: tuple[str, ...] = ()
    """Changes to the topology besides the scenario's own."""
    schedule: Schedule | None = None
    """What to play instead of what the seed gives, for a scenario with a schedule."""

    @property
    def all_settings(self) -> tuple[str, ...]:
        """Return all changes to the topology."""
        return *self.scenario.settings, *self.settings


def run(lab: Lab, wish: Wish, folder: Path) -> Run:
    """Play a scenario on a lab and judge it; everything about it lies in the folder afterwards.

    Args:
        lab: a lab of the wish's topology that is up; it is used up to its known state.
        wish: what to play.
        folder: where history, verdicts, logs and report go; made here.

    Raises:
        BoothlabError: the lab cannot be prepared or watched. What goes wrong in the play itself is a verdict.
    """
    began = time.monotonic()
    topology = load(wish.topology, overrides=wish.all_settings, subject=wish.subject).topology
    staged = restage(lab, topology)
    files = RunFolder(folder)
    folder.mkdir(parents=True)
    wish = _with_schedule(wish, staged)
    keep_wish(wish, folder)
    header = header_of(staged, scenario=wish.scenario.name, run=folder.name, seed=wish.seed)
    verdict = _play(staged, wish, header, files)
    with ThreadPoolExecutor() as pool:
        kept = pool.submit(_keep_evidence, staged, files)
        judgement = _judged(files, wish.scenario, wish.scenario.measure(topology.cluster), verdict)
        kept.result()
    files.keep(judging.of(judgement, CHECKERS), reproduce=f"boothlab chaos replay {folder}")
    files.write(files.report())
    return Run(
        scenario=wish.scenario,
        subject=wish.subject,
        topology=wish.topology,
        seed=wish.seed,
        folder=folder,
        judgement=judgement,
        seconds=time.monotonic() - began,
    )


def _with_schedule(wish: Wish, lab: Lab) -> Wish:
    """Return the wish with the schedule that its scenario draws, unless it has one."""
    if wish.scenario.draws is None or wish.schedule is not None:
        return wish
    drawn = wish.scenario.draws(wish.seed, shape_of(lab.topology), tickets_of(lab.topology)[0])
    return replace(wish, schedule=drawn)


def keep_wish(wish: Wish, folder: Path) -> None:
    """Keep what is played in a run's folder."""
    data = {
        "scenario": wish.scenario.name,
        "topology": wish.topology,
        "subject": wish.subject,
        "seed": wish.seed,
        "settings": list(wish.settings),
    }
    (folder / HOW).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if wish.schedule is not None:
        (folder / SCHEDULE).write_text(schedules.dumps(wish.schedule), encoding="utf-8")


class _Both:
    """Two readers of what is recorded."""

    def __init__(self, writer: store.Writer, seen: Latest) -> None:
        self._readers = writer, seen

    def append(self, record: Record) -> None:
        """Tell both."""
        for each in self._readers:
            each.append(record)


def _play(lab: Lab, wish: Wish, header: Header, files: RunFolder) -> Verdict:
    """Play the scenario while everything is recorded; return how the script itself went."""
    seen = Latest()
    with ExitStack() as last:
        writer = last.enter_context(store.Writer(files.history, header))
        recorder = Recorder(header, time.monotonic_ns, _Both(writer, seen))
        observers = Observers(lab, lab.topology, recorder)
        faults = Inflicting(lab.topology, Faults(lab), recorder, observers.lives, wish.seed)
        capture = Capture(lab, lab.topology, recorder)
        last.callback(_end, capture, observers, files)
        last.callback(faults.heal)
        _at_once(observers.start, capture.start)
        bed = LiveTestbed(
            header=header,
            recorder=recorder,
            clients=Clients(lab, recorder),
            faults=faults,
            seen=seen,
            bounds=wish.scenario.measure(lab.topology.cluster),
            seed=wish.seed,
            schedule=wish.schedule,
        )
        return _played(bed, wish.scenario)


def _end(capture: Capture, observers: Observers, files: RunFolder) -> None:
    """End what watches, whatever becomes of the others."""
    with ExitStack() as last:
        last.callback(capture.write, files.capture)
        last.callback(_at_once, capture.stop, observers.stop)


def _at_once(*acts: Callable[[], None]) -> None:
    """Do several things at the same time; when all have ended, the first one's error is raised."""
    with ThreadPoolExecutor() as pool:
        begun = [pool.submit(each) for each in acts]
    for each in begun:
        each.result()


def _played(bed: LiveTestbed, scenario: Scenario) -> Verdict:
    """Return a verdict on the script: INVALID when what it waits for does not come about."""
    try:
        scenario.play(bed)
    except NotSoError as error:
        bed.mark("not so", error.message)
        return Verdict(Status.INVALID, error.message, measures={CASES: 1.0})
    except BoothlabError as error:
        bed.mark("broken off", error.message)
        return Verdict(Status.UNKNOWN, f"It was broken off: {error.message}", measures={CASES: 1.0})
    return Verdict(Status.VALID, "It went as its script says.", measures={CASES: 1.0})


def _judged(files: RunFolder, scenario: Scenario, measure: Context, play: Verdict) -> Judgement:
    context = replace(measure, must_see=scenario.must_see)
    judgement = judge(store.read(files.history), CHECKERS, context)
    return Judgement({PLAY: play, **judgement.verdicts})


def _keep_evidence(lab: Lab, files: RunFolder) -> None:
    """Keep the lab's status and all logs."""
    found = evidence.collect(lab)
    files.status.write_text(found.pop(files.status.name), encoding="utf-8")
    evidence.keep(found, files.logs)
