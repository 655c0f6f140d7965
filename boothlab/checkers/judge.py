"""Asking checkers, and putting their verdicts together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.checkers.assumptions import Assumptions, unfit
from boothlab.checkers.context import Context
from boothlab.checkers.verdict import CASES, Checker, Status, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.history.history import History

ASSUMPTIONS: Final = Assumptions()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all checkers said, by their names; the assumptions first."""

    verdicts: dict[str, Verdict]

    @property
    def status(self) -> Status:
        """Return the worst of all."""
        return worst(each.status for each in self.verdicts.values())

    @property
    def passes(self) -> bool:
        """Return whether all are VALID."""
        return self.status is Status.VALID

    def __str__(self) -> str:
        return "\n".join(
            f"{each.status.value:8} {name}: {each.summary}" for name, each in self.verdicts.items()
        )


def judge(history: History, checkers: Iterable[Checker], context: Context | None = None) -> Judgement:
    """Return what checkers say about a history.

    The assumptions are checked first. Where they fail, only what is proven counts.
    """
    context = context or Context()
    assumptions = ask(ASSUMPTIONS, history, context)
    said = {each.name: unfit(ask(each, history, context), assumptions) for each in checkers}
    return Judgement({ASSUMPTIONS.name: assumptions, **said})


def ask(checker: Checker, history: History, context: Context) -> Verdict:
    """Return a checker's verdict: UNKNOWN when it raises, or saw nothing where it had to."""
    try:
        verdict = checker.check(history, context)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was judged
        return Verdict(Status.UNKNOWN, f"The checker failed: {type(error).__name__}: {error}")
    if checker.name in context.must_see and verdict.passes and not verdict.measures.get(CASES):
        return Verdict(Status.UNKNOWN, f"Nothing was judged, and something had to be: {verdict.summary}")
    return verdict
