"""A grant waits while a site cannot be reached that may hold the ticket, whatever is known of it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.exclusion import grants
from boothlab.checkers.facts import Facts
from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS, Span, contains, in_ms, union
from boothlab.core.config.model import Mode
from boothlab.history.records import Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.holdings import Holding
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.calls import Call
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class GrantDelay:
    """A grant without ``-F`` reaches Pacemaker ``expire`` and acquire-after later while a site is missing.

    Missing is a site that surely was cut off or down from the request on, until the CIB had the
    ticket granted. Not judged where another site held the ticket shortly before: that site's lease
    was waited for, and the ticket may come by a takeover.
    """

    name: str = "grant-delay"
    says: str = (
        "While a site cannot be reached, a grant waits for as long as that site might hold the ticket."
    )

    def check(self, history: History, context: Context) -> Verdict:
        """Measure the time between each request and the grant that follows."""
        facts, findings = Facts(history, context), Findings()
        around = Circumstances(history)
        for ticket in history.header.tickets:
            if ticket.mode is Mode.AUTO:
                held = grants(facts, ticket)
                for each in held:
                    asked = _asked(around, ticket, each)
                    if asked and _is_judged(around, ticket, asked, each, held):
                        _judge(findings, ticket, asked, each, context)
        return findings.verdict(
            f"All {findings.cases} grants waited for a missing site.",
            "Nothing was granted while a site was missing.",
        )


def _asked(around: Circumstances, ticket: Ticket, held: Holding) -> Call | None:
    """Return the first request that this grant may come from; None when there is none, or one had force."""
    calls = [
        each
        for each in around.moves(ticket.name)
        if each.asked.verb is Verb.GRANT
        and each.asked.site == held.site
        and each.began_ns < held.known_ns
        and around.acts_until_ns(each) >= held.maybe.start
    ]
    forced = any(each.asked.immediate for each in calls)
    return None if forced or not held.begun else min(calls, key=lambda each: each.began_ns, default=None)


def _is_judged(
    around: Circumstances, ticket: Ticket, asked: Call, held: Holding, every: list[Holding]
) -> bool:
    """Return whether a site was missing all the time, and no other one had the ticket shortly before."""
    waiting = Span(asked.began_ns, held.known_ns)
    before_ns = asked.began_ns - _longest_ms(ticket) * NS_PER_MS
    had = any(
        each.site != held.site and each.maybe.end > before_ns and each.maybe.start < held.known_ns
        for each in every
    )
    others = (each.name for each in around.history.header.sites if each.name != held.site)
    return not had and any(_is_missing(around, held.site, each, waiting) for each in others)


def _is_missing(around: Circumstances, site: str, other: str, waiting: Span) -> bool:
    gone = union(around.cut(site, other, surely=True), around.down(other, surely=True))
    return contains(gone, waiting)


def _longest_ms(ticket: Ticket) -> int:
    return ticket.expire_ms + ticket.acquire_after_ms


def _judge(findings: Findings, ticket: Ticket, asked: Call, held: Holding, context: Context) -> None:
    findings.cases += 1
    at_least, at_most = (in_ms(each - asked.began_ns) for each in (held.maybe.start, held.known_ns))
    findings.lowest("waited_at_least_ms", at_least)
    told = f"a site was missing as {ticket.name} was granted to {held.site},"
    evidence = (*asked.evidence, *held.evidence)
    if at_most < _longest_ms(ticket):
        findings.prove(
            f"{told} at most {at_most} ms after the request instead of {_longest_ms(ticket)} ms", evidence
        )
    elif at_least + context.blur_ms < _longest_ms(ticket):
        findings.doubt(
            f"{told} perhaps only {at_least} ms after the request instead of {_longest_ms(ticket)} ms",
            evidence,
        )
