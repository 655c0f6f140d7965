"""What is known about something that is so or not so, over time: surely so, surely not, or either.

What was seen twice in a row, no longer apart than the observation gap, was so all the time in
between. A view was so at some moment of its interval, so what it proves begins at its *end* and
reaches to the *begin* of the next one: only what no closed interval can explain away is sure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boothlab.checkers.spans import Span, Spans, complement, intersect, subtract, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Point:
    """At some moment from ``began_ns`` to ``ended_ns`` it was so, or not; None: from here on nobody knows."""

    value: bool | None
    began_ns: int
    ended_ns: int
    index: int
    """The record that says so."""
    change: bool = False
    """It came to be so in the interval, and was as before until then."""


@dataclass(frozen=True, slots=True)
class Track:
    """One thing over time."""

    points: tuple[Point, ...]
    """What was seen, in the order of time."""
    sure: Spans
    """When it surely was so."""
    never: Spans
    """When it surely was not."""
    glimpses: tuple[Point, ...] = ()
    """Views of its being so, where it is not sure for any length of time."""

    @property
    def seen(self) -> Span | None:
        """Return from when to when it was watched; None: never."""
        if not self.points:
            return None
        return Span(min(each.began_ns for each in self.points), max(each.ended_ns for each in self.points))

    @property
    def maybe(self) -> Spans:
        """Return when it may have been so, while it was watched."""
        return complement(self.never, self.seen) if self.seen else ()

    @property
    def unclear(self) -> Spans:
        """Return when it may have been so or not, while it was watched."""
        return subtract(self.maybe, self.sure)

    def evidence(self, span: Span) -> tuple[int, ...]:
        """Return the records that show how it was at the begin and at the end of a span."""
        first = max(bisect_right(self.points, span.start, key=lambda point: point.ended_ns) - 1, 0)
        last = min(bisect_left(self.points, span.end, key=lambda point: point.began_ns), len(self.points) - 1)
        picked = {self.points[at].index for at in (first, last) if self.points}
        return tuple(sorted(picked))


def track(points: Iterable[Point], gap_ns: int | None) -> Track:
    """Return what points tell.

    Args:
        points: What was seen, in any order.
        gap_ns: For how long something stays as it was seen; None: until a change is seen.
    """
    seen = _spelled_out(_sorted(points))
    return Track(
        tuple(seen), _spans(seen, True, gap_ns), _spans(seen, False, gap_ns), _glimpses(seen, gap_ns)
    )


def any_of(tracks: Sequence[Track]) -> Track:
    """Return the track of "at least one of these is so"."""
    points = sorted((each for one in tracks for each in one.points), key=_order)
    sure = union(*(one.sure for one in tracks))
    never = intersect(*(one.never for one in tracks)) if tracks else ()
    glimpses = tuple(each for one in tracks for each in one.glimpses)
    return Track(tuple(points), sure, never, glimpses)


def _order(point: Point) -> tuple[int, int]:
    return point.ended_ns, point.began_ns


def _sorted(points: Iterable[Point]) -> list[Point]:
    """Sort. A view that overlaps one change narrows it down; one that overlaps several may be anywhere."""
    every = sorted(points, key=_order)
    groups = _groups(each for each in every if each.change)
    if not groups:
        return every
    starts = [span.start for span, _ in groups]
    ends = [span.end for span, _ in groups]
    found: list[Point] = []
    inside: dict[int, list[Point]] = {}
    for view in (each for each in every if not each.change):
        first, last = bisect_left(ends, view.began_ns), bisect_right(starts, view.ended_ns) - 1
        if first > last:
            found.append(view)
        elif first == last:
            inside.setdefault(first, []).append(view)
    for place, (_, changes) in enumerate(groups):
        found += _narrowed(changes[0], inside.get(place, ())) if len(changes) == 1 else changes
    return sorted(found, key=_order)


def _groups(changes: Iterable[Point]) -> list[tuple[Span, list[Point]]]:
    """Return changes that overlap together, with the span of all of them."""
    groups: list[tuple[Span, list[Point]]] = []
    for each in sorted(changes, key=lambda change: change.began_ns):
        if groups and each.began_ns <= groups[-1][0].end:
            span, together = groups[-1]
            groups[-1] = (Span(span.start, max(span.end, each.ended_ns)), [*together, each])
        else:
            groups.append((Span(each.began_ns, each.ended_ns), [each]))
    return groups


def _narrowed(change: Point, views: Iterable[Point]) -> list[Point]:
    """Return a change with the views that overlap it: the old was seen before it, the new after it.

    What was seen to be as before was so from the view's begin on, for nothing else changed.
    """
    if change.value is None:
        return [change]
    old = [replace(each, ended_ns=each.began_ns) for each in views if each.value is not change.value]
    began_ns = max([change.began_ns, *(each.began_ns for each in old)])
    new = [each for each in views if each.value is change.value]
    ended_ns = min([change.ended_ns, *(each.ended_ns for each in new)])
    if began_ns > ended_ns:  # they contradict each other
        return [change]
    return [*old, replace(change, began_ns=began_ns, ended_ns=ended_ns)]


def _spelled_out(points: list[Point]) -> list[Point]:
    """Turn each change into what was before, at its begin, and what is after, at its end."""
    found: list[Point] = []
    for each in points:
        if each.change and found and found[-1].value is not None:
            found.append(replace(found[-1], began_ns=each.began_ns, ended_ns=each.began_ns, index=each.index))
        found.append(replace(each, began_ns=each.ended_ns) if each.change else each)
    return found


def _runs(points: list[Point], value: bool, gap_ns: int | None) -> list[list[Point]]:
    runs: list[list[Point]] = []
    before: Point | None = None
    for each in points:
        if each.value is value:
            if before and before.value is value and _lasts(before, each, gap_ns):
                runs[-1].append(each)
            else:
                runs.append([each])
        before = each
    return runs


def _lasts(before: Point, after: Point, gap_ns: int | None) -> bool:
    return gap_ns is None or after.began_ns - before.ended_ns <= gap_ns


def _spans(points: list[Point], value: bool, gap_ns: int | None) -> Spans:
    return union(Span(run[0].ended_ns, run[-1].began_ns) for run in _runs(points, value, gap_ns))


def _glimpses(points: list[Point], gap_ns: int | None) -> tuple[Point, ...]:
    runs = _runs(points, True, gap_ns)
    return tuple(run[0] for run in runs if run[0].ended_ns >= run[-1].began_ns)
