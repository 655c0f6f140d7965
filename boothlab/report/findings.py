"""Where on the timeline a verdict points to that is not VALID."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from boothlab.report.rows import row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boothlab.history.history import History
    from boothlab.history.records import Record
    from boothlab.report.judged import Judged
    from boothlab.report.shapes import Bar
    from boothlab.report.timeline import Timeline

Span = tuple[int, int]
"""Begin and end, nanoseconds of the run's clock."""

_HELD: Final = {"granted", "runs"}
"""What must never be at two sites at once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with the time that it is about."""

    judged: Judged
    spans_ns: tuple[Span, ...]

    @property
    def began_ns(self) -> int:
        """Return when it began."""
        return self.spans_ns[0][0]


def findings(history: History, judged: Sequence[Judged], timeline: Timeline) -> tuple[Finding, ...]:
    """Return where the evidence lies, in the order of time; a verdict without any points nowhere.

    Where the evidence is about things that overlap and must not, the time is that overlap;
    else it reaches from the first to the last record.
    """
    found = []
    known = {each.index: each for each in history.records}
    for each in judged:
        records = [known[index] for index in each.verdict.evidence if index in known]
        if records and not each.verdict.passes:
            whole = (min(r.began_ns for r in records), max(r.ended_ns for r in records))
            found.append(Finding(each, tuple(_overlaps(records, timeline.bars)) or (whole,)))
    return tuple(sorted(found, key=lambda each: each.began_ns))


def _overlaps(records: Sequence[Record], bars: Iterable[Bar]) -> list[Span]:
    """Return when two of the bars that the records belong to were there at once."""
    touched = [bar for bar in bars if bar.tone in _HELD and any(_touches(r, bar) for r in records)]
    spans = []
    for one, other in combinations(touched, 2):
        span = (max(one.began_ns, other.began_ns), min(one.ended_ns, other.ended_ns))
        if one.site != other.site and one.tone == other.tone and span[0] < span[1]:
            spans.append(span)
    return _merged(spans)


def _touches(record: Record, bar: Bar) -> bool:
    return row_of(record) == bar.row and record.began_ns <= bar.ended_ns and bar.began_ns <= record.ended_ns


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for began_ns, ended_ns in sorted(spans):
        if found and began_ns <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ended_ns))
        else:
            found.append((began_ns, ended_ns))
    return found
