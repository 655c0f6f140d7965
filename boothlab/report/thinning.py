"""Less of what there is too much of. What a verdict rests on always stays."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boothlab.report.shapes import Mark
    from boothlab.report.timeline import Timeline

T = TypeVar("T")

_PLENTY: Final = frozenset({"message", "log"})
"""Marks that are thinned first: each one alone says little."""
_FEW: Final = 8
"""How many times as many as of those are kept of other marks, and of bars."""


def thin(timeline: Timeline, most: int, keep: Iterable[int] = ()) -> Timeline:
    """Return a timeline with fewer marks, spread evenly over what there was, kind by kind.

    Args:
        timeline: The whole of it.
        most: How many marks of a plentiful kind are left, and bars and other marks by measure.
        keep: Records by index: what belongs to one of them stays.
    """
    wanted = frozenset(keep)
    marks = _marks(timeline.marks, most, wanted)
    bars = _spread(
        timeline.bars, [bool(wanted.intersection(bar.records)) for bar in timeline.bars], most * _FEW
    )
    kept, were = Counter(_kind(each) for each in marks), Counter(_kind(each) for each in timeline.marks)
    left_out = {kind: (kept[kind], count) for kind, count in were.items() if kept[kind] < count}
    if len(bars) < len(timeline.bars):
        left_out["bar"] = (len(bars), len(timeline.bars))
    return replace(timeline, marks=tuple(marks), bars=tuple(bars), left_out=left_out)


def _marks(marks: Sequence[Mark], most: int, wanted: frozenset[int]) -> list[Mark]:
    by_kind: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_kind[mark.kind].append(mark)
    found = []
    for kind, same in by_kind.items():
        limit = most if kind in _PLENTY else most * _FEW
        found += _spread(same, [mark.record in wanted for mark in same], limit)
    return sorted(found, key=lambda each: (each.at_ns, each.record))


def _kind(mark: Mark) -> str:
    return mark.kind


def _spread(things: Sequence[T], must: Sequence[bool], most: int) -> list[T]:
    """Return what must stay, and of the rest every n-th, so that about ``most`` are left."""
    every = max(-(-len(things) // most), 1)
    return [thing for place, thing in enumerate(things) if must[place] or place % every == 0]
