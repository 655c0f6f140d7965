"""Intervals of time, and sets of them.

A set is a sorted tuple of spans that neither touch nor overlap. Points have no length
and do not count: a span is never empty, and touching at one moment is not overlapping.
All operations sort once and sweep: O(n log n).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NS_PER_MS = 1_000_000


class Span(NamedTuple):
    """From ``start`` to ``end``, in nanoseconds of the run's clock."""

    start: int
    end: int

    @property
    def ms(self) -> float:
        """Return how long it is, in milliseconds."""
        return in_ms(self.end - self.start)


Spans = tuple[Span, ...]


def in_ms(time_ns: int) -> float:
    """Return nanoseconds as milliseconds, to the microsecond."""
    return round(time_ns / NS_PER_MS, 3)


def covered(sets: Iterable[Iterable[Span]], at_least: int) -> Spans:
    """Return when at least so many of the sets are in effect."""
    steps: dict[int, int] = {}
    for each in sets:
        for start, end in _joined(each):
            steps[start] = steps.get(start, 0) + 1
            steps[end] = steps.get(end, 0) - 1
    return _swept(steps, at_least)


def _swept(steps: dict[int, int], at_least: int) -> Spans:
    found: list[Span] = []
    depth, begun = 0, None
    for at in sorted(steps):
        depth += steps[at]
        if begun is None and depth >= at_least:
            begun = at
        elif begun is not None and depth < at_least:
            found.append(Span(begun, at))
            begun = None
    return tuple(found)


def _joined(spans: Iterable[Span]) -> Spans:
    found: list[Span] = []
    for start, end in sorted(each for each in spans if each.start < each.end):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return tuple(found)


def union(*sets: Iterable[Span]) -> Spans:
    """Return when any of the sets is in effect."""
    return _joined(span for each in sets for span in each)


def intersect(*sets: Iterable[Span]) -> Spans:
    """Return when all of the sets are in effect."""
    return covered(sets, len(sets))


def complement(spans: Iterable[Span], within: Span) -> Spans:
    """Return when none of the spans is in effect, within a span."""
    edges = [within.start]
    for start, end in intersect(spans, [within]):
        edges += [start, end]
    edges.append(within.end)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple(Span(start, end) for start, end in pairs if start < end)


def subtract(spans: Sequence[Span], other: Iterable[Span]) -> Spans:
    """Return when the spans are in effect, and the others are not."""
    joined = _joined(spans)
    if not joined:
        return ()
    return intersect(joined, complement(other, Span(joined[0].start, joined[-1].end)))


def later(spans: Iterable[Span], by_ns: int) -> Spans:
    """Return what is left of each span without its first so many nanoseconds."""
    return tuple(Span(start + by_ns, end) for start, end in _joined(spans) if start + by_ns < end)


def prolonged(spans: Iterable[Span], by_ns: int) -> Spans:
    """Return the spans, each ending so many nanoseconds later."""
    return _joined(Span(start, end + by_ns) for start, end in spans)


def around(spans: Spans, at_ns: int) -> Span | None:
    """Return the span of a set that this moment lies in, its edges included."""
    place = bisect_right(spans, at_ns, key=lambda span: span.start) - 1
    return spans[place] if place >= 0 and at_ns <= spans[place].end else None


def contains(spans: Spans, span: Span) -> bool:
    """Return whether a set is in effect for the whole of a span."""
    found = around(spans, span.start)
    return found is not None and span.end <= found.end


def total_ms(spans: Iterable[Span]) -> float:
    """Return how long a set is in effect, in milliseconds."""
    return in_ms(sum(end - start for start, end in _joined(spans)))


def longest_ms(spans: Iterable[Span]) -> float:
    """Return the length of the longest span, in milliseconds; 0 when there is none."""
    return max((span.ms for span in spans), default=0.0)
