"""Nothing that is authenticated wrongly is accepted."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.checkers.findings import Findings
from boothlab.checkers.spans import NS_PER_MS
from boothlab.checkers.terms import claims
from boothlab.core.codes import Result
from boothlab.history.observations import PeersView
from boothlab.history.records import Fate, Life, Origin, Packet, Phase, Process

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.history import History

FORGED_TERM_AHEAD: Final = 1_000
"""A forged term that shall be recognised is so far ahead of all real ones that no election explains it."""
ON_ITS_WAY_MS: Final = 2_000
"""So long after a packet was passed on, who is asked for its counters may not have read it yet.

A daemon that waited for its CIB answers who asks before it has read all that came meanwhile.
"""

_Window = tuple[list[Packet], PeersView | None, PeersView | None]


@dataclass(frozen=True, slots=True)
class Authenticity:
    """Forged and replayed packets are refused, and so are clients without the key.

    Three signs: a client that must be refused gets another answer than "authentication error";
    a member counts fewer refused packets of a peer than were delivered to it in that peer's
    name; or somebody takes a forged term over. A forged packet that got lost must be
    recorded as dropped.
    """

    name: str = "authenticity"
    says: str = "Packets and requests without the right signature are refused, and copies are as well."

    def check(self, history: History, _context: Context) -> Verdict:
        """Follow each packet and request that must be refused."""
        findings = Findings()
        if history.header.authenticated:
            _judge_clients(findings, history)
            _judge_counters(findings, history)
            _judge_terms(findings, history)
        return findings.verdict(
            f"All {findings.cases} intrusions were refused.", "Nobody tried to get in, or there was no key."
        )


def _judge_clients(findings: Findings, history: History) -> None:
    for call in history.calls:
        if call.asked.authentic:
            continue
        findings.cases += 1
        result = call.told.result if call.told else None
        if call.outcome is Phase.OK or result not in (None, Result.AUTHENTICATION):
            findings.prove(
                f"{call.asked.site} did not refuse a {call.asked.verb.value} without the right signature",
                call.evidence,
            )


def _judge_counters(findings: Findings, history: History) -> None:
    """Compare a member's counters before and after it got packets in another one's name."""
    delivered: dict[tuple[str, str], list[Packet]] = {}
    for each in history.of(Packet):
        if each.origin is not Origin.MEMBER and each.sender and each.fate is Fate.DELIVERED:
            delivered.setdefault((each.receiver, each.sender), []).append(each)
    for (member, peer), packets in delivered.items():
        for got, before, after in _windows(history, member, packets):
            _judge_window(findings, (member, peer), got, before, after)


def _windows(history: History, member: str, packets: list[Packet]) -> list[_Window]:
    """Return packets in groups, each with the counters last seen before and first asked for after it.

    Groups do not overlap, so that no refusal counts for two of them.
    """
    views = sorted(
        (each for each in history.of(PeersView) if each.member == member), key=lambda each: each.began_ns
    )
    groups: list[tuple[int, int, list[Packet]]] = []
    for packet in sorted(packets, key=lambda each: each.at_ns):
        before = bisect_left(views, packet.at_ns, key=lambda view: view.ended_ns) - 1
        arrived_ns = packet.at_ns + ON_ITS_WAY_MS * NS_PER_MS
        after = bisect_left(views, arrived_ns, key=lambda view: view.began_ns)
        if groups and before < groups[-1][1]:
            first, _, earlier = groups.pop()
            groups.append((first, after, [*earlier, packet]))
        else:
            groups.append((before, after, [packet]))
    restarts = [
        each.began_ns for each in history.of(Process) if each.member == member and each.life is Life.STARTED
    ]
    found: list[_Window] = []
    for before, after, group in groups:
        first_view = views[before] if before >= 0 else None
        last_view = views[after] if after < len(views) else None
        if first_view and last_view and _between(restarts, first_view, last_view):
            continue  # counters begin anew
        found.append((group, first_view, last_view))
    return found


def _between(moments: list[int], before: PeersView, after: PeersView) -> bool:
    return any(before.began_ns <= at_ns <= after.ended_ns for at_ns in moments)


def _judge_window(
    findings: Findings,
    who: tuple[str, str],
    got: list[Packet],
    before: PeersView | None,
    after: PeersView | None,
) -> None:
    member, peer = who
    findings.cases += 1
    packets = tuple(each.index for each in got)
    if before is None or after is None:
        findings.doubt(f"nobody saw what {member} counted before and after {len(got)} wrong packets", packets)
        return
    refused = _refused(after, peer) - _refused(before, peer)
    if refused < len(got):
        findings.prove(
            f"{member} got {len(got)} packets in {peer}'s name that it must refuse, and refused {refused}",
            (before.index, *packets, after.index),
        )


def _refused(view: PeersView, peer: str) -> int:
    return sum(
        each.authfail + each.received_errors + each.invalid for each in view.peers if each.peer == peer
    )


def _judge_terms(findings: Findings, history: History) -> None:
    """Look for forged terms in what members tell; the same one again is the same intrusion."""
    told = claims(history)
    forged: dict[tuple[str, int], Packet] = {}
    for each in history.of(Packet):
        if each.origin is Origin.FORGED and each.term is not None:
            forged.setdefault((each.ticket, each.term), each)
    for (ticket, term), packet in forged.items():
        about = [each for each in told if each.ticket == ticket]
        before = max((each.term for each in about if each.ended_ns < packet.at_ns), default=0)
        if term < before + FORGED_TERM_AHEAD:
            continue
        findings.cases += 1
        near = (each for each in about if 0 <= each.term - term < FORGED_TERM_AHEAD)
        believed = next((each for each in near if each.began_ns > packet.at_ns), None)
        if believed:
            findings.prove(
                f"{believed.teller[1]} took over term {term} from a forged packet",
                (packet.index, believed.index),
            )
