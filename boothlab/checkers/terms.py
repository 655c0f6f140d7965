"""Terms: one leader in each, and they never go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.checkers.findings import Findings
from boothlab.core.config.model import Mode
from boothlab.history.observations import BoothView, CibView, CibWrite
from boothlab.history.records import Edge, Family, Fault, Life, Origin, Packet, Process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.history import History

_ANNOUNCEMENTS: Final = ("HrtB", "UpdE")
"""Messages by which a leader says that it leads."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who leads in which term."""

    teller: tuple[str, str]
    """``booth``, ``cib`` or ``packet``, and a member."""
    ticket: str
    leader: str
    term: int
    began_ns: int
    ended_ns: int
    index: int

    @property
    def about_itself(self) -> bool:
        """Return whether the leader itself says so: others may only believe it."""
        return self.teller[1] == self.leader


def claims(history: History) -> list[Claim]:
    """Return all claims in the order of time. Forged and replayed packets are nobody's claim."""
    tickets = {each.name for each in history.header.tickets if each.mode is Mode.AUTO}
    found = (
        each for each in (*_booth(history), *_cib(history), *_packets(history)) if each.ticket in tickets
    )
    return sorted(found, key=lambda each: (each.ended_ns, each.began_ns))


def _booth(history: History) -> Iterator[Claim]:
    for each in history.of(BoothView):
        if each.leader is not None and each.term is not None:
            teller = ("booth", each.member)
            yield Claim(teller, each.ticket, each.leader, each.term, each.began_ns, each.ended_ns, each.index)


def _cib(history: History) -> Iterator[Claim]:
    told: tuple[CibView | CibWrite, ...] = (*history.of(CibView), *history.of(CibWrite))
    for each in told:
        if each.owner is not None and each.term is not None and (each.granted or each.owner != each.site):
            teller = ("cib", each.site)
            yield Claim(teller, each.ticket, each.owner, each.term, each.began_ns, each.ended_ns, each.index)


def _packets(history: History) -> Iterator[Claim]:
    for each in history.of(Packet):
        if each.origin is Origin.MEMBER and each.command in _ANNOUNCEMENTS and each.term is not None:
            teller = ("packet", each.sender)
            yield Claim(teller, each.ticket, each.sender, each.term, each.at_ns, each.at_ns, each.index)


def forgotten(history: History) -> list[int]:
    """Return when what was known of terms and votes may have been lost: a node's memory, an edited CIB."""
    return [
        each.ended_ns
        for each in history.of(Fault)
        if (each.forgets or each.family is Family.NODE) and each.edge is Edge.BEGIN and not each.failed
    ]


@dataclass(frozen=True, slots=True)
class OneLeaderPerTerm:
    """No two sites lead in one term, unless what was known of it may have been lost before the second did."""

    name: str = "one-leader-per-term"
    says: str = "In each term of a ticket at most one site leads."

    def check(self, history: History, _context: Context) -> Verdict:
        """Compare who claims to lead itself."""
        findings = Findings()
        leaders: dict[tuple[str, int], dict[str, Claim]] = {}
        edited_ns = forgotten(history)
        for each in claims(history):
            known = leaders.setdefault((each.ticket, each.term), {})
            if not each.about_itself or each.leader in known:
                continue
            for other in known.values():
                if not any(other.began_ns <= at_ns <= each.ended_ns for at_ns in edited_ns):
                    findings.prove(
                        f"{other.leader} and {each.leader} both led {each.ticket} in term {each.term}",
                        (other.index, each.index),
                    )
            known[each.leader] = each
        findings.cases = sum(bool(each) for each in leaders.values())
        return findings.verdict(
            f"Each of {findings.cases} terms had one leader.", "Nobody was seen to lead in a term."
        )


@dataclass(frozen=True, slots=True)
class TermsRise:
    """Terms never go back, as each member tells and as each CIB has it.

    Only terms that somebody really led in count: whoever follows a leader may tell a higher one
    of its own, which it hoped to lead in, and give that up. After a daemon's restart its word
    begins anew, and everybody's when something was forgotten.
    """

    name: str = "terms-rise"
    says: str = "The term in which a member or a CIB names a leader never gets lower."

    def check(self, history: History, _context: Context) -> Verdict:
        """Follow the term of everybody who names a leader."""
        findings = Findings()
        restarts = _restarts(history)
        highest: dict[tuple[str, str, str], Claim] = {}
        for each in _led(claims(history)):
            key = (*each.teller, each.ticket)
            known = highest.get(key)
            if known and _forgot(restarts.get(each.teller, ()), known, each):
                known = None
            if known and each.term < known.term and each.began_ns > known.ended_ns:
                findings.prove(_told(known, each), (known.index, each.index))
            if known is None or each.term >= known.term:
                highest[key] = each
            findings.cases += 1
        return findings.verdict(
            f"No term went back in {findings.cases} observations.", "Nobody was seen to name a term."
        )


def _led(told: list[Claim]) -> Iterator[Claim]:
    """Yield claims about terms in which the named leader had said itself that it leads."""
    since_ns: dict[tuple[str, str, int], int] = {}
    for each in told:
        if each.about_itself:
            since_ns.setdefault((each.ticket, each.leader, each.term), each.began_ns)
    for each in told:
        led_ns = since_ns.get((each.ticket, each.leader, each.term))
        if led_ns is not None and led_ns <= each.ended_ns:
            yield each


def _restarts(history: History) -> dict[tuple[str, str], tuple[int, ...]]:
    found: dict[tuple[str, str], list[int]] = {}
    for each in history.of(Process):
        if each.life is Life.STARTED:
            for source in ("booth", "packet"):
                found.setdefault((source, each.member), []).append(each.began_ns)
    edits = forgotten(history)
    for member in history.header.members if edits else ():
        for source in ("booth", "packet", "cib"):
            found.setdefault((source, member.name), []).extend(edits)
    return {teller: tuple(times) for teller, times in found.items()}


def _forgot(restarts: tuple[int, ...], known: Claim, now: Claim) -> bool:
    return any(known.began_ns <= at_ns <= now.ended_ns for at_ns in restarts)


def _told(known: Claim, now: Claim) -> str:
    source, member = now.teller
    who = {"booth": f"{member} says", "cib": f"{member}'s CIB says", "packet": f"{member} announces"}[source]
    return f"{who} term {now.term} of {now.ticket}, after it was {known.term}"
