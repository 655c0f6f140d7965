"""A ticket whose holder is lost comes up at another site, in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.prerequisites import surely_hold
from boothlab.checkers.spans import NS_PER_MS, Span, contains, in_ms, intersect
from boothlab.core.config.model import Mode
from boothlab.history.records import Family

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.tracks import Track
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History

_CANDIDATES_EXCUSES: Final = (Family.NODE, Family.CIB, Family.HANDLER, Family.CLOCK)


@dataclass(frozen=True, slots=True)
class Failover:
    """Another site takes over within ``expire`` + acquire-after + a margin after the holder was lost.

    Judged when the holder reached no majority for that long, another site that could hold the
    ticket reached one all the time, and the network did nothing worse than cut: no loss, no delay.
    A holder that came back sooner is judged only when another site had taken over by then.
    """

    name: str = "failover"
    says: str = "A lost holder's ticket is granted at another site within expire, acquire-after and a margin."

    def check(self, history: History, context: Context) -> Verdict:
        """Look for a new grant after each loss of a holder."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for ticket in history.header.tickets:
            if ticket.mode is Mode.AUTO:
                for site in history.header.sites:
                    for lost in around.without_majority(site.name):
                        _judge(findings, facts, around, (ticket, site.name), lost)
        return findings.verdict(
            f"Another site took over in time, {findings.cases} times.",
            "No holder was lost while another site could take over.",
        )


def _judge(
    findings: Findings, facts: Facts, around: Circumstances, who: tuple[Ticket, str], lost: Span
) -> None:
    ticket, holder = who
    limit_ms = ticket.expire_ms + ticket.acquire_after_ms + facts.context.failover_ms
    limit_ns = lost.start + limit_ms * NS_PER_MS
    judged = Span(lost.start, min(limit_ns, lost.end))
    well_ns = around.well_until_ns(holder, lost.start)
    own = facts.granted(holder, ticket.name)
    if not _held(own, well_ns) or _asked(around, ticket, Span(well_ns, judged.end)):
        return
    if not _could_move(around, ticket, holder, judged):
        return
    others = [each.name for each in facts.history.header.sites if each.name != holder]
    tracks = [facts.granted(each, ticket.name) for each in others]
    taken_ns = [span.start for each in tracks for span in intersect(each.sure, [judged])]
    taken_ns += [
        p.ended_ns for each in tracks for p in each.glimpses if judged.start <= p.ended_ns <= judged.end
    ]
    if not taken_ns and lost.end < limit_ns:
        return
    findings.cases += 1
    told = f"{holder} was lost, and {ticket.name}"
    evidence = own.evidence(Span(well_ns, well_ns))
    if taken_ns:
        findings.highest("failover_ms", in_ms(min(taken_ns) - lost.start))
    elif all(contains(each.never, judged) for each in tracks):
        shown = [index for each in tracks for index in each.evidence(judged)]
        findings.prove(f"{told} was granted nowhere else within {limit_ms} ms", (*evidence, *shown))
    else:
        findings.doubt(f"{told} was perhaps granted nowhere else: not all sites were watched", evidence)


def _held(track: Track, at_ns: int) -> bool:
    """Return whether what was seen last before a moment was a grant."""
    before = [each for each in track.points if each.ended_ns <= at_ns]
    return bool(before) and before[-1].value is True


def _asked(around: Circumstances, ticket: Ticket, during: Span) -> bool:
    """Return whether somebody moved the ticket by hand."""
    return any(
        each.began_ns < during.end and around.acts_until_ns(each) > during.start
        for each in around.moves(ticket.name)
    )


def _could_move(around: Circumstances, ticket: Ticket, holder: str, judged: Span) -> bool:
    """Return whether another site could take the ticket over."""
    others = (site.name for site in around.history.header.sites if site.name != holder)
    return not _is_messy(around, judged) and any(_could_take(around, ticket, each, judged) for each in others)


def _could_take(around: Circumstances, ticket: Ticket, site: str, judged: Span) -> bool:
    member = around.history.header.member(site)
    names = (site, *(member.nodes if member else ()))
    return (
        contains(around.with_majority(site), judged)
        and not intersect(around.faults(*_CANDIDATES_EXCUSES, at=names), [judged])
        and surely_hold(around.history, ticket, site, Mode.AUTO, judged)
    )


def _is_messy(around: Circumstances, judged: Span) -> bool:
    """Return whether packets may have been lost or delayed that no cut accounts for."""
    return any(
        each.fault.family in (Family.NETWORK, Family.PACKETS)
        and not each.fault.cuts
        and intersect([each.maybe], [judged])
        for each in around.effects
    )
