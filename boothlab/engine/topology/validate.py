"""From plain data to a topology, with everything that is wrong in it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from boothlab.engine.topology import rules
from boothlab.engine.topology.explain import explain, location
from boothlab.engine.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from boothlab.engine.topology.problems import Location, Problem

_COLLECTIONS: Final = ("networks", "sites", "arbitrators", "resources", "tickets", "implementations")
_DECISIVE: Final = ("cluster", "provision")  # without these, most rules cannot be judged


class _Rest(NamedTuple):
    """What is left of a topology without its faulty parts."""

    topology: Topology
    whole: bool
    """Whether nothing but unknown keys had to go."""
    indexes: Mapping[str, list[int]]
    """For each list of members, the indexes that those which are left have in the file."""


def validate(data: dict[str, Any]) -> tuple[Topology | None, list[Problem]]:
    """Return the topology, None when its form is wrong, and all problems that can be found.

    A form that is wrong in one place does not hide the mistakes elsewhere: the rules
    are tried on the rest, those about the whole left out when parts are missing.
    """
    try:
        topology = _topology(data)
    except ValidationError as error:
        details = [each for each in error.errors(include_url=False) if not _follows(each)]
        problems = [explain(each, data) for each in details]
        unknown = [location(each, data) for each in details if each["type"] == "extra_forbidden"]
        faulty = [location(each, data) for each in details if each["type"] != "extra_forbidden"]
        return None, [*problems, *_among_the_rest(data, unknown, faulty)]
    return topology, list(rules.check(topology))


def _follows(error: ErrorDetails) -> bool:
    """Tell whether an error only follows from others: a list whose items are all refused is no empty list."""
    return error["type"] == "too_short" and bool(error["input"])


def _topology(data: dict[str, Any]) -> Topology:
    # A file's keys are booth.conf's names; Python's names are for Python.
    return Topology.model_validate(data, by_alias=True, by_name=False)


def _among_the_rest(
    data: dict[str, Any], unknown: Iterable[Location], faulty: Iterable[Location]
) -> list[Problem]:
    rest = _rest(data, unknown, faulty)
    if rest is None:
        return []
    found = rules.check(rest.topology) if rest.whole else rules.check_part(rest.topology)
    return [
        replace(
            each,
            path=_in_file(each.path, rest.indexes),
            related=tuple(_in_file(path, rest.indexes) for path in each.related),
        )
        for each in found
    ]


def _rest(data: dict[str, Any], unknown: Iterable[Location], faulty: Iterable[Location]) -> _Rest | None:
    """Return what is left of the data without unknown keys and without what is faulty, if anything."""
    left = copy.deepcopy(data)
    for path in unknown:
        _remove(left, path)
    parts = {_part(path) for path in faulty}
    for path in parts:
        _remove(left, path)
    if ("name",) in parts:
        left["name"] = "unnamed"
    if any((key,) in parts for key in _DECISIVE):
        return None
    indexes = {}
    for key in ("sites", "arbitrators"):
        kept = [index for index in range(len(left.get(key) or ())) if (key, index) not in parts]
        indexes[key] = kept
        if key in left:
            left[key] = [left[key][index] for index in kept]
    try:
        return _Rest(_topology(left), parts <= {("name",)}, indexes)
    except ValidationError:
        return None


def _part(path: Location) -> Location:
    """Return the part of a topology that cannot be judged when there is a mistake at ``path``."""
    return path[:2] if path[0] in _COLLECTIONS else path[:1]


def _remove(data: dict[str, Any], path: Location) -> None:
    """Remove a key; list items are left to the caller, since indexes would shift."""
    *outer, last = path
    inside: Any = data
    for step in outer:
        inside = inside[step]
    if isinstance(inside, dict):
        inside.pop(last, None)


def _in_file(path: Location, indexes: Mapping[str, list[int]]) -> Location:
    match path:
        case (str(key), int(index), *rest) if key in indexes:
            return (key, indexes[key][index], *rest)
        case _:
            return path
