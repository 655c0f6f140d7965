"""What a checker collects on its way through a history, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boothlab.checkers.verdict import CASES, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and the records that it rests on."""

    text: str
    evidence: tuple[int, ...] = ()


@dataclass(slots=True)
class Findings:
    """Violations that are proven, those that may have been, and how often something was judged."""

    cases: int = 0
    proven: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)

    def prove(self, text: str, evidence: Iterable[int] = ()) -> None:
        """Note a violation."""
        self.proven.append(Finding(text, tuple(evidence)))

    def doubt(self, text: str, evidence: Iterable[int] = ()) -> None:
        """Note that a violation cannot be ruled out."""
        self.doubts.append(Finding(text, tuple(evidence)))

    def highest(self, name: str, value: float) -> None:
        """Note a measure of which the highest counts."""
        self.measures[name] = max(value, self.measures.get(name, value))

    def lowest(self, name: str, value: float) -> None:
        """Note a measure of which the lowest counts."""
        self.measures[name] = min(value, self.measures.get(name, value))

    def verdict(self, fine: str, nothing: str) -> Verdict:
        """Return the verdict.

        Args:
            fine: What is said when all that was judged was good.
            nothing: What is said when there was nothing to judge.
        """
        measures = {CASES: float(self.cases), **self.measures}
        for status, found in ((Status.INVALID, self.proven), (Status.UNKNOWN, self.doubts)):
            if found:
                return Verdict(status, _told(found), _evidence(found), measures)
        return Verdict(Status.VALID, fine if self.cases else nothing, (), measures)


def _told(found: list[Finding]) -> str:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return found[0].text + more


def _evidence(found: list[Finding]) -> tuple[int, ...]:
    return tuple(sorted({index for each in found for index in each.evidence}))
