"""A report as one HTML file. What it draws is packed into it, and drawn by the browser."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

import boothlab
from boothlab.report.report import record_data, shown_records
from boothlab.report.rows import row_of
from boothlab.report.thinning import thin

if TYPE_CHECKING:
    from boothlab.report.report import Report
    from boothlab.report.shapes import Bar, Mark

PAGE_MAX: Final = 1_000_000
"""Bytes that a page may have."""
_DATA_MAX: Final = 800_000
_MARKS_MAX: Final = 40_000
_MARKS_MIN: Final = 50
_EVIDENCE_SHOWN: Final = 12
"""Links to evidence that stand beside a verdict; the timeline marks all of it."""

_templates: Final = Environment(
    loader=PackageLoader("boothlab.report", "page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(report: Report) -> str:
    """Return a report as a page of less than ``PAGE_MAX`` bytes.

    Where there is too much, messages and log lines are left out evenly, and the page says how
    many. The records that a verdict rests on are always there.
    """
    shown, packed = _fitting(report)
    return _templates.get_template("page.html.jinja").render(
        report=shown,
        header=report.history.header,
        data=packed,
        boothlab_version=boothlab.__version__,
        evidence_shown=_EVIDENCE_SHOWN,
    )


def _fitting(report: Report) -> tuple[Report, str]:
    """Return the report, and its data packed, with as many marks as fit."""
    evidence = tuple(chain.from_iterable(each.verdict.evidence for each in report.judged))
    most = _MARKS_MAX
    while True:
        shown = replace(report, timeline=thin(report.timeline, most, evidence))
        packed = _packed(shown)
        if len(packed) <= _DATA_MAX or most <= _MARKS_MIN:
            return shown, packed
        most = max(min(most // 2, most * _DATA_MAX // len(packed)), _MARKS_MIN)


def _packed(report: Report) -> str:
    """Return the page's data: JSON, deflated, as base64."""
    text = json.dumps(_data(report), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _data(report: Report) -> dict[str, Any]:
    timeline = report.timeline
    places = {row.id: place for place, row in enumerate(timeline.rows)}
    words = sorted({bar.tone for bar in timeline.bars} | {mark.kind for mark in timeline.marks})
    code = {word: place for place, word in enumerate(words)}
    return {
        "members": [each.name for each in report.history.header.members],
        "ended": _us(report, timeline.ended_ns),
        "rows": [_row_data(report, place) for place in range(len(timeline.rows))],
        "words": words,
        "bars": [_bar(report, each, places, code) for each in timeline.bars],
        "marks": [_mark(report, each, places, code) for each in timeline.marks],
        "proofs": [_proof(report, index, places) for index in _evidence(report)],
        "findings": [_finding(report, place) for place in range(len(report.findings))],
        "records": {index: _record(report, index) for index in shown_records(report)},
    }


def _us(report: Report, at_ns: int) -> int:
    """Return microseconds since the run began."""
    return (at_ns - report.timeline.began_ns) // 1000


def _row_data(report: Report, place: int) -> dict[str, Any]:
    row = report.timeline.rows[place]
    words = {name: getattr(row, name) for name in ("label", "member", "ticket", "depth")}
    return {"kind": row.kind.value, **words}


def _bar(report: Report, bar: Bar, places: dict[str, int], code: dict[str, int]) -> list[Any]:
    began, ended = _us(report, bar.began_ns), _us(report, bar.ended_ns)
    return [places[bar.row], began, ended, code[bar.tone], bar.label, bar.site, bar.level, list(bar.records)]


def _mark(report: Report, mark: Mark, places: dict[str, int], code: dict[str, int]) -> list[Any]:
    to = places.get(mark.to_row, -1)
    return [places[mark.row], _us(report, mark.at_ns), code[mark.kind], mark.label, mark.record, to]


def _finding(report: Report, place: int) -> dict[str, Any]:
    found = report.findings[place]
    return {
        "verdict": report.judged.index(found.judged),
        "name": found.judged.name,
        "text": found.judged.verdict.summary,
        "outcome": found.judged.verdict.status.value,
        "spans": [[_us(report, at_ns) for at_ns in span] for span in found.spans_ns],
    }


def _evidence(report: Report) -> list[int]:
    """Return the records that verdicts rest on which are not VALID."""
    failed = [each.verdict.evidence for each in report.judged if not each.verdict.passes]
    known = {each.index for each in report.history.records}
    return sorted(known.intersection(chain.from_iterable(failed)))


def _proof(report: Report, index: int, places: dict[str, int]) -> list[int]:
    """Return a record of evidence and its place: index, row (-1: of its own), begin, end."""
    record = report.history.record(index)
    row = places.get(row_of(record), -1)
    return [index, row, _us(report, record.began_ns), _us(report, record.ended_ns)]


def _record(report: Report, index: int) -> dict[str, Any]:
    """Return a record with its times as seconds of the run, for people."""
    data = record_data(report.history, index)
    del data["index"]
    for name in [name for name in data if name.endswith("_ns")]:
        data[f"{name.removesuffix('_ns')}_s"] = _us(report, data.pop(name)) / 1e6
    return data
