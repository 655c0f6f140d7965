"""Verdicts by name, as a report tells them and as a run's folder keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.checkers.verdict import Status, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boothlab.checkers.judge import Judgement
    from boothlab.checkers.verdict import Checker

_ORDER: Final = (Status.INVALID, Status.UNKNOWN, Status.VALID)


@dataclass(frozen=True, slots=True)
class Judged:
    """A checker's word on a run."""

    name: str
    """The checker's name."""
    verdict: Verdict
    says: str = ""
    """The property in a sentence."""


def of(judgement: Judgement, checkers: Iterable[Checker] = ()) -> tuple[Judged, ...]:
    """Return what checkers said, in their order, with the properties that they watch over."""
    says = {each.name: each.says for each in checkers}
    return tuple(Judged(name, each, says.get(name, "")) for name, each in judgement.verdicts.items())


def overall(judged: Iterable[Judged]) -> Status:
    """Return the worst verdict; UNKNOWN when there is none."""
    return worst(each.verdict.status for each in judged)


def by_severity(judged: Iterable[Judged]) -> list[Judged]:
    """Return verdicts, the worst first, else in their order."""
    return sorted(judged, key=lambda each: _ORDER.index(each.verdict.status))


def as_data(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return verdicts as JSON can say them."""
    return [
        {
            "name": each.name,
            "says": each.says,
            "status": each.verdict.status.value,
            "summary": each.verdict.summary,
            "evidence": list(each.verdict.evidence),
            "measures": dict(each.verdict.measures),
        }
        for each in judged
    ]


def from_data(data: object) -> tuple[Judged, ...]:
    """Return verdicts from what ``as_data`` made of them.

    Raises:
        ValueError: this is something else.
    """
    try:
        return tuple(_one(each) for each in data)  # type: ignore[attr-defined] # or it raises TypeError
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are no verdicts: {error!r}") from error


def _one(data: dict[str, Any]) -> Judged:
    verdict = Verdict(
        Status(data["status"]), data["summary"], tuple(data["evidence"]), dict(data["measures"])
    )
    return Judged(data["name"], verdict, data.get("says", ""))
