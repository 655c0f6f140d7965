"""Manual tickets: only people move them, and two holders are allowed by force, with a warning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.exclusion import forced, grants
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.holdings import Holding, Overlap, overlaps
from boothlab.checkers.spans import NS_PER_MS, Span, intersect, later
from boothlab.core.config.model import Mode
from boothlab.history.observations import BoothView
from boothlab.history.records import Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class ManualTickets:
    """A manual ticket moves only when asked, and ``booth list`` warns while two sites hold it.

    Two sites may hold it when ``grant -F`` said so. As soon as it is calm for the bound within
    which members agree, every member's list must name both.
    """

    name: str = "manual-tickets"
    says: str = "Manual tickets move only by hand; two sites at once need -F, and members warn of it."

    def check(self, history: History, context: Context) -> Verdict:
        """Look at grants and overlaps of manual tickets."""
        facts, findings = Facts(history, context), Findings()
        for ticket in history.header.tickets:
            if ticket.mode is Mode.MANUAL:
                held = grants(facts, ticket)
                for each in held:
                    _judge_grant(findings, facts, ticket, each)
                by_force = forced(history, ticket, held)
                for overlap in overlaps(held):
                    _judge_overlap(findings, facts, ticket, overlap, forced=overlap.second in by_force)
        return findings.verdict(
            f"Manual tickets moved by hand only ({findings.cases} times judged).",
            "No manual ticket was granted.",
        )


def _judge_grant(findings: Findings, facts: Facts, ticket: Ticket, held: Holding) -> None:
    if not held.begun:
        return
    findings.cases += 1
    around = Circumstances(facts.history)
    asked = any(
        each.asked.verb is Verb.GRANT and each.asked.site == held.site and each.began_ns <= held.known_ns
        for each in around.moves(ticket.name)
    )
    if not asked:
        findings.prove(f"{held.site} was granted {ticket.name}, and nobody had asked for it", held.evidence)


def _judge_overlap(
    findings: Findings, facts: Facts, ticket: Ticket, overlap: Overlap, *, forced: bool
) -> None:
    sites = {overlap.first.site, overlap.second.site}
    both = f"{' and '.join(sorted(sites))} both had {ticket.name} granted"
    if overlap.proven and not forced:
        findings.prove(f"{both}, and nobody had asked for that with -F", overlap.evidence)
    elif overlap.possible.ms > facts.context.blur_ms and not forced:
        findings.doubt(f"{both} perhaps: the observers did not look often enough", overlap.evidence)
    for calm in _calm_while(facts, overlap):
        _judge_warnings(findings, facts, ticket, (sites, both), calm)


def _calm_while(facts: Facts, overlap: Overlap) -> tuple[Span, ...]:
    """Return when it had been calm for the bound while both surely held the ticket."""
    both = intersect(overlap.first.sure, overlap.second.sure, Circumstances(facts.history).calm)
    return later(both, facts.context.agreement_ms * NS_PER_MS)


def _judge_warnings(
    findings: Findings, facts: Facts, ticket: Ticket, who: tuple[set[str], str], calm: Span
) -> None:
    sites, both = who
    findings.cases += 1
    views = [
        each
        for each in facts.history.of(BoothView)
        if each.ticket == ticket.name and calm.start <= each.began_ns and each.ended_ns <= calm.end
    ]
    silent = [each.index for each in views if not sites <= set(each.warned_of)]
    if silent:
        findings.prove(f"{both}, and a member did not warn of it", silent[:1])
    elif not views and calm.ms >= facts.context.observation_gap_ms:
        findings.doubt(f"{both}, and nobody looked whether members warn of it")
