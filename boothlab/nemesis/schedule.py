"""A schedule: which fault begins when and how long it lasts. Every random choice is made already.

It is saved as JSON lines: first what it is, then one fault a line, so that it can be
read, cut down by hand and compared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from boothlab.nemesis.errors import FaultError, ScheduleError
from boothlab.nemesis.targets import Shape, check
from boothlab.nemesis.vocabulary import fault_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from boothlab.nemesis.fault import Fault

Line = tuple[int, dict[str, Any]]
"""The number of a line, from 1, and what it says."""

FORMAT: Final = 1
"""Version of the saved form."""


@dataclass(frozen=True)
class Entry:
    """One fault of a schedule."""

    at_ms: int
    """When it begins, after the schedule's start."""
    fault: Fault
    lasts_ms: int | None = None
    """How long it lasts; None: until everything is healed at the end."""
    seed: int = 0
    """For what the fault itself leaves to chance, e.g. which packets are lost."""


class Do(StrEnum):
    """What is to be done at a moment of a schedule."""

    BEGIN = "begin"
    END = "end"
    HEAL = "heal"


@dataclass(frozen=True)
class Action:
    """One thing to do while a schedule is played."""

    at_ms: int
    do: Do
    index: int | None = None
    """Which entry; None: all that is left, at the end."""


@dataclass(frozen=True)
class Schedule:
    """Faults over time, for a topology of a certain shape."""

    shape: Shape
    duration_ms: int
    """When everything is healed, whatever still lasts."""
    entries: tuple[Entry, ...]
    seed: int | None = None
    """What it was drawn from; None when somebody wrote it, or cut it down."""

    def actions(self) -> list[Action]:
        """Return what is to be done, in time's order; the last one heals everything.

        At the same moment ends come before beginnings. What begins after the schedule's
        end is left out.
        """
        found = []
        for index, entry in enumerate(self.entries):
            if entry.at_ms >= self.duration_ms:
                continue
            found.append(Action(entry.at_ms, Do.BEGIN, index))
            ends_ms = self.duration_ms if entry.lasts_ms is None else entry.at_ms + entry.lasts_ms
            if ends_ms < self.duration_ms:
                found.append(Action(ends_ms, Do.END, index))
        found.sort(key=lambda action: (action.at_ms, action.do is Do.BEGIN))
        return [*found, Action(self.duration_ms, Do.HEAL)]

    def keep(self, indexes: Collection[int]) -> Schedule:
        """Return the schedule with these entries only, each at its time."""
        kept = tuple(entry for index, entry in enumerate(self.entries) if index in indexes)
        return replace(self, entries=kept, seed=None)

    def without(self, indexes: Collection[int]) -> Schedule:
        """Return the schedule without these entries, the others at their times."""
        return self.keep([index for index in range(len(self.entries)) if index not in indexes])


def dumps(schedule: Schedule) -> str:
    """Return a schedule as JSON lines."""
    shape = schedule.shape
    head = {
        "schedule": FORMAT,
        "seed": schedule.seed,
        "duration_ms": schedule.duration_ms,
        "sites": list(shape.sites),
        "arbitrators": list(shape.arbitrators),
        "pacemaker": shape.pacemaker,
    }
    lines = [head, *map(_entry_data, schedule.entries)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _entry_data(entry: Entry) -> dict[str, Any]:
    lasts = {} if entry.lasts_ms is None else {"lasts_ms": entry.lasts_ms}
    return {"at_ms": entry.at_ms, **lasts, "seed": entry.seed, **entry.fault.as_data()}


def loads(text: str) -> Schedule:
    """Return the schedule that JSON lines describe; empty lines and lines that begin with # do not count.

    Raises:
        ScheduleError: a line is wrong; the error says which and how.
    """
    lines = [
        (number, _object(number, line))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise ScheduleError(1, "the schedule is empty")
    return parsed(lines[0], lines[1:])


def parsed(head: Line, entries: Iterable[Line]) -> Schedule:
    """Return the schedule that plain data describe, each with the line that it stands in.

    Raises:
        ScheduleError: a line is wrong; the error says which and how.
    """
    schedule = _head(*head)
    return replace(schedule, entries=tuple(_entry(number, data, schedule.shape) for number, data in entries))


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ScheduleError(number, f"this is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ScheduleError(number, "every line is one JSON object: {…}")
    return data


def _head(number: int, data: Mapping[str, Any]) -> Schedule:
    version = data.get("schedule")
    if version != FORMAT:
        what = "the first line must say what this is" if version is None else f"format {version} is unknown"
        raise ScheduleError(number, f'{what}: {{"schedule": {FORMAT}, "duration_ms": …, "sites": […], …}}')
    sites, arbitrators = data.get("sites"), data.get("arbitrators", [])
    if not _is_names(sites) or not sites or not _is_names(arbitrators):
        raise ScheduleError(number, "sites and arbitrators must be lists of names, with one site at least")
    shape = Shape(tuple(sites), tuple(arbitrators), pacemaker=data.get("pacemaker") is True)
    seed = data.get("seed")
    duration_ms = _number(number, data, "duration_ms")
    return Schedule(shape, duration_ms, (), seed if isinstance(seed, int) else None)


def _entry(number: int, data: Mapping[str, Any], shape: Shape) -> Entry:
    own = ("at_ms", "lasts_ms", "seed")
    try:
        fault = fault_of({name: value for name, value in data.items() if name not in own})
        check(fault.targets_named, shape)
    except FaultError as error:
        raise ScheduleError(number, str(error)) from None
    lasts_ms = None if data.get("lasts_ms") is None else _number(number, data, "lasts_ms")
    seed = _number(number, data, "seed") if "seed" in data else 0
    return Entry(_number(number, data, "at_ms"), fault, lasts_ms, seed)


def _number(number: int, data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ScheduleError(number, f"{name} must be a whole number, 0 or more, not {value!r}")
    return value


def _is_names(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
