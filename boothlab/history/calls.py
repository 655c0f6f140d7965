"""Operations from their begin to their end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.history.records import Operation, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asked for, and how it ended."""

    asked: Operation
    told: Operation | None = None
    """None: the history ends before it does."""

    @property
    def outcome(self) -> Phase:
        """Return OK, FAIL or INFO; INFO as well when no end is recorded."""
        return self.told.phase if self.told else Phase.INFO

    @property
    def began_ns(self) -> int:
        """Return when it was asked for."""
        return self.asked.at_ns

    @property
    def ended_ns(self) -> int | None:
        """Return when its outcome was told; None: never."""
        return self.told.at_ns if self.told else None

    @property
    def evidence(self) -> tuple[int, ...]:
        """Return the indexes of its records."""
        return tuple(each.index for each in (self.asked, self.told) if each)


@dataclass(frozen=True, slots=True)
class Calls:
    """All calls in the order in which they were asked for, and what does not fit together."""

    calls: tuple[Call, ...]
    misfits: tuple[int, ...]
    """Indexes of ends without a begin, and of begins while the same process still waits."""


def pair(operations: Iterable[Operation]) -> Calls:
    """Put the begins and the ends of operations together, process by process."""
    waiting: dict[str, Operation] = {}
    found: list[Call] = []
    misfits: list[int] = []
    for each in operations:
        asked = waiting.pop(each.process, None)
        if each.phase is Phase.INVOKE:
            if asked:
                misfits.append(each.index)
                found.append(Call(asked))
            waiting[each.process] = each
        elif asked and (asked.verb, asked.ticket) == (each.verb, each.ticket):
            found.append(Call(asked, each))
        else:
            misfits.append(each.index)
            found.extend([Call(asked)] if asked else [])
    found.extend(Call(asked) for asked in waiting.values())
    return Calls(tuple(sorted(found, key=lambda call: call.asked.index)), tuple(misfits))
