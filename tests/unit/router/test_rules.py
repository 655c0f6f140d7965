"""Rules: which packets a fault hits, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from unit.router.packets import A, B, C, booth, ip, tcp, udp

from boothlab.router.packet import parse
from boothlab.router.rules import Copy, Path, Rule

NET = {A: "192.168.101.0/24", B: "192.168.102.0/24", C: "192.168.100.0/24"}
PACKET = udp(booth("HrtB"))


def rule(
    do: str, *ways: tuple[str, str], only: str = "all", seed: int = 1, name: str = "x-1", **numbers: float
) -> dict[str, Any]:
    pairs = [[NET[source], NET[target]] for source, target in ways or [(A, B)]]
    return {
        "id": name,
        "seed": seed,
        "pairs": pairs,
        "only": only,
        "port": 9929,
        "effect": {"do": do, **numbers},
    }


def path(*rules: dict[str, Any]) -> Path:
    found = Path()
    found.set(rules, 0.0)
    return found


def fates(found: Path, count: int = 2000, data: bytes = PACKET) -> list[list[Copy]]:
    return [found.through(data, float(second)) for second in range(count)]


@pytest.mark.parametrize(
    ("only", "hit"),
    [
        ("all", {"HrtB", "VtFr", "tcp", "web", "ping", "reply"}),
        ("udp", {"HrtB", "VtFr"}),
        ("tcp", {"tcp", "reply"}),
        ("VtFr", {"VtFr"}),
    ],
)
def test_only_some_traffic_is_hit(only: str, hit: set[str]) -> None:
    traffic = {
        "HrtB": udp(booth("HrtB")),
        "VtFr": udp(booth("VtFr")),
        "tcp": tcp(booth("VtFr")),
        "reply": tcp(b"", ports=(9929, 40000)),
        "web": tcp(b"GET /", ports=(40000, 80)),
        "ping": ip(A, B, 1, bytes(40)),
    }
    found = Rule(rule("loss", only=only, percent=100), 0.0)

    assert {name for name, data in traffic.items() if found.concerns(parse(data))} == hit


def test_one_direction_is_hit_and_the_other_is_not() -> None:
    found = Rule(rule("loss", (A, B), (C, B), percent=100), 0.0)
    ways = [(A, B), (B, A), (C, B), (B, C), (A, C), (C, A)]

    assert [way for way in ways if found.concerns(parse(udp(b"", *way)))] == [(A, B), (C, B)]


def test_a_share_is_hit_and_counted() -> None:
    found = path(rule("loss", percent=30))
    lost = sum(not copies for copies in fates(found))

    assert 540 < lost < 660
    assert found.counts() == {"x-1": {"matched": 2000, "hit": lost}}


def test_chances_come_from_the_seed_and_what_the_fault_is() -> None:
    def lost(**changes: Any) -> list[bool]:  # noqa: ANN401
        return [not copies for copies in fates(path(rule("loss", percent=50, **changes)), 64)]

    assert lost() == lost()
    assert lost() != lost(seed=2)
    assert lost() == lost(name="x-2")
    assert lost() != lost(only="udp")


def test_a_duplicate_is_the_same_packet_again() -> None:
    twice = [copies for copies in fates(path(rule("duplicate", percent=40))) if len(copies) == 2]

    assert 700 < len(twice) < 900
    assert all(copies == [Copy(PACKET, copies[0].due_s)] * 2 for copies in twice)


def test_delays_are_spread_evenly_around_what_was_asked() -> None:
    late_ms = sorted(
        (copies[0].due_s - second) * 1000
        for second, copies in enumerate(fates(path(rule("delay", delay_ms=100, jitter_ms=40))))
    )

    assert 60 <= late_ms[0] < 61
    assert 139 < late_ms[-1] <= 140
    assert 97 < late_ms[1000] < 103


def test_some_packets_are_held_back_and_the_others_leave_at_once() -> None:
    late = [
        copies[0].due_s - second
        for second, copies in enumerate(fates(path(rule("reorder", percent=25, by_ms=60))))
    ]

    assert {round(each, 6) for each in late} == {0, 0.06}
    assert 430 < sum(each > 0 for each in late) < 570


def test_corruption_leaves_packets_without_a_payload_alone() -> None:
    found = path(rule("corrupt", percent=100))

    assert found.through(ip(A, B, 1, bytes(40)), 0.0) == [Copy(ip(A, B, 1, bytes(40)), 0.0)]
    assert found.through(tcp(b""), 0.0) == [Copy(tcp(b""), 0.0)]
    assert found.through(PACKET, 0.0)[0].data != PACKET


def test_a_rate_lets_packets_leave_one_after_the_other() -> None:
    found = path(rule("rate", (A, B), (A, C), kbit_s=8, queue_ms=2500))
    data = udp(bytes(958))  # with its headers 1000 bytes: a second at 8 kbit/s
    due = [[copy.due_s for copy in found.through(data, 0.0)] for _ in range(5)]

    assert due == [[1.0], [2.0], [3.0], [], []]  # the fourth would wait 3 s before it leaves
    assert found.through(udp(bytes(958), A, C), 0.0)[0].due_s == 1.0  # the way to C is its own
    assert found.through(data, 10.0)[0].due_s == 11.0


def test_a_flapping_way_is_down_first_and_then_up() -> None:
    found = path(rule("flap", down_ms=2000, up_ms=1000))

    assert [bool(found.through(PACKET, now_s)) for now_s in (0.0, 1.9, 2.0, 2.9, 3.0, 5.5)] == [
        *(False, False, True, True, False, True)
    ]


def test_faults_act_one_after_the_other() -> None:
    found = path(
        rule("duplicate", percent=100),
        rule("delay", name="x-2", delay_ms=100, jitter_ms=0),
        rule("loss", name="x-3", only="VtFr", percent=100),
    )

    assert [round(copy.due_s, 6) for copy in found.through(PACKET, 0.0)] == [0.1, 0.1]
    assert found.through(udp(booth("VtFr")), 0.0) == []


def test_a_fault_goes_on_as_it_was_when_another_one_comes_or_goes() -> None:
    one, other = rule("loss", percent=50), rule("delay", name="x-2", delay_ms=1, jitter_ms=0)
    undisturbed, disturbed = path(one), path(one)
    expected = [bool(copies) for copies in fates(undisturbed, 20)]
    seen = [bool(copies) for copies in fates(disturbed, 10)]
    disturbed.set([one, other], 0.0)

    assert seen + [bool(copies) for copies in fates(disturbed, 10)] == expected
    assert disturbed.counts()["x-1"]["matched"] == 20
