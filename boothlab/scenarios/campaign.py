"""Playing many scenarios: one lab after the other, a folder a run, an account of all at the end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from boothlab.checkers.judge import ASSUMPTIONS
from boothlab.engine import bringup, host, names, teardown
from boothlab.engine.lab import purposes
from boothlab.engine.lock import exclusive
from boothlab.engine.restage import fixed
from boothlab.engine.topology.load import load
from boothlab.errors import BoothlabError
from boothlab.faults import Faults
from boothlab.nemesis.schedule import Schedule, loads
from boothlab.report.folder import RunFolder
from boothlab.report.junit import junit
from boothlab.scenarios.catalogue import scenario_named
from boothlab.scenarios.errors import ScenarioError
from boothlab.scenarios.outcome import Outcome, Run, is_untold
from boothlab.scenarios.runner import HOW, SCHEDULE, Wish, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import docker

    from boothlab.engine.lab import Lab
    from boothlab.engine.progress import Progress
    from boothlab.engine.topology.model import Topology
    from boothlab.report.report import Report

PURPOSE: Final = "chaos"
"""What labs are brought up for here, as their label says."""
SUMMARY: Final = "chaos.json"
"""Beside the runs' folders: what all of them came to."""


@dataclass
class Campaign:
    """Runs of scenarios, one at a time, each lab brought up once; again when it cannot be used any more.

    ``tell`` hears of each run as it ends.
    """

    runs: Path
    progress: Progress
    tell: Callable[[Run], None] = lambda _run: None
    keep: bool = False
    """Whether the last lab stays up."""
    done: list[Run] = field(default_factory=list)

    def play(self, wishes: Iterable[Wish]) -> list[Run]:
        """Play all of them; return what they came to. Labs are taken away, also after a failure.

        Raises:
            ScenarioError: a lab of that name is somebody's; it is left alone, and nothing was played.
            LabBusyError: another process works on the lab, which is left alone.
            BoothlabError: a lab cannot be brought up, or one that is new not be prepared.
        """
        client = host.ensure_engine(self.progress)
        groups = [(_topology(together[0]).name, together) for together in by_lab(wishes)]
        _spare_others(client, [lab for lab, _ in groups])
        for lab, together in groups:
            with exclusive(lab):
                self._play_on(client, together)
        return self.done

    def _play_on(self, client: docker.DockerClient, wishes: Sequence[Wish]) -> None:
        lab = self._up(client, wishes[0])
        try:
            for wish in wishes:
                try:
                    self._play_one(lab, wish)
                except BoothlabError as error:
                    self.progress.note(f"{wish.scenario.name} cannot be played on this lab: {error.message}")
                    lab = self._up(client, wish)
                    self._play_one(lab, wish)
        finally:
            if not self.keep:
                teardown.down(client, lab.name, self.progress)

    def _up(self, client: docker.DockerClient, wish: Wish) -> Lab:
        """Return a lab on which the wish can be played, nothing applied to it."""
        labels = {names.LABEL_PURPOSE: PURPOSE}
        lab = bringup.up(client, _ungranted(_topology(wish)), self.progress, rebuild=True, labels=labels)
        for each in Faults(lab).sweep():
            self.progress.note(f"{each.id} was still applied ({each.fault}): healed")
        return lab

    def _play_one(self, lab: Lab, wish: Wish) -> None:
        """Play a scenario; again, when a failure that is known and left to chance did not show."""
        known = wish.scenario.known_of(wish.subject)
        for number in range(known.tries if known else 1):
            played = self._watched(lab, replace(wish, seed=wish.seed + number))
            if played.outcome is not Outcome.MENDED:
                break
        self.done.append(played)
        self.tell(played)

    def _watched(self, lab: Lab, wish: Wish) -> Run:
        """Play a scenario; once more, when the machine stood still and nothing can be told."""
        played = run(lab, wish, self._folder(wish))
        if not is_untold(played.judgement, wish.scenario.known_of(wish.subject)):
            return played
        why = played.judgement.verdicts[ASSUMPTIONS.name].summary
        self.progress.note(f"{wish.scenario.name} with {wish.subject} is played once more: {why}")
        return run(lab, wish, self._folder(wish))

    def _folder(self, wish: Wish) -> Path:
        """Return a folder that is not there yet."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        subject = wish.subject.replace("=", "-").replace(",", "-")
        first = self.runs / f"{stamp}-{wish.scenario.name}-{subject}"
        names = (first, *(first.with_name(f"{first.name}-{number}") for number in range(2, 100)))
        return next(each for each in names if not each.exists())

    def write_summary(self) -> None:
        """Write what all runs came to, as JSON."""
        data = [each.as_data() for each in self.done]
        self.runs.mkdir(parents=True, exist_ok=True)
        (self.runs / SUMMARY).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    def write_junit(self, path: Path) -> None:
        """Write all runs as one JUnit XML."""
        reports: list[Report] = [RunFolder(each.folder).report() for each in self.done]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit(reports), encoding="utf-8")


def _spare_others(client: docker.DockerClient, labs: Iterable[str]) -> None:
    """Refuse to build labs anew that were not brought up to play on.

    Raises:
        ScenarioError: there is one.
    """
    there = purposes(client)
    taken = next((each for each in labs if there.get(each, PURPOSE) != PURPOSE), None)
    if taken is not None:
        raise ScenarioError(
            f"lab {taken} is up, and it would be built anew for the scenarios and removed at the end",
            remedy=f"when you need it no more: `boothlab down --lab {taken}`",
        )


def by_lab(wishes: Iterable[Wish]) -> list[list[Wish]]:
    """Return wishes that can be played on one lab together, in the order in which each lab comes first."""
    labs: list[tuple[object, list[Wish]]] = []
    for wish in wishes:
        lab = wish.topology, fixed(_topology(wish))
        together = next((every for known, every in labs if known == lab), None)
        if together is None:
            labs.append((lab, [wish]))
        else:
            together.append(wish)
    return [together for _, together in labs]


def _topology(wish: Wish) -> Topology:
    return load(wish.topology, overrides=wish.all_settings, subject=wish.subject).topology


def _ungranted(topology: Topology) -> Topology:
    """Return a topology whose tickets nobody is granted at first: a grant may need what is not there yet."""
    tickets = {name: each.model_copy(update={"granted": None}) for name, each in topology.tickets.items()}
    return topology.model_copy(update={"tickets": tickets})


def wish_of(folder: Path) -> Wish:
    """Return what was played in a run's folder.

    Raises:
        ScenarioError: this is no such folder, or it tells of a scenario that is not there.
    """
    try:
        data = json.loads((folder / HOW).read_text(encoding="utf-8"))
        return Wish(
            scenario=scenario_named(str(data["scenario"])),
            topology=str(data["topology"]),
            subject=str(data["subject"]),
            seed=int(data["seed"]),
            settings=tuple(map(str, data["settings"])),
            schedule=_schedule_in(folder),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScenarioError(
            f"{folder} tells of no run that could be played again: {error!r}",
            remedy=f"a run's folder has {HOW}; `boothlab chaos run` makes one",
        ) from None


def _schedule_in(folder: Path) -> Schedule | None:
    path = folder / SCHEDULE
    return loads(path.read_text(encoding="utf-8")) if path.exists() else None
