"""A revoke sticks until somebody grants the ticket again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS, Span, intersect
from boothlab.core.config.model import Mode
from boothlab.history.records import Phase, Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.calls import Call
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class RevokeSticks:
    """After a revoke that succeeded, no CIB has the ticket granted until the next grant is asked for.

    A revoke that meets a grant which may still act is not judged: either may come last. A manual
    ticket is revoked at the site that was asked, and judged there.
    """

    name: str = "revoke-sticks"
    says: str = "A revoked ticket stays revoked at all sites until it is granted again."

    def check(self, history: History, context: Context) -> Verdict:
        """Look for grants behind each revoke."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for ticket in history.header.tickets:
            moves = around.moves(ticket.name)
            granting = [each for each in moves if each.asked.verb is Verb.GRANT]
            for call in moves:
                if call.asked.verb is Verb.REVOKE and call.outcome is Phase.OK:
                    span = _revoked(around, call, granting, context)
                    _judge(findings, facts, ticket, call, span)
        return findings.verdict(f"All {findings.cases} revokes stuck.", "No revoke could be judged.")


def _revoked(around: Circumstances, call: Call, granting: list[Call], context: Context) -> Span | None:
    """Return for how long nothing may be granted; None when a grant was under way as well."""
    told_ns = call.ended_ns or around.whole.end
    before = [each for each in granting if each.began_ns < told_ns]
    if any(around.acts_until_ns(each) > call.began_ns for each in before):
        return None
    next_ns = min((each.began_ns for each in granting if each.began_ns >= told_ns), default=around.whole.end)
    span = Span(told_ns + context.revoke_ms * NS_PER_MS, next_ns)
    return span if span.start < span.end else None


def _judge(findings: Findings, facts: Facts, ticket: Ticket, call: Call, span: Span | None) -> None:
    if span is None:
        return
    findings.cases += 1
    manual = ticket.mode is Mode.MANUAL
    for site in facts.history.header.sites:
        if manual and site.name != call.asked.site:
            continue
        track = facts.granted(site.name, ticket.name)
        sure = intersect(track.sure, [span])
        seen = [each for each in track.glimpses if span.start < each.began_ns and each.ended_ns < span.end]
        maybe = intersect(track.maybe, [span])
        told = f"{ticket.name} was revoked, and granted at {site.name}"
        if sure or seen:
            shown = sure[0] if sure else Span(seen[0].began_ns, seen[0].ended_ns)
            findings.prove(f"{told} though nobody asked for it", call.evidence + track.evidence(shown))
        elif maybe and max(each.ms for each in maybe) > facts.context.blur_ms:
            findings.doubt(f"{told} perhaps: it was not watched", call.evidence + track.evidence(maybe[0]))
