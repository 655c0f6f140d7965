"""When nothing disturbs, all members agree within a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS, Span, contains, intersect, later
from boothlab.core.config.model import Mode
from boothlab.history.observations import BoothView

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class Agreement:
    """After healing, all members name the same leader, and it alone has the ticket granted.

    Judged in every calm: no fault in effect, all daemons running, no grant or revoke under way.
    Whether nobody holds a ticket because it was revoked or was lost makes no difference.
    """

    name: str = "agreement"
    says: str = "Within a bound after the last disturbance all members agree who holds a ticket."

    def check(self, history: History, context: Context) -> Verdict:
        """Compare what members and CIBs say in every calm."""
        facts, findings = Facts(history, context), Findings()
        tickets = [each for each in history.header.tickets if each.mode is Mode.AUTO]
        for calm in later(Circumstances(history).calm, context.agreement_ms * NS_PER_MS):
            if calm.ms >= context.observation_gap_ms:
                for ticket in tickets:
                    _judge(findings, facts, ticket, calm)
        return findings.verdict(
            f"All members agreed, {findings.cases} times judged.", "It was never calm for long enough."
        )


def _judge(findings: Findings, facts: Facts, ticket: Ticket, calm: Span) -> None:
    findings.cases += 1
    views = [
        each
        for each in facts.history.of(BoothView)
        if each.ticket == ticket.name and calm.start <= each.began_ns and each.ended_ns <= calm.end
    ]
    silent = {each.name for each in facts.history.header.members} - {each.member for each in views}
    if silent:
        findings.doubt(
            f"nobody saw what {', '.join(sorted(silent))} says about {ticket.name} when it was calm"
        )
    named = {each.leader: each for each in views}
    if len(named) > 1:
        first, second, *_ = named.values()
        findings.prove(
            f"{first.member} says that {ticket.name} is at {first.leader or 'nobody'}, "
            f"{second.member} says {second.leader or 'nobody'}, and nothing disturbed them",
            (each.index for each in named.values()),
        )
    elif views:
        _judge_grants(findings, facts, ticket, calm, views)


def _judge_grants(
    findings: Findings, facts: Facts, ticket: Ticket, calm: Span, views: list[BoothView]
) -> None:
    leader = views[0].leader
    waits = any(each.pending for each in views)
    for site in facts.history.header.sites:
        track = facts.granted(site.name, ticket.name)
        granted = intersect(track.sure, [calm])
        if site.name != leader and granted:
            findings.prove(
                f"all members say that {ticket.name} is at {leader or 'nobody'}, "
                f"and {site.name}'s CIB has it granted",
                (views[0].index, *track.evidence(granted[0])),
            )
        elif site.name == leader and not waits and contains(track.never, calm):
            findings.prove(
                f"all members say that {ticket.name} is at {leader}, and its CIB does not have it granted",
                (views[0].index, *track.evidence(calm)),
            )
