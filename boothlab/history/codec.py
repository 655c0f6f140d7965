"""Records as plain data and back, by what their classes declare. Values at their default are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from boothlab.history.errors import DataError

_Reader = Callable[[object, str], Any]


def to_data(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value as JSON knows it: objects, lists, texts, numbers, booleans, null."""
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if is_dataclass(value):
        given = ((each, getattr(value, each.name)) for each in fields(value))
        return {each.name: to_data(part) for each, part in given if not _is_default(each, part)}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    return value


def _is_default(each: Field[Any], value: object) -> bool:
    return each.default is not MISSING and each.default == value and each.name != "format"


def from_data(kind: type[Any], data: object, *, skip_unknown: bool = False) -> Any:  # noqa: ANN401 - of ``kind``
    """Return a value of a class from plain data.

    Args:
        kind: The class.
        data: What was read.
        skip_unknown: Whether fields that the class does not have are passed over, also in its parts.

    Raises:
        DataError: a field is unknown, missing, or of another form.
    """
    wanted: Any = kind
    return _reader(wanted, skip_unknown)(data, "")


@cache
def _reader(kind: Any, skip_unknown: bool) -> _Reader:  # noqa: ANN401 - a class, or what types are made of
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        inner = next(each for each in get_args(kind) if each is not NoneType)
        return _optional(_reader(inner, skip_unknown))
    if origin is tuple:
        return _tuple(get_args(kind), skip_unknown)
    if origin is dict:
        return _texts
    if issubclass(kind, Enum):
        return _enum(kind)
    return _plain(kind) if kind in (int, str, bool) else _object(kind, skip_unknown)


def _optional(inner: _Reader) -> _Reader:
    return lambda data, where: None if data is None else inner(data, where)


def _plain(kind: type[Any]) -> _Reader:
    names = {int: "a whole number", str: "a text", bool: "true or false"}

    def read(data: object, where: str) -> object:
        if type(data) is not kind:
            raise DataError(where, f"must be {names[kind]}, not {data!r}")
        return data

    return read


def _enum(kind: type[Enum]) -> _Reader:
    words = {to_data(each): each for each in kind}

    def read(data: object, where: str) -> Enum:
        if not isinstance(data, str) or data not in words:
            raise DataError(where, f"must be one of {', '.join(words)}, not {data!r}")
        return words[data]

    return read


def _tuple(kinds: tuple[Any, ...], skip_unknown: bool) -> _Reader:
    any_number = kinds[-1] is Ellipsis
    readers = [_reader(each, skip_unknown) for each in kinds if each is not Ellipsis]

    def read(data: object, where: str) -> tuple[Any, ...]:
        if not isinstance(data, list) or not (any_number or len(data) == len(readers)):
            wanted = "a list" if any_number else f"a list of {len(readers)}"
            raise DataError(where, f"must be {wanted}, not {data!r}")
        every = readers * len(data) if any_number else readers
        return tuple(
            one(part, f"{where}[{at}]") for at, (one, part) in enumerate(zip(every, data, strict=True))
        )

    return read


def _texts(data: object, where: str) -> dict[str, str]:
    if not isinstance(data, Mapping) or not all(isinstance(each, str) for each in data.values()):
        raise DataError(where, f"must be an object of texts, not {data!r}")
    return dict(data)


def _object(kind: type[Any], skip_unknown: bool) -> _Reader:
    hints = get_type_hints(kind)
    known = {each.name: each for each in fields(kind)}
    readers = {name: _reader(hints[name], skip_unknown) for name in known}
    required = {name for name, each in known.items() if each.default is MISSING}

    def read(data: object, where: str) -> object:
        if not isinstance(data, Mapping):
            raise DataError(where, f"must be an object, not {data!r}")
        _complain(where, "has no field", () if skip_unknown else data.keys() - known.keys())
        _complain(where, "lacks", required - data.keys())
        prefix = f"{where}." if where else ""
        given = {name: readers[name](part, prefix + name) for name, part in data.items() if name in known}
        return kind(**given)

    return read


def _complain(where: str, what: str, names: Any) -> None:  # noqa: ANN401 - any collection of texts
    if names:
        raise DataError(where, f"{what} {', '.join(sorted(names))}")
