"""Overrides from the command line: ``--set apacheticket.expire=20``, ``--subject python``.

A target is a path of the file with dots, in which list items go by their names
(``sites.A.address``), or TICKET.OPTION. Overrides change what is there and write
options that were left out; they name no new sites, nodes, networks or tickets, so
that a misspelt name is told instead of built. A subject is short for the
implementation of all members, or of some: ``A=python,B=clusterlabs``.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine.topology.model import Topology
from boothlab.engine.topology.problems import Problem, TopologyError, closest, path_text, write_one_of
from boothlab.engine.topology.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from boothlab.engine.topology.problems import Location
    from boothlab.engine.topology.source import Source

_TOP: Final = tuple(Topology.model_fields)
_NAMED: Final = (
    "networks",
    "resources",
    "tickets",
    "implementations",
)  # mappings whose keys are names, at the top ...
_NODES: Final = "nodes"  # ... and inside a site
_SECTIONS: Final = ("booth", "parameters", "operations")  # mappings of options, which may be left out


def apply(source: Source, overrides: Sequence[str], subject: str = "") -> Source:
    """Return the source with every override carried out, and with the problems of those that cannot be."""
    data = copy.deepcopy(source.data)
    origins: dict[Location, str] = {}
    problems: list[Problem] = []

    def attempt(origin: str, change: Callable[[], Iterable[Location]]) -> None:
        nonlocal origins
        try:
            for path in change():
                origins = {known: each for known, each in origins.items() if known[: len(path)] != path}
                origins[path] = origin
        except TopologyError as error:
            problems.extend(replace(each, path=(), origin=origin, line=0) for each in error.problems)

    for override in overrides:
        attempt(f"--set {override}", partial(_apply_one, data, override))
    if subject:
        attempt(f"--subject {subject}", partial(_choose, data, subject))
    return replace(source, data=data, problems=(*source.problems, *problems), overrides=origins)


def _choose(data: dict[str, Any], subject: str) -> Iterator[Location]:
    """Let members run the implementations that a subject names; yield where that is said now."""
    members = {
        str(each["name"]): (key, index)
        for key in ("sites", "arbitrators")
        for index, each in enumerate(data.get(key) or ())
        if isinstance(each, dict) and "name" in each
    }
    chosen = [part.strip().partition("=") for part in subject.split(",")]
    for left, equals, right in chosen:
        name, implementation = (left, right) if equals else ("", left)
        if not implementation or (not equals and len(chosen) > 1):
            raise _refused("is neither one implementation nor a list", "write NAME or A=NAME,B=NAME")
        if name and name not in members:
            raise _refused(f"there is no member {name!r}", write_one_of(name, members))
        for key, index in [members[name]] if name else members.values():
            data[key][index]["implementation"] = implementation
            yield key, index, "implementation"


def _apply_one(data: dict[str, Any], override: str) -> tuple[Location]:
    target, equals, text = override.partition("=")
    if not equals or not target:
        raise _refused("has no value", "write TARGET=VALUE, e.g. apacheticket.expire=20")
    content = parse(text, override)
    if content.problems:
        raise TopologyError(override, content.problems)
    *outer, last = _from_top(data, target.split("."))
    path: Location = ()
    inside: Any = data
    for key in outer:
        step = _step(inside, path, key)
        if isinstance(inside, dict) and inside.get(step) is None:
            if step not in _SECTIONS:
                raise _unknown(inside, path, key)
            inside[step] = {}
        inside, path = inside[step], (*path, step)
    step = _step(inside, path, last)
    inside[step] = content.data
    return ((*path, step),)


def _from_top(data: dict[str, Any], keys: list[str]) -> list[str]:
    """Return a target's keys from the top of the file; TICKET.OPTION means tickets.TICKET.OPTION."""
    if keys[0] in _TOP:
        return keys
    tickets = _names(data.get("tickets"))
    if keys[0] in tickets:
        return ["tickets", *keys]
    meant = closest(keys[0], [*_TOP, *tickets])
    remedy = f"write {meant}" if meant else f"write TICKET.OPTION=VALUE or one of {', '.join(_TOP)}"
    raise _refused(f"{keys[0]!r} is neither a ticket nor a part of a topology", remedy)


def _step(inside: object, path: Location, key: str) -> str | int:
    """Return a target's key as the key or the index it means at this place."""
    if isinstance(inside, list):
        names = _names(inside)
        if key in names:
            return names.index(key)
        if key.isdecimal() and int(key) < len(inside):
            return int(key)
        raise _unknown(inside, path, key)
    if not isinstance(inside, dict):
        raise _refused(f"{path_text(path)} has no parts", f"write {path_text(path)}=VALUE")
    holds_names = path[-1:] == (_NODES,) or (len(path) == 1 and path[0] in _NAMED)
    if holds_names and key not in inside:
        raise _unknown(inside, path, key)
    return key


def _names(inside: object) -> list[str]:
    """Return what the parts of a mapping or list are called."""
    if isinstance(inside, list):
        return [str(each.get("name")) if isinstance(each, dict) else "" for each in inside]
    return list(inside) if isinstance(inside, dict) else []


def _unknown(inside: object, path: Location, key: str) -> TopologyError:
    message = f"{path_text(path) or 'the topology'} has no {key!r}"
    return _refused(message, write_one_of(key, _names(inside)))


def _refused(message: str, remedy: str) -> TopologyError:
    return TopologyError("the override", [Problem((), message, remedy)])
