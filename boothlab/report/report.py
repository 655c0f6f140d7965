"""All that a report tells, in one value; and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.history.codec import to_data
from boothlab.history.records import KINDS
from boothlab.report import judged as judging
from boothlab.report.findings import Finding, findings
from boothlab.report.judged import Judged, by_severity, overall
from boothlab.report.timeline import Timeline, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.checkers.verdict import Status
    from boothlab.history.history import History

_NAMES: Final = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Report:
    """A run, judged and laid out."""

    history: History
    judged: tuple[Judged, ...]
    """The worst first."""
    timeline: Timeline
    findings: tuple[Finding, ...]
    reproduce: str = ""
    """The command that runs it again; empty when there is none."""

    @property
    def status(self) -> Status:
        """Return the worst verdict."""
        return overall(self.judged)

    @property
    def title(self) -> str:
        """Return what the run is called."""
        header = self.history.header
        return header.scenario or header.run or header.topology

    @property
    def duration_s(self) -> float:
        """Return how long the run took, in seconds."""
        return (self.timeline.ended_ns - self.timeline.began_ns) / 1e9


def compose(history: History, judged: Iterable[Judged], *, reproduce: str = "") -> Report:
    """Return a report on a run."""
    ordered = tuple(by_severity(judged))
    timeline = lay_out(history)
    return Report(history, ordered, timeline, findings(history, ordered, timeline), reproduce)


def record_data(history: History, index: int) -> dict[str, Any]:
    """Return a record as JSON, with its kind and its number."""
    record = history.record(index)
    return {"kind": _NAMES[type(record)], **to_data(record)}


def shown_records(report: Report) -> list[int]:
    """Return the records that the timeline or a verdict refers to."""
    shown = {mark.record for mark in report.timeline.marks}
    shown |= {index for bar in report.timeline.bars for index in bar.records}
    known = {each.index for each in report.history.records}
    return sorted(shown | {index for each in report.judged for index in each.verdict.evidence} & known)


def as_data(report: Report) -> dict[str, Any]:
    """Return everything that a report shows, as JSON can say it. Times are the run's clock's."""
    timeline = report.timeline
    return {
        "format": {"major": 1, "minor": 0},
        "title": report.title,
        "status": report.status.value,
        "duration_s": report.duration_s,
        "reproduce": report.reproduce,
        "header": to_data(report.history.header),
        "finished": report.history.finished,
        "remarks": list(report.history.remarks),
        "verdicts": judging.as_data(report.judged),
        "findings": [
            {"name": each.judged.name, "spans_ns": [list(span) for span in each.spans_ns]}
            for each in report.findings
        ],
        "rows": [to_data(each) for each in timeline.rows],
        "bars": [to_data(each) for each in timeline.bars],
        "marks": [to_data(each) for each in timeline.marks],
        "records": {str(index): record_data(report.history, index) for index in shown_records(report)},
    }
