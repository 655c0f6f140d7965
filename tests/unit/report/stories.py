"""Histories of runs that never were, good and bad ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from boothlab.checkers.verdict import Status, Verdict
from boothlab.core.config.model import Role
from boothlab.history.header import Header, Member, Observer, Ticket
from boothlab.history.history import History
from boothlab.history.observations import BoothView, CibWrite, Missed, ResourceChange, Watched, Why
from boothlab.history.records import (
    Edge,
    Family,
    Fate,
    Fault,
    Life,
    LogLine,
    Mark,
    Operation,
    Packet,
    Phase,
    Process,
    Record,
    Verb,
)
from boothlab.report.judged import Judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MS: Final = 1_000_000
START: Final = 5_000 * 1_000_000_000

HEADER: Final = Header(
    testbed="standalone",
    topology="standalone-five",
    members=(
        Member("A", Role.SITE, "10.1.0.2", "python", "0.1.0"),
        Member("B", Role.SITE, "10.2.0.2", "clusterlabs", "1.0"),
        Member("C", Role.ARBITRATOR, "10.3.0.2", "python", "0.1.0"),
    ),
    tickets=(Ticket("ticketA", 2_000, 500, timeout_ms=100, retries=3, resources=("WebSite",)),),
    clock="CLOCK_BOOTTIME",
    started_ns=START,
    started_utc="2026-11-25T12:00:00Z",
    observers=(
        *(Observer(f"booth@{member}", 200) for member in "ABC"),
        *(Observer(f"{what}@{site}") for what in ("cib", "resources") for site in "AB"),
    ),
    seed=42,
    scenario="leader-cut-off",
    run="20261125-120000-leader-cut-off",
    authenticated=True,
    versions={"boothlab": "0.1.0", "docker": "29.1"},
    kernel="6.1.0",
    impairment="netem",
)


def at(ms: float) -> int:
    """Return a moment of the run."""
    return START + round(ms * MS)


def numbered(records: Iterable[Record], header: Header = HEADER) -> History:
    """Return a history of these records in the order of their time."""
    ordered = sorted(records, key=lambda each: each.ended_ns)
    return History(header, tuple(replace(each, index=index) for index, each in enumerate(ordered)))


def view(member: str, ms: float, leader: str | None, term: int = 1, ticket: str = "ticketA") -> BoothView:
    """Return what a member says about a ticket."""
    times = {"began_ns": at(ms), "ended_ns": at(ms + 8)}
    return BoothView(
        observer=f"booth@{member}", member=member, ticket=ticket, leader=leader, term=term, **times
    )


def missed(member: str, ms: float) -> Missed:
    """Return a look at a member whose daemon does not run."""
    times = {"began_ns": at(ms), "ended_ns": at(ms + 8)}
    return Missed(observer=f"booth@{member}", at=member, what=Watched.BOOTH, why=Why.DOWN, **times)


def write(site: str, ms: float, *, granted: bool, term: int = 1) -> CibWrite:
    """Return a ticket being written into a site's CIB."""
    owner = site if granted else None
    times = {"began_ns": at(ms), "ended_ns": at(ms + 3)}
    return CibWrite(
        observer=f"cib@{site}", site=site, ticket="ticketA", granted=granted, owner=owner, term=term, **times
    )


def change(site: str, ms: float, *, running: bool) -> ResourceChange:
    """Return the resource being started or stopped at a site."""
    times = {"began_ns": at(ms), "ended_ns": at(ms + 20)}
    node = f"{site.lower()}-1"
    return ResourceChange(
        observer=f"resources@{site}", site=site, node=node, resource="WebSite", running=running, **times
    )


def packet(
    ms: float, command: str, sender: str, receiver: str, *, term: int = 1, leader: str = "A"
) -> Packet:
    """Return a message between members, that arrives."""
    return Packet(
        at_ns=at(ms),
        sender=sender,
        receiver=receiver,
        command=command,
        ticket="ticketA",
        leader=leader,
        term=term,
        valid=1999,
        size=152,
        signed=True,
        fate=Fate.DELIVERED,
    )


def _renewals(leader: str, began_ms: int, ended_ms: int, term: int, peers: str) -> Iterator[Record]:
    for ms in range(began_ms, ended_ms, 1000):
        for peer in peers:
            yield packet(ms, "HrtB", leader, peer, term=term, leader=leader)
            yield packet(ms + 4, "Ack.", peer, leader, term=term, leader=leader)
            yield packet(ms + 9, "UpdE", leader, peer, term=term, leader=leader)


def _views(member: str, began_ms: int, ended_ms: int, leader: str | None, term: int) -> list[Record]:
    return [view(member, ms, leader, term) for ms in range(began_ms, ended_ms, 200)]


def two_holders() -> tuple[History, tuple[Judged, ...]]:
    """Return a run in which the leader is cut off and does not give up: two sites hold the ticket."""
    call = {"process": "client-1", "verb": Verb.GRANT, "ticket": "ticketA", "site": "A"}
    fault = {"id": "f1", "family": Family.NETWORK, "name": "isolate", "text": "isolate A", "targets": ("A",)}
    records: list[Record] = [
        Mark(at_ns=at(2), name="begin", text="grant, then cut off"),
        *(Process(member=m, life=Life.STARTED, began_ns=at(5), ended_ns=at(20)) for m in "ABC"),
        *(write(site, 10, granted=False, term=0) for site in "AB"),
        *(change(site, 10, running=False) for site in "AB"),
        Operation(at_ns=at(300), phase=Phase.INVOKE, **call),
        Operation(at_ns=at(560), phase=Phase.OK, exit_code=0, **call),
        *(packet(320, "RVot", "A", peer) for peer in "BC"),
        *(packet(330, "VtFr", peer, "A") for peer in "BC"),
        LogLine(
            at_ns=at(321), source="A", text="starting new election (term=1)", ticket="ticketA", state="Cndi"
        ),
        LogLine(at_ns=at(335), source="A", text="granted successfully", ticket="ticketA", state="Lead"),
        write("A", 540, granted=True),
        change("A", 600, running=True),
        *_renewals("A", 700, 4000, 1, "BC"),
        *(each for m in "ABC" for each in _views(m, 30, 560, None, 0)),
        *_views("A", 560, 11_000, "A", 1),
        *(each for m in "BC" for each in _views(m, 560, 6_600, "A", 1)),
        Fault(began_ns=at(4000), ended_ns=at(4030), edge=Edge.BEGIN, cuts=(("A", "B"), ("A", "C")), **fault),
        *(
            replace(packet(ms, "HrtB", "A", m), fate=Fate.DROPPED)
            for ms in range(4700, 9_000, 1000)
            for m in "BC"
        ),
        packet(6620, "RVot", "B", "C", term=2, leader="B"),
        packet(6630, "VtFr", "C", "B", term=2, leader="B"),
        LogLine(at_ns=at(6621), source="B", text="ticket lost, new election", ticket="ticketA", state="Cndi"),
        LogLine(at_ns=at(7200), source="A", text="no majority answers", level="warning", ticket="ticketA"),
        write("B", 7150, granted=True, term=2),
        change("B", 7200, running=True),
        *(each for m in "BC" for each in _views(m, 6_700, 14_000, "B", 2)),
        *_renewals("B", 7000, 13_500, 2, "C"),
        Fault(began_ns=at(9000), ended_ns=at(9020), edge=Edge.END, **fault),
        packet(9700, "HrtB", "A", "B"),
        packet(9705, "RJC!", "B", "A", term=2, leader="B"),
        write("A", 11_000, granted=False, term=2),
        change("A", 11_050, running=False),
        *_views("A", 11_100, 12_000, "B", 2),
        *(missed("A", ms) for ms in range(12_050, 13_100, 200)),
        *_views("A", 13_200, 14_000, "B", 2),
        Process(
            member="A", life=Life.KILLED, by="f2", status="signal 9", began_ns=at(12_000), ended_ns=at(12_003)
        ),
        Fault(
            began_ns=at(12_000),
            ended_ns=at(12_003),
            edge=Edge.BEGIN,
            instant=True,
            id="f2",
            family=Family.PROCESS,
            name="kill",
            text="kill A",
            targets=("A",),
        ),
        Process(member="A", life=Life.STARTED, began_ns=at(13_100), ended_ns=at(13_180)),
    ]
    history = numbered(records)
    overlap = [each.index for each in history.of(CibWrite)][2:]
    starts = [each.index for each in history.of(ResourceChange)][2:]
    return history, (
        judged("mutual-exclusion-cib", Status.INVALID, "A and B held ticketA at once for 3850 ms", overlap),
        judged(
            "mutual-exclusion-resources", Status.INVALID, "WebSite ran at A and B at once for 3850 ms", starts
        ),
        judged("terms", Status.VALID, "terms never went back", cases=31),
        judged("revoke-at-end", Status.UNKNOWN, "A may have revoked 5 s late", overlap[-1:]),
        judged("arbitrators", Status.VALID, "no arbitrator ever held a ticket", cases=70),
        judged("handlers", Status.VALID, "no handler had anything to allow", cases=0),
    )


def judged(
    name: str, status: Status, summary: str, evidence: Iterable[int] = (), *, cases: int = 1
) -> Judged:
    """Return a checker's word."""
    verdict = Verdict(status, summary, tuple(evidence), {"cases": float(cases)})
    return Judged(name, verdict, f"What {name} watches over.")


def long_run(count: int) -> tuple[History, tuple[Judged, ...]]:
    """Return a run of about so many records, most of them packets, with a violation in the midst of it."""
    records: list[Record] = []
    for ms in range(0, count * 5, 20):
        leader = "AB"[ms // 40_000 % 2]
        peer = "BC" if leader == "A" else "AC"
        records += [packet(ms + n * 2.5, "HrtB", leader, peer[n], term=ms // 40_000) for n in range(2)]
        records += [
            packet(ms + 9, "Ack.", peer[0], leader, term=ms // 40_000),
            view("ABC"[ms // 20 % 3], ms + 11.0, leader, ms // 40_000),
        ]
    records += [write("A", count * 2, granted=True), write("B", count * 2 + 77, granted=True)]
    history = numbered(records)
    evidence = [each.index for each in history.of(CibWrite)]
    return history, (judged("mutual-exclusion-cib", Status.INVALID, "two at once", evidence),)
