"""Packets that no member sent, on a lab that works: what is sent, what is told of it, and the verdict.

Each runs with ClusterLabs booth and with boothlab's own.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.checkers.authenticity import ON_ITS_WAY_MS, Authenticity
from boothlab.checkers.context import Context
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Role
from boothlab.engine.parsers import booth
from boothlab.history.header import Header, Member, Ticket
from boothlab.history.observations import PeerCounters, PeersView
from boothlab.history.recorder import Recorder
from boothlab.history.records import Fate, Origin, Packet
from boothlab.nemesis.packets import WRONG
from boothlab.observers.reading import Directory, packet

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.checkers.verdict import Verdict
    from boothlab.engine.lab import Lab
    from boothlab.faults import Applied, Faults
    from boothlab.faults.intrusions import Sent

subjects = pytest.mark.parametrize(
    "subject",
    [
        pytest.param("clusterlabs", marks=pytest.mark.lab("standalone")),
        pytest.param("python", marks=pytest.mark.lab("standalone", subject="python")),
    ],
    scope="module",  # all with the one, then all with the other: a lab is brought up twice
)
pytestmark = subjects


class Story:
    """What happens to a lab, told to a history."""

    def __init__(self, lab: Lab, faults: Faults, subject: str) -> None:
        self.lab = lab
        self.faults = faults
        topology = lab.topology
        self.directory = Directory.of(topology)
        sites = {site.name for site in topology.sites}
        members = [
            Member(
                each.name, Role.SITE if each.name in sites else Role.ARBITRATOR, str(each.address), subject
            )
            for each in topology.members
        ]
        header = Header(
            testbed="standalone",
            topology=topology.name,
            members=tuple(members),
            tickets=(Ticket("apacheticket", expire_ms=2000),),
            clock="CLOCK_MONOTONIC",
            started_ns=time.monotonic_ns(),
            started_utc="",
            authenticated=True,
        )
        self.recorder = Recorder(header, time.monotonic_ns)

    def count(self) -> None:
        """Look at every member's counters."""
        for node, member in (("boothA", "A"), ("boothB", "B"), ("arbitrator", "C")):
            began_ns = self.recorder.now_ns()
            told = self.lab.run(node, ["booth", "peers"])
            assert told.ok, told.output
            counters = tuple(self._counters(each) for each in booth.parse_peers(told.stdout))
            self.recorder.add(PeersView(began_ns=began_ns, member=member, peers=counters))

    def _counters(self, each: booth.Peer) -> PeerCounters:
        return PeerCounters(
            self.directory.addresses[each.address],
            authfail=each.authfail,
            received_errors=each.received_errors,
            invalid=each.invalid,
        )

    def end(self, *applied: Applied) -> tuple[Packet, ...]:
        """Undo faults, and return what they sent as the history tells it."""
        for fault in applied:
            self.faults.undo(fault)
            for each in self.faults.sent(fault):
                self._tell(each)
        time.sleep(ON_ITS_WAY_MS / 1000)  # so that daemons have read it all
        self.count()
        return self.recorder.history().of(Packet)

    def _tell(self, each: Sent) -> None:
        frame = each.frame
        addresses = {"source": frame.source, "target": frame.target}
        told: dict[str, Any] = {"origin": each.origin, "fate": each.fate, **addresses}
        self.recorder.add(packet(frame.payload, self.directory, at_ns=frame.at_ns, **told))

    def verdict(self) -> Verdict:
        return Authenticity().check(self.recorder.history(), Context())


@pytest.fixture
def story(lab: Lab, faults: Faults, subject: str) -> Story:
    found = Story(lab, faults, subject)
    found.count()
    return found


@pytest.fixture
def hit(faults: Faults, wait_until: Callable[..., Any]) -> Callable[[int], int]:
    """Return a wait until a fault has sent so many packets that went out."""

    def wait(count: int) -> int:
        found: int = wait_until(
            lambda: faults.active()[0].hit, lambda seen: seen >= count, what="packets are sent", limit_s=20
        )
        return found

    return wait


def test_forged_messages_are_refused_and_counted_whatever_is_wrong_with_them(
    story: Story, faults: Faults, apply: Callable[[str], Applied], wait_until: Callable[..., Any]
) -> None:
    forged = [
        apply(f"forge message=UpdE from=A wrong={wrong} count=5 every_ms=20 term={number * 10_000}")
        for number, wrong in enumerate(WRONG, start=1)
    ]
    wait_until(
        lambda: [each.hit for each in faults.active()],
        lambda found: found == [10] * len(WRONG),
        what="all are sent",
        limit_s=30,
    )
    packets = story.end(*forged)

    assert Counter((each.sender, each.term) for each in packets) == {
        ("" if wrong == "sender" else "A", number * 10_000): 10 for number, wrong in enumerate(WRONG, start=1)
    }
    assert Counter(each.receiver for each in packets) == {"B": 30, "C": 30}
    assert {(each.origin, each.fate, each.command) for each in packets} == {
        (Origin.FORGED, Fate.DELIVERED, "UpdE")
    }
    verdict = story.verdict()
    assert verdict.status is Status.VALID, verdict.summary
    assert verdict.measures["cases"] == 2 + len(WRONG)  # what B and C counted, and each term


@pytest.mark.usefixtures("story")
def test_a_partition_holds_for_a_members_address_and_not_for_a_foreign_one(
    faults: Faults, apply: Callable[[str], Applied], wait_until: Callable[..., Any]
) -> None:
    apply("partition members=A")
    own = apply("forge message=RVot from=A to=B count=3 every_ms=10")
    foreign = apply("forge message=RVot from=A to=B count=3 every_ms=10 address=foreign")
    wait_until(
        lambda: [each.matched for each in faults.active()[1:]],
        lambda found: found == [3, 3],
        what="all are sent",
        limit_s=20,
    )
    fates = {each.id: {one.fate for one in faults.sent(each)} for each in (own, foreign)}

    assert fates == {own.id: {Fate.DROPPED}, foreign.id: {Fate.DELIVERED}}


def test_packets_are_replayed_to_who_got_them_as_they_were(
    story: Story, apply: Callable[[str], Applied], hit: Callable[[int], int], subject: str
) -> None:
    applied = apply("replay from=leader to=C only=UpdE after_ms=300 times=2 every_ms=200")
    hit(6)
    packets = story.end(applied)
    first = packets[0]

    assert {(each.sender, each.receiver, each.command) for each in packets} == {("A", "C", "UpdE")}
    assert {(each.origin, each.signed) for each in packets} == {(Origin.REPLAYED, True)}
    assert max(Counter(each.valid for each in packets).values()) >= 2
    assert first.term is not None
    if subject == "python":
        verdict = story.verdict()
        assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 1), verdict.summary


def test_packets_arrive_once_more_cut_off_and_are_refused(
    story: Story, apply: Callable[[str], Applied], hit: Callable[[int], int]
) -> None:
    applied = apply("truncate from=leader bytes=100")
    hit(6)
    packets = story.end(applied)

    assert {(each.sender, each.size, each.ticket) for each in packets} == {("A", 100, "")}
    verdict = story.verdict()
    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 2), verdict.summary


def test_a_flood_does_not_take_the_ticket_away(
    story: Story, faults: Faults, apply: Callable[[str], Applied], wait_until: Callable[..., Any]
) -> None:
    floods = [apply(f"flood from=B to=A what={what} per_s=200") for what in ("garbage", "message")]
    wait_until(
        lambda: [each.hit or 0 for each in faults.active()],
        lambda found: min(found) >= 500,
        what="packets are sent",
        limit_s=30,
    )
    packets = story.end(*floods)

    assert len(packets) >= 1000
    assert {(each.receiver, each.fate) for each in packets} == {("A", None)}
    assert story.verdict().status is Status.VALID
    assert leader(story.lab) == "192.168.101.100"


def test_connections_that_say_half_a_header_are_kept_until_healed(
    story: Story, apply: Callable[[str], Applied], wait_until: Callable[..., Any]
) -> None:
    def open_at_b() -> int:
        lines = story.lab.run("boothB", "cat /proc/net/tcp").stdout.splitlines()[1:]
        return sum(line.split()[1].endswith(":26C9") and line.split()[3] == "01" for line in lines)

    applied = apply("flood to=B what=connections per_s=50")
    wait_until(open_at_b, lambda found: found >= 20, what="connections are open", limit_s=20)
    assert leader(story.lab) == "192.168.101.100"
    assert story.end(applied) == ()
    wait_until(open_at_b, lambda found: found == 0, what="connections are gone", limit_s=20)


def leader(lab: Lab) -> str | None:
    (ticket,) = booth.parse_list(lab.run("arbitrator", ["booth", "list"]).stdout)
    return ticket.leader


def test_what_was_sent_is_told_after_healing_too(
    story: Story, faults: Faults, apply: Callable[[str], Applied], hit: Callable[[int], int]
) -> None:
    applied = apply("forge message=Stat from=B to=A count=3 every_ms=10")
    hit(3)
    faults.heal()
    again = apply("forge message=Stat from=B to=A count=1 every_ms=10")
    hit(1)

    assert applied.id == again.id
    assert (len(faults.sent(applied)), len(faults.sent(again))) == (3, 1)
    assert story.faults.active() != []
