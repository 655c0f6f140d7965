"""Schedules in files: JSON lines as a run keeps them, or YAML as people like to write them.

duration_ms: 20000
faults:
  - {at_ms: 2000, lasts_ms: 5000, fault: partition, members: [leader]}
  - {at_ms: 9000, fault: restart-booth, at: [A]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from boothlab.nemesis.errors import ScheduleError
from boothlab.nemesis.schedule import FORMAT, Line, Schedule, loads, parsed
from boothlab.scenarios.errors import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

    from boothlab.nemesis.targets import Shape

_YAML: Final = (".yaml", ".yml")
_ENTRIES: Final = "faults"


def read(path: Path, shape: Shape) -> Schedule:
    """Return the schedule that a file describes.

    Args:
        path: JSON lines, or YAML if its name ends so.
        shape: the cluster's; a YAML file that names no sites is for any, and so for this one.

    Raises:
        ScenarioError: it cannot be read, or is for a cluster of another shape; the error says why.
    """
    try:
        text = path.read_text(encoding="utf-8")
        schedule = _from_yaml(text, shape) if path.suffix in _YAML else loads(text)
    except ScheduleError as error:
        raise ScenarioError(
            f"{path}:{error.line}: {error.message}", remedy="docs/how-to/own-scenario.md shows a schedule"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path} cannot be read: {error}") from None
    if not set(schedule.shape.members) <= set(shape.members):
        strange = sorted(set(schedule.shape.members) - set(shape.members))
        raise ScenarioError(
            f"{path} is for a cluster with {', '.join(strange)}, and this one has {', '.join(shape.members)}",
            remedy="choose the topology it was made for with --topology",
        )
    return schedule


def _from_yaml(text: str, shape: Shape) -> Schedule:
    try:
        data = YAML().load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise ScheduleError(mark.line + 1 if mark else 1, f"this is not YAML: {error}") from None
    if not isinstance(data, CommentedMap) or not isinstance(data.get(_ENTRIES), CommentedSeq):
        raise ScheduleError(1, f"a schedule has duration_ms, and a list of {_ENTRIES}")
    head = {
        "schedule": FORMAT,
        "sites": list(shape.sites),
        "arbitrators": list(shape.arbitrators),
        "pacemaker": shape.pacemaker,
        **{key: value for key, value in data.items() if key != _ENTRIES},
    }
    return parsed((1, head), _entries(data[_ENTRIES]))


def _entries(listed: CommentedSeq) -> list[Line]:
    found: list[Line] = []
    for place, each in enumerate(listed):
        line = listed.lc.item(place)[0] + 1
        if not isinstance(each, CommentedMap):
            raise ScheduleError(line, "every fault is a mapping: {at_ms: …, fault: …}")
        plain: dict[str, Any] = {
            str(key): list(value) if isinstance(value, list) else value for key, value in each.items()
        }
        found.append((line, plain))
    return found
