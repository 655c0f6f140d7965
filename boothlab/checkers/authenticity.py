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


@dataclass(frozen=True, slots=True)
class _Window:
    """Packets that a member must refuse, and its counters before and after them."""

    packets: list[Packet]
    before: PeersView | None
    after: PeersView | None
    is_certain: bool
    """Whether it had read all of them when it was asked for the latter."""


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
        for window in _windows(history, member, packets):
            _judge_window(findings, member, peer, window)


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
    found = [_window(views, *group) for group in groups]
    return [each for each in found if not _began_anew(each, restarts)]


def _window(views: list[PeersView], before: int, after: int, packets: list[Packet]) -> _Window:
    """Return packets with the views at these places; where there is none after them, the last one may do."""
    is_certain = after < len(views)
    last = views[min(after, len(views) - 1)] if views else None
    if last and last.began_ns < packets[-1].at_ns:
        last = None
    return _Window(packets, views[before] if before >= 0 else None, last, is_certain)


def _began_anew(window: _Window, restarts: list[int]) -> bool:
    """Return whether the counters were at 0 in between."""
    if window.before is None or window.after is None:
        return False
    return any(window.before.began_ns <= at_ns <= window.after.ended_ns for at_ns in restarts)


def _judge_window(findings: Findings, member: str, peer: str, window: _Window) -> None:
    findings.cases += 1
    count, packets = len(window.packets), tuple(each.index for each in window.packets)
    if window.before is None or window.after is None:
        findings.doubt(f"nobody saw what {member} counted before and after {count} wrong packets", packets)
        return
    refused = _refused(window.after, peer) - _refused(window.before, peer)
    if refused >= count:
        return
    evidence = (window.before.index, *packets, window.after.index)
    if window.is_certain:
        findings.prove(
            f"{member} got {count} packets in {peer}'s name that it must refuse, and refused {refused}",
            evidence,
        )
    else:
        findings.doubt(f"{member} was not asked again how many of {count} wrong packets it refused", evidence)


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
