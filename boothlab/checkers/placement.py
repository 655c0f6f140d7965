"""A granted ticket's resources run there, and only there, within a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS, Spans, intersect, later, longest_ms, prolonged, subtract
from boothlab.history.records import Family

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Member
    from boothlab.history.history import History

_EXCUSES: Final = (Family.NODE, Family.RESOURCE, Family.CIB)
"""Faults under which a site's Pacemaker cannot do as it is told, with the bound after them."""
_STOPPING: Final = ("stop", "fence")
"""Loss policies after which nothing goes on running."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Resources follow their ticket.

    One that stops where its ticket is granted may come back within the bound as well: Pacemaker
    recovers what fails. One that runs without its ticket is wrong at once, after the bound.
    With the loss policies ``freeze`` and ``demote`` they may go on running where it was lost.
    """

    name: str = "placement"
    says: str = "A granted ticket's resources run at its site, and nowhere else, within a bound."

    def check(self, history: History, context: Context) -> Verdict:
        """Compare each site's grants with what runs there."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for ticket in history.header.tickets:
            for site in history.header.sites:
                excused = _excused(around, site, context)
                for resource in ticket.resources:
                    _judge(findings, facts, (site.name, ticket.name, resource), excused, runs=True)
                    if ticket.loss_policy in _STOPPING:
                        _judge(findings, facts, (site.name, ticket.name, resource), excused, runs=False)
        return findings.verdict(
            f"Resources ran where their tickets were granted ({findings.cases} times judged).",
            "No ticket with resources was granted, or withheld, for long enough.",
        )


def _excused(around: Circumstances, site: Member, context: Context) -> Spans:
    faults = around.faults(*_EXCUSES, at=(site.name, *site.nodes))
    return prolonged(faults, context.placement_ms * NS_PER_MS)


def _judge(
    findings: Findings, facts: Facts, what: tuple[str, str, str], excused: Spans, *, runs: bool
) -> None:
    """Judge one direction: granted and not running, or running and not granted."""
    site, ticket, resource = what
    grant, ran = facts.granted(site, ticket), facts.running(site, resource)
    bound_ns = facts.context.placement_ms * NS_PER_MS
    held = grant.sure if runs else grant.never
    judged = subtract(later(held, bound_ns), excused)
    if not judged:
        return
    findings.cases += 1
    wrong = later(intersect(held, ran.never), bound_ns) if runs else intersect(judged, ran.sure)
    unclear = later(subtract(held, ran.sure), bound_ns) if runs else subtract(judged, [*ran.sure, *ran.never])
    wrong, unclear = subtract(wrong, excused), subtract(unclear, excused)
    granted = "granted" if runs else "not granted"
    if wrong:
        state = "did not run" if runs else "ran"
        findings.highest("wrong_ms", longest_ms(wrong) + facts.context.placement_ms)
        findings.prove(
            f"{ticket} was {granted} at {site}, and {resource} {state} there after the bound of "
            f"{facts.context.placement_ms} ms",
            grant.evidence(wrong[0]) + ran.evidence(wrong[0]),
        )
    elif longest_ms(unclear) > max(facts.context.observation_gap_ms, facts.context.blur_ms):
        findings.doubt(
            f"{ticket} was {granted} at {site}, and nobody watched {resource} for {longest_ms(unclear)} ms",
            grant.evidence(unclear[0]),
        )
