"""Pydantic's errors in words for the person who wrote the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine.topology.fields import REFUSED, shown
from boothlab.engine.topology.problems import Problem, choices, closest, write_one_of
from boothlab.engine.topology.schema import branches, node_at

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from boothlab.engine.topology.problems import Location

_NOUNS: Final = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def explain(error: ErrorDetails, data: dict[str, Any]) -> Problem:
    """Return one of pydantic's errors about a file's data as a problem."""
    path = location(error, data)
    found = error["input"]
    match error["type"]:
        case _ if found is None:
            said = "nothing is written here", f"write {_example(path)}, or leave the key out"
        case kind if kind == REFUSED:
            said = error["ctx"]["message"], error["ctx"]["remedy"]
        case "missing":
            said = "is missing", f"write it, e.g. {_example(path)}"
        case "extra_forbidden":
            said = "is unknown here", _instead_of_key(path, data)
        case "literal_error":
            said = f"{shown(found)} is unknown", _instead_of_word(path, found)
        case "too_short":
            said = "is empty", f"write at least one, e.g. {_example(path)}"
        case "greater_than_equal" | "less_than_equal":
            said = f"{shown(found)} is out of range", f"write {_range(path)}"
        case _:
            said = _wrong_type(path, found)
    return Problem(path, *said)


def location(error: ErrorDetails, data: dict[str, Any]) -> Location:
    """Return where in the data an error is: at what exists, or at a key that is missing from it."""
    path: Location = ()
    inside: Any = data
    for step in error["loc"]:
        if not _holds(inside, step):
            return (*path, step) if error["type"] == "missing" else path
        inside, path = inside[step], (*path, step)
    return path


def _holds(inside: object, step: str | int) -> bool:
    match inside:
        case dict():
            return step in inside
        case list():
            return isinstance(step, int) and step < len(inside)
        case _:
            return False


def _instead_of_key(path: Location, data: dict[str, Any]) -> str:
    written: Any = data
    for step in path[:-1]:
        written = written[step]
    known = [key for branch in branches(node_at(path[:-1])) for key in branch.get("properties", {})]
    meant = closest(str(path[-1]), known)
    if meant:
        return f"write {meant}" + (", which stands there already" if meant in written else "")
    return f"leave it out; what can be written here: {choices(key for key in known if key not in written)}"


def _instead_of_word(path: Location, word: object) -> str:
    words = [each for branch in branches(node_at(path)) for each in branch.get("enum", ())]
    return write_one_of(str(word), words)


def _range(path: Location) -> str:
    limits = next(branch for branch in branches(node_at(path)) if branch.get("type") == "integer")
    at_most = f" to {limits['maximum']}" if "maximum" in limits else " or more"
    return f"{limits['minimum']}{at_most}"


def _wrong_type(path: Location, value: object) -> tuple[str, str]:
    node = next(branches(node_at(path)))
    wanted = node.get("type", "string")
    return f"{shown(value)} is not {_NOUNS[wanted]}", _instead_of_value(path, value, wanted)


def _instead_of_value(path: Location, value: object, wanted: str) -> str:
    is_scalar = isinstance(value, str | int | float)
    if wanted == "string" and is_scalar:
        return f'write it in quotes: "{shown(value)}"'
    if wanted == "integer" and isinstance(value, str) and value.isdecimal():
        return f"write it without quotes: {value}"
    if wanted == "array" and is_scalar:
        return f"write [{value}]"
    if wanted == "boolean":
        return "write true or false"
    return f"write {_example(path)}"


def _example(path: Location) -> str:
    """Return an example of what can stand at a location, as YAML with its key."""
    node = node_at(path)
    resolved = next(branches(node))
    given = [*node.get("examples", ()), *resolved.get("examples", ())]
    if given:
        value = json.dumps(given[0]).replace('"', "")
    elif (
        "default" in node and node["default"] is not None and resolved.get("type") not in {"object", "array"}
    ):
        value = json.dumps(node["default"]).replace('"', "")
    elif "properties" in resolved:
        keys = resolved.get("required") or list(resolved["properties"])[:1]
        value = "{" + ", ".join(f"{key}: ..." for key in keys) + "}"
    else:
        value = {"array": "[...]", "object": "{...}", "integer": "1"}.get(resolved.get("type", ""), "TEXT")
    return value if isinstance(path[-1], int) else f"{path[-1]}: {value}"
