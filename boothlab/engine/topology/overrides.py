"""Overrides from the command line: ``--set apacheticket.expire=20``.

A target is a path of the file with dots, in which list items go by their names
(``sites.A.address``), or TICKET.OPTION. Overrides change what is there and write
options that were left out; they name no new sites, nodes, networks or tickets, so
that a misspelt name is told instead of built.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine.topology.model import Topology
from boothlab.engine.topology.problems import Problem, TopologyError, closest, path_text, write_one_of
from boothlab.engine.topology.source import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.engine.topology.problems import Location
    from boothlab.engine.topology.source import Source

_TOP: Final = tuple(Topology.model_fields)
_NAMED: Final = ("networks", "resources", "tickets")  # mappings whose keys are names, at the top ...
_NODES: Final = "nodes"  # ... and inside a site
_SECTIONS: Final = ("booth", "parameters", "operations")  # mappings of options, which may be left out


def apply(source: Source, overrides: Sequence[str]) -> Source:
    """Return the source with every override carried out, and with the problems of those that cannot be."""
    data = copy.deepcopy(source.data)
    origins: dict[Location, str] = {}
    problems: list[Problem] = []
    for override in overrides:
        origin = f"--set {override}"
        try:
            path = _apply_one(data, override)
        except TopologyError as error:
            problems += [replace(each, path=(), origin=origin, line=0) for each in error.problems]
        else:
            origins = {known: each for known, each in origins.items() if known[: len(path)] != path}
            origins[path] = origin
    return replace(source, data=data, problems=(*source.problems, *problems), overrides=origins)


def _apply_one(data: dict[str, Any], override: str) -> Location:
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
    return (*path, step)


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
