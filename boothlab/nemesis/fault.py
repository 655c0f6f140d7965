"""What every fault has in common: a kind, checked fields, a form as plain data and as words."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from boothlab.nemesis.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Names = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong, as data. What its fields mean stands in the subclasses.

    Raises:
        FaultError: on construction, when a value makes no sense.
    """

    kind: ClassVar[str]
    """Its name, as people write it."""
    does: ClassVar[str]
    """What it does, in half a sentence."""
    instant: ClassVar[bool] = False
    """Whether it is over as soon as it is done, so that nothing needs to be undone."""

    @property
    def targets_named(self) -> Names:
        """Return every target that it names, symbols included."""
        return ()

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data: its kind and what differs from the defaults."""
        data: dict[str, Any] = {"fault": self.kind}
        for each in fields(self):
            value = getattr(self, each.name)
            if value != each.default:
                data[key(each)] = list(value) if isinstance(value, tuple) else value
        return data

    def __str__(self) -> str:
        words = [f"{name}={_word(value)}" for name, value in self.as_data().items() if name != "fault"]
        return " ".join([self.kind, *words])

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """Return the fault of this kind with these fields: plain data, or words as people type them.

        Raises:
            FaultError: a key is unknown or missing, or a value is wrong.
        """
        known = {key(each): each for each in fields(cls)}
        for name in data:
            if name not in known:
                raise FaultError(f"{cls.kind} has no {name}: it takes {', '.join(known) or 'nothing'}")
        values = {known[name].name: _read(cls, name, known[name], data[name]) for name in data}
        for name, each in known.items():
            if each.name not in values and required(each):
                raise FaultError(f"{cls.kind} needs {name}=…")
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class DirectedFault(Fault):
    """Something on the way from some members to others; left out, they mean every member."""

    sources: Names = field(default=(), metadata={"key": "from"})
    targets: Names = field(default=(), metadata={"key": "to"})

    @property
    def targets_named(self) -> Names:
        """Return senders and receivers."""
        return (*self.sources, *self.targets)


def key(each: Field[Any]) -> str:
    """Return a field's name as people write it."""
    return str(each.metadata.get("key", each.name))


def required(each: Field[Any]) -> bool:
    """Return whether a field must be given."""
    return not isinstance(each.default, (tuple, str, int, float))


def _word(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _read(cls: type[Fault], name: str, each: Field[Any], value: object) -> Any:  # noqa: ANN401 - any field's
    reader, what = _READERS[str(each.type)]
    try:
        return reader(value)
    except (TypeError, ValueError):
        raise FaultError(f"{cls.kind}: {name} must be {what}, not {value!r}") from None


def _names(value: object) -> Names:
    if isinstance(value, str):
        return tuple(part for part in value.split(",") if part)
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise TypeError


def _whole(value: object) -> int:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return int(value)
    raise TypeError


def _number(value: object) -> float:
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return float(value)
    raise TypeError


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


_READERS: Final[dict[str, tuple[Callable[[object], Any], str]]] = {
    "Names": (_names, "members' names"),
    "int": (_whole, "a whole number"),
    "float": (_number, "a number"),
    "str": (_text, "a word"),
}


# checks that the vocabulary shares


def require(good: bool, message: str) -> None:
    """Check a rule of a fault.

    Raises:
        FaultError: it does not hold.
    """
    if not good:
        raise FaultError(message)


def require_choice(fault: Fault, name: str, value: str, choices: tuple[str, ...]) -> None:
    """Check that a value is one of a few words.

    Raises:
        FaultError: it is not.
    """
    require(value in choices, f"{fault.kind}: {name} must be one of {', '.join(choices)}, not {value!r}")


def require_percent(fault: Fault, percent: float) -> None:
    """Check a share of packets: more than 0 and at most 100.

    Raises:
        FaultError: it is not one.
    """
    require(0 < percent <= 100, f"{fault.kind}: percent must be above 0 and at most 100, not {percent:g}")  # noqa: PLR2004


def require_positive(fault: Fault, **values: float) -> None:
    """Check that numbers are above zero.

    Raises:
        FaultError: one is not.
    """
    for name, value in values.items():
        require(0 < value < float("inf"), f"{fault.kind}: {name} must be above 0, not {value:g}")
