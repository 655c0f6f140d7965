"""Leases: they end when the majority is lost, and nobody takes over before acquire-after."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.exclusion import grants
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.holdings import Holding, gaps_ms
from boothlab.checkers.spans import NS_PER_MS, Span, in_ms, intersect, later
from boothlab.core.config.model import Mode
from boothlab.history.observations import HandlerRun
from boothlab.history.records import Fault

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.tracks import Track
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class AcquireAfter:
    """Who takes a lost ticket over lets acquire-after pass.

    It is measured from the old site's revoke to the new one's grant, as Pacemaker is told of them; a
    bound allows for a revoke that is late. Not where a grant or a revoke was asked for in between, not
    where the old site's handler failed: then it gave the ticket away itself; and not where its CIB was
    made to forget the ticket.
    """

    name: str = "acquire-after"
    says: str = "After a lost lease, no other site is granted the ticket before acquire-after."

    def check(self, history: History, context: Context) -> Verdict:
        """Measure the time between a lost grant and the next at another site."""
        facts, findings = Facts(history, context), Findings()
        for ticket in history.header.tickets:
            if ticket.mode is Mode.AUTO and ticket.acquire_after_ms:
                for before, after in pairwise(grants(facts, ticket)):
                    if before.site != after.site and not _given_away(history, ticket, before, after):
                        _judge_gap(findings, ticket, before, after, context)
        return findings.verdict(
            f"acquire-after passed at each of {findings.cases} takeovers.", "Nobody took a lost ticket over."
        )


def _given_away(history: History, ticket: Ticket, before: Holding, after: Holding) -> bool:
    asked = Circumstances(history).moves(ticket.name)
    failed = (each for each in history.of(HandlerRun) if each.ticket == ticket.name and each.status)
    edited = (each for each in history.of(Fault) if each.forgets and before.site in each.targets)
    return (
        any(before.known_ns < each.began_ns < after.known_ns for each in asked)
        or any(
            each.site == before.site and before.known_ns < each.ended_ns < after.known_ns for each in failed
        )
        or any(before.known_ns < each.ended_ns and each.began_ns < after.known_ns for each in edited)
    )


def _judge_gap(findings: Findings, ticket: Ticket, before: Holding, after: Holding, context: Context) -> None:
    findings.cases += 1
    at_least, at_most = gaps_ms(before, after)
    findings.lowest("gap_at_least_ms", at_least)
    findings.lowest("gap_at_most_ms", at_most)
    told = f"{after.site} was granted {ticket.name} after {before.site}"
    evidence = {*before.evidence, *after.evidence}
    needed_ms = ticket.acquire_after_ms - context.acquire_slack_ms
    if at_most < needed_ms:
        findings.prove(
            f"{told}, at most {max(at_most, 0.0)} ms later instead of {ticket.acquire_after_ms} ms",
            evidence,
        )
    elif at_least + context.blur_ms < needed_ms:
        findings.doubt(
            f"{told}, perhaps only {max(at_least, 0.0)} ms later instead of {ticket.acquire_after_ms} ms",
            evidence,
        )


@dataclass(frozen=True, slots=True)
class LostMajority:
    """A site without a majority has the ticket revoked in its own Pacemaker when the lease ends.

    Without a majority is who surely exchanges nothing with so many members that too few are left,
    by the recorded cuts and dead or paused daemons; also whose own daemon does not run.
    """

    name: str = "lost-majority"
    says: str = "A site that lost its majority, or its daemon, is revoked by the end of the lease."

    def check(self, history: History, context: Context) -> Verdict:
        """Look for grants that outlive their lease."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for site in history.header.sites:
            alone = around.without_majority(site.name)
            for ticket in history.header.tickets:
                if ticket.mode is Mode.AUTO:
                    track = facts.granted(site.name, ticket.name)
                    for each in alone:
                        _judge_lease(findings, (site.name, ticket), each, track, context)
        return findings.verdict(
            f"Each of {findings.cases} lost leases was revoked in time.",
            "No holder was without a majority for as long as a lease.",
        )


def _judge_lease(
    findings: Findings, who: tuple[str, Ticket], alone: Span, track: Track, context: Context
) -> None:
    site, ticket = who
    limit_ns = (ticket.expire_ms + context.revoke_ms) * NS_PER_MS
    held = intersect(track.maybe, [alone])
    too_late = later([alone], limit_ns)
    if not held or not too_late:
        return
    findings.cases += 1
    proven = intersect(track.sure, too_late)
    possible = intersect(track.maybe, too_late)
    glimpsed = [
        each for each in track.glimpses if too_late[0].start < each.began_ns and each.ended_ns < alone.end
    ]
    told = f"{site} had no majority, and its CIB had {ticket.name} granted"
    if proven or glimpsed:
        last_ns = max([span.end for span in proven] + [each.ended_ns for each in glimpsed])
        findings.highest("late_ms", in_ms(last_ns - too_late[0].start) + context.revoke_ms)
        shown = proven[0] if proven else Span(glimpsed[0].began_ns, glimpsed[0].ended_ns)
        findings.prove(
            f"{told} for at least {in_ms(last_ns - alone.start)} ms, with a lease of {ticket.expire_ms} ms",
            track.evidence(shown),
        )
    elif possible and max(span.ms for span in possible) > context.blur_ms:
        findings.doubt(
            f"{told} perhaps longer than its lease: it was not watched", track.evidence(possible[0])
        )
