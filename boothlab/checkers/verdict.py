"""What a checker says, and how several of them are put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boothlab.checkers.context import Context
    from boothlab.history.history import History

CASES = "cases"
"""The measure that says how often there was something to judge."""


class Status(Enum):
    """Whether a property held. UNKNOWN never passes."""

    VALID = "valid"
    UNKNOWN = "unknown"
    """It may have been violated: the history does not tell enough, or the checker failed."""
    INVALID = "invalid"
    """It was violated, and the evidence proves it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A checker's word."""

    status: Status
    summary: str
    """A sentence for people."""
    evidence: tuple[int, ...] = ()
    """Indexes of the records that prove it."""
    measures: Mapping[str, float] = field(default_factory=dict)
    """What was measured, by name; the unit stands in the name."""

    @property
    def passes(self) -> bool:
        """Return whether this is good enough for a test to pass."""
        return self.status is Status.VALID

    @property
    def is_vacuous(self) -> bool:
        """Return whether this is VALID only because there was nothing to judge."""
        return self.passes and self.measures.get(CASES) == 0


class Checker(Protocol):
    """Judges one property. Pure: the same history and context give the same verdict."""

    @property
    def name(self) -> str:
        """Return the property's name: lower-case words and hyphens."""

    @property
    def says(self) -> str:
        """Return the property in a sentence."""

    def check(self, history: History, context: Context) -> Verdict:
        """Return whether the property held."""


_BY_SEVERITY = (Status.VALID, Status.UNKNOWN, Status.INVALID)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of several: INVALID over UNKNOWN over VALID; UNKNOWN when there is none."""
    return max(statuses, key=_BY_SEVERITY.index, default=Status.UNKNOWN)
