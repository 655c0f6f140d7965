"""What Booth exists for: no two sites hold a ticket at once, as Pacemaker was told, and as it runs.

An overlap is proven when closed intervals cannot explain it away, and then INVALID. One that
is only possible, because observers did not look often enough, is UNKNOWN: it is not proven that
there was none. Both are measured: the longest proven overlap, the longest possible one, and the
shortest time that nobody held the ticket between two sites.

Manual tickets have a checker of their own. ``grant -F`` is an administrator's word that no other
site holds the ticket; an overlap that such a grant began is counted and not held against Booth.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.holdings import Holding, Overlap, gaps_ms, holdings, in_order, overlaps
from boothlab.core.config.model import Mode
from boothlab.history.records import Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.header import Ticket
    from boothlab.history.history import History

_FORCED: Final = "overlaps_by_force"


@dataclass(frozen=True, slots=True)
class ExclusiveGrants:
    """Two CIBs never have a ticket granted at once."""

    name: str = "exclusive-grants"
    says: str = "No two sites' CIBs have a ticket granted at the same time."

    def check(self, history: History, context: Context) -> Verdict:
        """Compare the grants of all sites."""
        facts, findings = Facts(history, context), Findings()
        for ticket in _automatic(history):
            held = grants(facts, ticket)
            _judge(findings, f"{ticket.name} was granted", held, forced(history, ticket, held), context)
        return findings.verdict(
            f"No two sites had a ticket granted at once ({findings.cases} grants).", "Nothing was granted."
        )


@dataclass(frozen=True, slots=True)
class ExclusiveResources:
    """A ticket's resources never run at two sites at once."""

    name: str = "exclusive-resources"
    says: str = "No two sites run a ticket's resources at the same time."

    def check(self, history: History, context: Context) -> Verdict:
        """Compare where each ticket's resources ran; any of them counts."""
        facts, findings = Facts(history, context), Findings()
        for ticket in _automatic(history):
            ran = [
                each
                for site in history.header.sites
                for each in holdings(site.name, facts.running_any(site.name, ticket))
            ]
            excused = forced(history, ticket, grants(facts, ticket))
            _judge(findings, f"resources of {ticket.name} ran", ran, excused, context)
        return findings.verdict(
            f"No two sites ran a ticket's resources at once ({findings.cases} times at one).",
            "No resource of a ticket ran.",
        )


def grants(facts: Facts, ticket: Ticket) -> list[Holding]:
    """Return each time that a site's CIB had a ticket granted, in the order of their begins."""
    sites = facts.history.header.sites
    return in_order(
        each for site in sites for each in holdings(site.name, facts.granted(site.name, ticket.name))
    )


def forced(history: History, ticket: Ticket, held: list[Holding]) -> list[Holding]:
    """Return the grants that an administrator forced with ``-F``: the next at that site after asking."""
    around = Circumstances(history)
    found: list[Holding] = []
    for call in around.moves(ticket.name):
        if call.asked.verb is Verb.GRANT and call.asked.immediate:
            until_ns = around.acts_until_ns(call)
            theirs = (
                each
                for each in held
                if each.site == call.asked.site and each.known_ns >= call.began_ns
                if each.maybe.start <= until_ns
            )
            found.extend(each for each in [next(theirs, None)] if each)
    return found


def _automatic(history: History) -> list[Ticket]:
    return [each for each in history.header.tickets if each.mode is Mode.AUTO]


def _judge(
    findings: Findings, what: str, held: list[Holding], excused: list[Holding], context: Context
) -> None:
    findings.cases += len(held)
    for each in overlaps(held):
        if _by_force(each, excused):
            findings.measures[_FORCED] = findings.measures.get(_FORCED, 0) + 1
        else:
            _judge_overlap(findings, what, each, context)
    for before, after in pairwise(in_order(held)):
        if before.site != after.site:
            at_least, at_most = gaps_ms(before, after)
            findings.lowest("gap_at_least_ms", at_least)
            findings.lowest("gap_at_most_ms", at_most)


def _judge_overlap(findings: Findings, what: str, each: Overlap, context: Context) -> None:
    sites = f"{each.first.site} and {each.second.site}"
    findings.highest("overlap_possible_ms", each.possible.ms)
    if each.proven:
        findings.highest("overlap_proven_ms", each.at_least_ms)
        findings.prove(
            f"{what} at {sites} at once, for {each.at_least_ms} to {each.possible.ms} ms",
            each.evidence,
        )
    elif each.possible.ms > context.blur_ms:
        findings.doubt(
            f"{what} at {sites} perhaps at once, for up to {each.possible.ms} ms: "
            "the observers did not look often enough",
            each.evidence,
        )


def _by_force(overlap: Overlap, excused: list[Holding]) -> bool:
    """Return whether the site that came second did so by a forced grant."""
    second = overlap.second
    return any(
        each.site == second.site
        and each.maybe.start <= second.known_ns
        and second.maybe.start <= each.maybe.end
        for each in excused
    )
