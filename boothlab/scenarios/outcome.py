"""What a run comes to, given what is known to fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from boothlab.checkers.judge import ASSUMPTIONS
from boothlab.checkers.verdict import Status
from boothlab.scenarios.scenario import PLAY

if TYPE_CHECKING:
    from pathlib import Path

    from boothlab.checkers.judge import Judgement
    from boothlab.scenarios.scenario import Known, Scenario


class Outcome(Enum):
    """A run, in a word. The first two are good."""

    PASSED = "passed"
    """Everything held."""
    KNOWN = "known failure"
    """It failed in the way that this implementation is known for, and in no other."""
    FAILED = "failed"
    """Something did not hold, or it cannot be told."""
    MENDED = "no longer fails"
    """What is known to fail did not; then nobody should go on saying so."""

    @property
    def is_good(self) -> bool:
        """Return whether a suite passes with it."""
        return self in (Outcome.PASSED, Outcome.KNOWN)


@dataclass(frozen=True)
class Run:
    """A scenario that was played once."""

    scenario: Scenario
    subject: str
    """Whose members: an implementation's name where all have the same, else ``A=...,B=...``."""
    topology: str
    seed: int
    folder: Path
    judgement: Judgement
    seconds: float

    @property
    def outcome(self) -> Outcome:
        """Return what it comes to."""
        return outcome_of(self.judgement, self.scenario.known_of(self.subject))

    @property
    def broken(self) -> tuple[str, ...]:
        """Return the checkers that did not pass."""
        return tuple(name for name, each in self.judgement.verdicts.items() if not each.passes)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can say it."""
        known = self.scenario.known_of(self.subject)
        return {
            "scenario": self.scenario.name,
            "subject": self.subject,
            "topology": self.topology,
            "seed": self.seed,
            "outcome": self.outcome.value,
            "good": self.outcome.is_good,
            "seconds": round(self.seconds, 3),
            "folder": str(self.folder),
            "verdicts": {
                name: {"status": each.status.value, "summary": each.summary}
                for name, each in self.judgement.verdicts.items()
            },
            "known": None if known is None else {"link": known.link, "why": known.why},
        }


def is_untold(judgement: Judgement, known: Known | None) -> bool:
    """Return whether a run says nothing: it was not watched as it must be, and nothing else is proven.

    A machine that stands still for a while does that; it also makes scripts wait in vain.
    """
    excused = {PLAY, *(known.checkers if known else ())}
    if judgement.verdicts[ASSUMPTIONS.name].passes:
        return False
    return not any(
        each.status is Status.INVALID for name, each in judgement.verdicts.items() if name not in excused
    )


def outcome_of(judgement: Judgement, known: Known | None) -> Outcome:
    """Return what a judgement comes to. UNKNOWN never passes."""
    statuses = {name: each.status for name, each in judgement.verdicts.items()}
    expected = known.checkers if known else frozenset()
    found = {name for name, status in statuses.items() if status is Status.INVALID}
    if any(status is not Status.VALID for name, status in statuses.items() if name not in expected):
        return Outcome.FAILED
    if not expected:
        return Outcome.PASSED
    shown = {known.shown_by} if known and known.shown_by else expected
    return Outcome.KNOWN if found & shown else Outcome.MENDED
