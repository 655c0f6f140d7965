"""Is this history fit to be judged? Checked before everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS, Span, in_ms
from boothlab.checkers.verdict import CASES, Status, Verdict
from boothlab.history.observations import (
    BoothView,
    CibView,
    CibWrite,
    HandlerRun,
    Missed,
    Observation,
    PeersView,
    ResourceChange,
    ResourceView,
)
from boothlab.history.records import Edge, Fault, Operation

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.history.history import History

_OBSERVATIONS: tuple[type[Observation], ...] = (
    *(BoothView, CibView, CibWrite, ResourceView),
    *(ResourceChange, PeersView, HandlerRun, Missed),
)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What all other checkers take for granted. Never INVALID: what fails here proves nothing else.

    - The recording came to its end, and was read whole.
    - One clock: nothing lies before the start, no interval ends before it begins.
    - Operations fit together, process by process, and faults end only after they began.
    - Observers are alive: each that looks periodically leaves a record, be it only that it saw
      nothing, at least once in every observation gap; each other one at least one record.
    - Each ticket is watched in each site's CIB, and its resources where it has any, from the
      first observation gap to the last.

    Observers may take their time to begin: it counts from the first thing that was done.
    """

    name: str = "assumptions"
    says: str = "The history is whole, has one clock, and its observers were alive."

    def check(self, history: History, context: Context) -> Verdict:
        """Return VALID or UNKNOWN."""
        findings = Findings(cases=1)
        _whole(findings, history)
        _one_clock(findings, history)
        _fits(findings, history)
        _alive(findings, history, context)
        _watched(findings, history, context)
        return findings.verdict("The history is whole and was watched all the time.", "")


def _whole(findings: Findings, history: History) -> None:
    if not history.finished:
        findings.doubt("the recording was not finished")
    for each in history.remarks if history.finished else ():
        findings.doubt(each)


def _one_clock(findings: Findings, history: History) -> None:
    for each in history.records:
        if each.began_ns < history.header.started_ns:
            findings.doubt("a record lies before the start: its time is from another clock", (each.index,))
        if each.ended_ns < each.began_ns:
            findings.doubt("a record ends before it begins", (each.index,))


def _fits(findings: Findings, history: History) -> None:
    if history.paired.misfits:
        findings.doubt("an operation has no begin, or two at once", history.paired.misfits)
    begun: set[str] = set()
    for each in history.of(Fault):
        if each.edge is Edge.BEGIN:
            begun.add(each.id)
        elif each.id not in begun:
            findings.doubt(f"the fault {each.id} ended and never began", (each.index,))


def _first_deed_ns(history: History) -> int:
    """Return when the first thing was done to the cluster; when the recording began, if nothing was."""
    deeds: tuple[Operation | Fault, ...] = (*history.of(Operation), *history.of(Fault))
    return min((each.began_ns for each in deeds), default=history.header.started_ns)


def _alive(findings: Findings, history: History, context: Context) -> None:
    records: dict[str, list[Observation]] = {each.name: [] for each in history.header.observers}
    for kind in _OBSERVATIONS:
        for each in history.of(kind):
            if each.observer not in records:
                findings.doubt(f"the observer {each.observer!r} is not in the header", (each.index,))
            records.setdefault(each.observer, []).append(each)
    for observer in history.header.observers:
        seen = sorted(records[observer.name], key=lambda each: each.ended_ns)
        if not seen:
            findings.doubt(f"the observer {observer.name} never saw anything")
        elif observer.period_ms is not None:
            _judge_pauses(findings, history, observer.name, seen, context)


def _judge_pauses(
    findings: Findings, history: History, name: str, seen: list[Observation], context: Context
) -> None:
    """An interval that is long is no pause: the observer waited for an answer."""
    last_ns = _first_deed_ns(history)
    last: tuple[int, ...] = ()
    ends = [(each.began_ns, each.ended_ns, (each.index,)) for each in seen]
    for began_ns, ended_ns, index in [*ends, (history.ended_ns, history.ended_ns, ())]:
        if began_ns - last_ns > context.observation_gap_ms * NS_PER_MS:
            findings.doubt(f"the observer {name} paused for {in_ms(began_ns - last_ns)} ms", (*last, *index))
        last_ns, last = max(last_ns, ended_ns), index


def _watched(findings: Findings, history: History, context: Context) -> None:
    facts = Facts(history, context)
    for site in history.header.sites:
        for ticket in history.header.tickets:
            seen = facts.granted(site.name, ticket.name).seen
            _judge_ends(findings, history, f"{ticket.name} in {site.name}'s CIB", seen, context)
            for each in ticket.resources:
                seen = facts.running(site.name, each).seen
                _judge_ends(findings, history, f"{each} at {site.name}", seen, context)


def _judge_ends(findings: Findings, history: History, what: str, seen: Span | None, context: Context) -> None:
    gap_ns = context.observation_gap_ms * NS_PER_MS
    since_ns = _first_deed_ns(history)
    if seen is None:
        findings.doubt(f"nobody watched {what}")
    elif seen.start - since_ns > gap_ns:
        findings.doubt(f"nobody watched {what} in the first {in_ms(seen.start - since_ns)} ms")
    elif history.ended_ns - seen.end > gap_ns:
        findings.doubt(f"nobody watched {what} in the last {in_ms(history.ended_ns - seen.end)} ms")


def unfit(verdict: Verdict, assumptions: Verdict) -> Verdict:
    """Return what a verdict is worth when the assumptions fail: what is proven stays, the rest is UNKNOWN."""
    if assumptions.status is Status.VALID or verdict.status is Status.INVALID:
        return verdict
    summary = f"Not to be judged: {assumptions.summary}."
    return Verdict(Status.UNKNOWN, summary, assumptions.evidence, {CASES: 0.0, **verdict.measures})
