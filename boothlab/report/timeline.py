"""A history laid out: rows, bars and marks, on one axis. What it looks like is the page's business."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from boothlab.history.records import Mark as Remark
from boothlab.report import bars, marks, rows, seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.history.history import History
    from boothlab.report.shapes import Bar, Mark, Row


@dataclass(frozen=True)
class Timeline:
    """Everything that is to be drawn."""

    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    began_ns: int
    ended_ns: int
    left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What there is too much of to show it all: kind to (shown, there are)."""


def lay_out(history: History) -> Timeline:
    """Return a history's timeline, complete."""
    remarks = (rows.REMARKS,) if history.of(Remark) else ()
    laid = (*remarks, *rows.rows(history.header))
    known = {each.id for each in laid}
    drawn = [
        *bars.of_faults(history),
        *bars.of_calls(history),
        *bars.of_processes(history),
        *seen.bars(history, laid),
    ]
    stacked, depth = _stack(each for each in drawn if each.row in known)
    return Timeline(
        rows=tuple(replace(each, depth=depth.get(each.id, 1)) for each in laid),
        bars=tuple(stacked),
        marks=tuple(each for each in marks.of(history) if each.row in known),
        began_ns=history.header.started_ns,
        ended_ns=max(history.ended_ns, history.header.started_ns + 1),
    )


def _stack(drawn: Iterable[Bar]) -> tuple[list[Bar], dict[str, int]]:
    """Return the bars, those of shared rows below each other where they overlap, and each row's depth."""
    shared = {each.id for each in rows.SHARED}
    ends: dict[str, list[int]] = {}
    found = []
    for bar in sorted(drawn, key=lambda each: (each.began_ns, each.ended_ns)):
        if bar.row not in shared:
            found.append(bar)
            continue
        levels = ends.setdefault(bar.row, [])
        level = next((n for n, ended_ns in enumerate(levels) if ended_ns <= bar.began_ns), len(levels))
        levels[level : level + 1] = [bar.ended_ns]
        found.append(replace(bar, level=level))
    return found, {row: len(levels) for row, levels in ends.items()}
