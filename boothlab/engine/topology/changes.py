"""A topology as text, its digest, and what differs between two of them.

The text is kept on a running lab (as a label), so that a later command knows what
was built and whether the file has changed since. What is the same to a lab is the
same here: descriptions, the order of mappings' keys, and whether a default was
written down do not count.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from boothlab.engine.topology.model import Topology
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DIGEST_DIGITS: Final = 12
_ABSENT: Final = object()


class UnreadableTopologyError(BoothlabError):
    """The text of a topology cannot be read, e.g. because another version wrote it."""


def dump(topology: Topology) -> str:
    """Return a topology as one line of JSON; ``parse`` gives it back."""
    # Unset stays unset: booth.conf gets only the options that were written.
    return topology.model_dump_json(by_alias=True, exclude_unset=True)


def parse(text: str) -> Topology:
    """Return the topology that ``dump`` made the text of.

    Raises:
        UnreadableTopologyError: this version does not understand the text.
    """
    try:
        return Topology.model_validate_json(text)
    except ValidationError as error:
        raise UnreadableTopologyError(
            f"the lab's own topology cannot be read ({error.error_count()} problems): "
            "another version of boothlab built it",
            remedy="remove the lab with `boothlab down` and build it anew",
        ) from error


def digest(topology: Topology) -> str:
    """Return a short hash: equal exactly when ``differences`` finds none."""
    text = json.dumps(_meaning(topology), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_DIGITS]


def differences(old: Topology, new: Topology) -> tuple[str, ...]:
    """Return what changed, a line each, e.g. ``tickets.apacheticket.expire: 120 -> 20``."""
    return tuple(_compare("", _meaning(old), _meaning(new)))


def _meaning(topology: Topology) -> dict[str, Any]:
    content = topology.model_dump(mode="json", by_alias=True, exclude={"description"})
    return {key: _unquoted(value) for key, value in content.items()}


def _unquoted(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value with its numbers as text: ``24`` and ``"24"`` are the same to a lab."""
    match value:
        case dict():
            return {key: _unquoted(each) for key, each in value.items()}
        case list():
            return [_unquoted(each) for each in value]
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            return value


def _compare(path: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_keys(path, old, new)
    elif (was := _by_name(old)) is not None and (now := _by_name(new)) is not None:
        yield from _compare_keys(path, was, now)
        if was.keys() == now.keys() and [*was] != [*now]:
            yield f"{path}: order {', '.join(was)} -> {', '.join(now)}"
    else:
        yield f"{path}: {_text(old)} -> {_text(new)}"


def _compare_keys(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        inner = f"{path}.{key}".removeprefix(".")
        was, now = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if was is _ABSENT:
            yield f"{inner}: added"
        elif now is _ABSENT:
            yield f"{inner}: removed"
        else:
            yield from _compare(inner, was, now)


def _by_name(value: object) -> dict[str, object] | None:
    """Return a list of named things by their names, or None when it is something else."""
    if not isinstance(value, list) or not all(isinstance(each, dict) and "name" in each for each in value):
        return None
    named = {each["name"]: each for each in value}
    return named if len(named) == len(value) else None


def _text(value: object) -> str:
    if value is None:
        return "unset"
    return value if isinstance(value, str) else json.dumps(value)
