"""Handlers and prerequisites gate: who may not hold a ticket does not get it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.exclusion import grants
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.prerequisites import failing
from boothlab.checkers.spans import NS_PER_MS, Span, intersect
from boothlab.core.config.model import Mode
from boothlab.history.observations import HandlerRun
from boothlab.history.records import Phase, Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.holdings import Holding
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class Handlers:
    """A before-acquire-handler must succeed before each grant; when it fails at a holder, the ticket goes."""

    name: str = "handlers-gate"
    says: str = (
        "A site is granted a ticket only after its handler succeeded, and keeps it only while it does."
    )

    def check(self, history: History, context: Context) -> Verdict:
        """Compare each grant with the handler's runs at its site."""
        facts, findings = Facts(history, context), Findings()
        runs = sorted(history.of(HandlerRun), key=lambda each: each.ended_ns)
        for ticket in history.header.tickets:
            if ticket.has_handler:
                held = grants(facts, ticket)
                if held and not any(each.ticket == ticket.name for each in runs):
                    findings.doubt(f"nobody watched the handler of {ticket.name}")
                    continue
                for site in history.header.sites:
                    ran = [each for each in runs if (each.site, each.ticket) == (site.name, ticket.name)]
                    theirs = [each for each in held if each.site == site.name]
                    _judge_grants(findings, ticket, theirs, ran)
                    _judge_failures(findings, facts, ticket, ran)
        return findings.verdict(
            f"The handler's word was kept, {findings.cases} times.", "No handler had anything to allow."
        )


def _judge_grants(findings: Findings, ticket: Ticket, held: list[Holding], ran: list[HandlerRun]) -> None:
    """Judge each grant by the last run before it, which must be one since the last grant's end."""
    since_ns = -1
    for each in held:
        if each.begun:
            _judge_grant(findings, ticket, each, [run for run in ran if run.ended_ns >= since_ns])
        since_ns = each.last_known_ns


def _judge_grant(findings: Findings, ticket: Ticket, held: Holding, ran: list[HandlerRun]) -> None:
    findings.cases += 1
    last = next((run for run in reversed(ran) if run.ended_ns <= held.known_ns), None)
    told = f"{held.site} was granted {ticket.name}, and its handler had"
    if last is None:
        findings.prove(f"{told} not run", held.evidence)
    elif last.status:
        findings.prove(f"{told} failed with {last.status}", (last.index, *held.evidence))


def _judge_failures(findings: Findings, facts: Facts, ticket: Ticket, ran: list[HandlerRun]) -> None:
    """Judge what becomes of the ticket after each failed run, until a run succeeds."""
    for place, run in enumerate(ran):
        if not run.status:
            continue
        later_ns = (each.ended_ns for each in ran[place + 1 :] if not each.status)
        end_ns = next(later_ns, facts.history.ended_ns)
        span = Span(run.ended_ns + facts.context.revoke_ms * NS_PER_MS, end_ns)
        track = facts.granted(run.site, ticket.name)
        kept = intersect(track.sure, [span])
        findings.cases += 1
        if kept:
            findings.prove(
                f"the handler failed at {run.site}, and {ticket.name} stayed granted there",
                (run.index, *track.evidence(kept[0])),
            )


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """An attr-prereq that surely fails stops a grant (``manual``) or a takeover (``auto``)."""

    name: str = "prerequisites-gate"
    says: str = "A site whose attributes fail a prerequisite is not granted the ticket."

    def check(self, history: History, context: Context) -> Verdict:
        """Compare each grant with the attributes at its site."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for ticket in history.header.tickets:
            if ticket.prerequisites:
                for held in grants(facts, ticket):
                    if held.begun:
                        _judge_takeover(findings, around, ticket, held)
                _judge_calls(findings, around, ticket)
        return findings.verdict(
            f"Prerequisites were kept, {findings.cases} times.", "No prerequisite had anything to allow."
        )


def _judge_takeover(findings: Findings, around: Circumstances, ticket: Ticket, held: Holding) -> None:
    asked = any(
        each.asked.verb is Verb.GRANT
        and each.asked.site == held.site
        and each.began_ns <= held.known_ns
        and around.acts_until_ns(each) >= held.maybe.start
        for each in around.moves(ticket.name)
    )
    if asked:
        return  # an administrator's grant has prerequisites of its own
    findings.cases += 1
    lead_ns = (ticket.expire_ms + ticket.acquire_after_ms) * NS_PER_MS
    during_ns = (held.maybe.start - lead_ns, held.known_ns)
    failed = failing(around.history, ticket, held.site, Mode.AUTO, during_ns)
    if failed:
        findings.prove(
            f"{held.site} took {ticket.name} over, and an attr-prereq failed there",
            failed.evidence + held.evidence,
        )


def _judge_calls(findings: Findings, around: Circumstances, ticket: Ticket) -> None:
    for call in around.moves(ticket.name):
        if call.asked.verb is not Verb.GRANT or call.outcome is not Phase.OK or call.ended_ns is None:
            continue
        findings.cases += 1
        during_ns = (call.began_ns, call.ended_ns)
        failed = failing(around.history, ticket, call.asked.site, Mode.MANUAL, during_ns)
        if failed:
            findings.prove(
                f"{ticket.name} was granted to {call.asked.site}, and an attr-prereq failed there",
                failed.evidence + call.evidence,
            )
