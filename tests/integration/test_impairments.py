"""What faults do to packets: asked against measured, on packets that really cross the router.

Whatever carries a fault out, the same is measured. Chances are the same each time (they come
from a seed), so the counts have exact bounds; times are medians, with room for a busy host above
and next to none below.
"""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

import pytest
from integration.traffic import BOOTH, OTHER, booth_payload, payloads, send

from boothlab.engine import names
from boothlab.faults import FaultRefusedError, Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.engine.lab import Lab
    from boothlab.faults import Applied

pytestmark = pytest.mark.lab("standalone", grant=False, reset=False)

A, B, C = "boothA", "boothB", "arbitrator"
COUNT = 400
CLEAN_MS = 20.0
"""A packet without a fault arrives in a fraction of a millisecond; a busy host may need this."""


@pytest.fixture
def faults(lab: Lab) -> Iterator[Faults]:
    """Return the faults of a lab in which no Booth talks; all are healed in the end."""
    with ThreadPoolExecutor() as pool:
        assert all(pool.map(lambda node: lab.run(node, "booth-service stop").ok, lab.nodes))
    found = Faults(lab)
    yield found
    found.heal()


@pytest.fixture(params=["netem", "userspace"])
def backend(request: pytest.FixtureRequest, faults: Faults) -> str:
    """Return each backend by turns; a test is skipped where this kernel does not have it."""
    return had(faults, str(request.param))


def had(faults: Faults, backend: str) -> str:
    if reason := faults.reasons_against[backend]:
        pytest.skip(f"no {backend} here: {reason}")
    return backend


def within(low: float, value: float, high: float) -> bool:
    return low <= value <= high


def test_without_a_fault_all_arrive_once_in_order_and_at_once(lab: Lab, faults: Faults) -> None:
    trip = send(lab, A, B, payloads(COUNT))

    assert faults.active() == []
    assert trip.numbers == list(range(COUNT))
    assert trip.median_ms < CLEAN_MS


def test_loss(lab: Lab, faults: Faults, apply: Callable[..., Applied], backend: str) -> None:
    apply("loss from=A to=B percent=30", backend=backend)
    there, back = send(lab, A, B, payloads(COUNT)), send(lab, B, A, payloads(COUNT))
    (counted,) = faults.active()

    assert within(0.22, len(there.lost) / COUNT, 0.38)  # 3.5 standard deviations
    assert not back.lost
    assert (counted.matched, counted.hit) == (COUNT, len(there.lost))


def test_the_same_seed_loses_the_same_packets_and_another_seed_others(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], backend: str
) -> None:
    lost = []
    for seed in (5, 5, 6):
        applied = apply("loss from=A to=B percent=30", seed=seed, backend=backend)
        if applied.seed is None:
            pytest.skip("this kernel's netem takes no seed")
        lost.append(send(lab, A, B, payloads(COUNT)).lost)
        faults.undo(applied)

    assert lost[0] == lost[1] != lost[2]


def test_delay_with_jitter(lab: Lab, apply: Callable[..., Applied], backend: str) -> None:
    apply("delay from=A to=B delay_ms=100 jitter_ms=40", backend=backend)
    there, back = send(lab, A, B, payloads(COUNT)), send(lab, B, A, payloads(COUNT))
    late = sorted(each.late_ms for each in there.arrivals)

    assert not there.lost
    assert late[0] >= 60
    assert within(92, there.median_ms, 100 + CLEAN_MS)
    assert within(
        30, late[COUNT * 3 // 4] - late[COUNT // 4], 50
    )  # evenly spread over 80: the middle half is 40
    assert back.median_ms < CLEAN_MS


def test_a_delay_without_jitter_keeps_the_order(
    lab: Lab, apply: Callable[..., Applied], backend: str
) -> None:
    apply("delay to=B delay_ms=50", backend=backend)
    trip = send(lab, A, B, payloads(COUNT))

    assert trip.numbers == list(range(COUNT))
    assert min(each.late_ms for each in trip.arrivals) >= 50
    assert trip.median_ms < 50 + CLEAN_MS


def test_duplicates(lab: Lab, apply: Callable[..., Applied], backend: str) -> None:
    apply("duplicate from=A to=B percent=40", backend=backend)
    there, back = send(lab, A, B, payloads(COUNT)), send(lab, B, A, payloads(COUNT))
    times = Counter(Counter(there.numbers).values())

    assert set(times) == {1, 2}
    assert within(0.31, times[2] / COUNT, 0.49)
    assert back.numbers == list(range(COUNT))


def test_reordering(lab: Lab, apply: Callable[..., Applied], backend: str) -> None:
    apply("reorder from=A to=B percent=25 by_ms=60", backend=backend)
    trip = send(lab, A, B, payloads(COUNT))
    held = [each for each in trip.arrivals if each.late_ms >= 60]

    assert sorted(trip.numbers) == list(range(COUNT))
    assert trip.numbers != sorted(trip.numbers)
    assert within(0.17, len(held) / COUNT, 0.33)
    assert trip.median_ms < CLEAN_MS


def test_corruption_reaches_the_receiver_as_one_wrong_bit(lab: Lab, apply: Callable[..., Applied]) -> None:
    """Its checksum is right: otherwise the receiver's kernel would drop it, as if it were lost."""
    apply("corrupt from=A to=B percent=30")
    trip = send(lab, A, B, payloads(COUNT, size=200))
    originals = dict(enumerate(payloads(COUNT, size=200)))
    wrong = [each for each in trip.arrivals if originals.get(each.number) != each.payload]
    body = [each for each in wrong if originals.get(each.number, b"")[:2] == each.payload[:2]]

    assert len(trip.arrivals) == COUNT
    assert within(0.22, len(wrong) / COUNT, 0.38)
    for each in body:
        flipped = int.from_bytes(each.payload, "big") ^ int.from_bytes(originals[each.number], "big")
        assert flipped.bit_count() == 1


def test_a_rate_spreads_packets_over_time(lab: Lab, apply: Callable[..., Applied], backend: str) -> None:
    apply("rate from=A to=B kbit_s=400 queue_ms=5000", backend=backend)
    count, size = 60, 958  # with its headers 1000 bytes: 20 ms each
    trip = send(lab, A, B, payloads(count, size), gap_ms=1, wait_s=2)
    took_ms = (trip.arrivals[-1].at_s - trip.arrivals[0].at_s) * 1000

    assert trip.numbers == list(range(count))
    assert within(20 * (count - 1) * 0.98, took_ms, 20 * (count - 1) * 1.1 + CLEAN_MS)


def test_what_would_wait_too_long_for_a_rate_is_lost(
    lab: Lab, apply: Callable[..., Applied], backend: str
) -> None:
    apply("rate from=A to=B kbit_s=400 queue_ms=200", backend=backend)
    trip = send(lab, A, B, payloads(60, 958), gap_ms=1, wait_s=0.5)

    assert within(10, 60 - len(trip.lost), 16)  # 200 ms at 20 ms each, and what left meanwhile
    assert max(each.late_ms for each in trip.arrivals) < 220 + 5 * CLEAN_MS


def test_a_flapping_way_is_down_and_up_by_turns(lab: Lab, apply: Callable[..., Applied]) -> None:
    apply("flap from=A down_ms=100 up_ms=100")
    trip = send(lab, A, B, payloads(500), gap_ms=2)  # a second
    arrived = sorted(trip.numbers)
    gaps = [after - before for before, after in pairwise(arrived) if after - before > 10]

    assert within(0.35, len(arrived) / 500, 0.65)
    assert within(4, len(gaps), 6)


def test_one_message_of_booth_can_be_picked(lab: Lab, apply: Callable[..., Applied]) -> None:
    apply("loss from=A only=Ack. percent=100")
    kinds = ["HrtB", "VtFr", "Ack.", "UpdE"]
    sent = [booth_payload(number, kinds[number % 4]) for number in range(80)]
    trip = send(lab, A, B, sent, port=BOOTH)

    assert trip.lost == {number for number in range(80) if kinds[number % 4] == "Ack."}


def test_one_message_can_be_late_while_others_are_not(lab: Lab, apply: Callable[..., Applied]) -> None:
    apply("delay only=HrtB delay_ms=80")
    sent = [booth_payload(number, ["HrtB", "VtFr"][number % 2]) for number in range(200)]
    trip = send(lab, A, B, sent, port=BOOTH)
    late = [each.late_ms for each in trip.arrivals if each.number % 2 == 0]
    others = [each.late_ms for each in trip.arrivals if each.number % 2]

    assert not trip.lost
    assert min(late) >= 80 > sorted(others)[len(others) // 2]


@pytest.mark.parametrize(
    ("words", "by"),
    [
        ("one-way from=A", None),
        ("loss from=A percent=100", "userspace"),
        ("loss from=A percent=100", "netem"),
    ],
)
def test_traffic_is_told_apart_the_same_way_by_whatever_carries_it_out(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], words: str, by: str | None
) -> None:
    lost = {}
    expected = {"all": (10, 10), "udp": (10, 0), "tcp": (0, 0), "HrtB": (10, 0), "VtFr": (0, 0)}
    if by and had(faults, by) == "netem":  # it does not know Booth's messages
        del expected["HrtB"], expected["VtFr"]
    booth, other = [booth_payload(number, "HrtB") for number in range(10)], payloads(10)
    for only in expected:
        applied = apply(f"{words} only={only}", backend=by)
        with ThreadPoolExecutor() as pool:
            trips = pool.map(
                lambda sent, port: send(lab, A, B, sent, port=port), (booth, other), (BOOTH, OTHER)
            )
            lost[only] = tuple(len(trip.lost) for trip in trips)
        faults.undo(applied)

    assert lost == expected


def test_booths_tcp_can_be_cut_alone(lab: Lab, apply: Callable[..., Applied]) -> None:
    assert lab.run(B, "booth-service start").ok
    ask = ["timeout", "2", "booth", "list", "-s", str(lab.topology.site("B").address)]
    before = lab.run(A, ask)
    apply("one-way from=A only=tcp")
    after, ping = lab.run(A, ask), lab.run(A, ["ping", "-c1", "-W2", "boothB"])

    assert (before.ok, after.ok, ping.ok) == (True, False, True)


def reached(lab: Lab) -> set[str]:
    """Return the directions in which a packet gets through, as ``AB``."""
    ways = list(permutations({"A": A, "B": B, "C": C}.items(), 2))

    def gets_through(number: int) -> bool:
        (_, source), (_, target) = ways[number]
        return not send(lab, source, target, payloads(1), port=OTHER + number).lost

    with ThreadPoolExecutor() as pool:
        found = zip(ways, pool.map(gets_through, range(len(ways))), strict=True)
        return {one + other for ((one, _), (other, _)), passed in found if passed}


@pytest.mark.parametrize(
    ("words", "open_ways"),
    [
        ("partition members=A", {"BC", "CB"}),
        ("partition shape=halves members=A,C", {"AC", "CA"}),
        ("partition shape=bridge members=C", {"AC", "CA", "BC", "CB"}),
        ("one-way from=A to=B", {"BA", "AC", "CA", "BC", "CB"}),
    ],
)
def test_a_partition_cuts_just_what_its_shape_says(
    lab: Lab, apply: Callable[..., Applied], words: str, open_ways: set[str]
) -> None:
    apply(words)

    assert reached(lab) == open_ways


def test_netem_is_taken_where_it_does_the_same(faults: Faults, apply: Callable[..., Applied]) -> None:
    there = faults.reasons_against["netem"] is None
    steady, chosen, damaged = (
        apply(words).backend
        for words in ("delay from=A delay_ms=5", "loss from=B only=HrtB percent=5", "corrupt percent=5")
    )

    assert (steady, chosen, damaged) == ("netem" if there else "userspace", "userspace", "userspace")


def test_a_backend_that_cannot_be_had_is_refused_and_nothing_is_left(
    faults: Faults, apply: Callable[..., Applied]
) -> None:
    for words in ("corrupt percent=5", "loss percent=5 only=HrtB", "one-way from=A", "pause-booth at=A"):
        with pytest.raises(FaultRefusedError):
            apply(words, backend="netem")
    if reason := faults.reasons_against["netem"]:
        with pytest.raises(FaultRefusedError, match=re.escape(reason)):
            apply("loss percent=5", backend="netem")

    assert faults.active() == []


def test_faults_add_up_and_each_can_be_taken_away(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    first = apply("delay from=A delay_ms=40")
    apply("delay to=B delay_ms=40")
    apply("loss from=A to=B percent=50")
    both = send(lab, A, B, payloads(COUNT))
    faults.undo(first)
    left = send(lab, A, B, payloads(COUNT))

    assert min(each.late_ms for each in both.arrivals) >= 80
    assert 40 <= min(each.late_ms for each in left.arrivals) < 80
    assert within(0.4, len(both.lost) / COUNT, 0.6)
    assert within(0.4, len(left.lost) / COUNT, 0.6)


def test_faults_of_different_packets_are_carried_out_side_by_side(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], backend: str
) -> None:
    loss = apply("loss from=A only=udp percent=100", backend=backend)
    apply("delay from=C to=B delay_ms=60", backend=backend)
    apply("delay from=B delay_ms=30", backend=backend)
    apply("loss from=A only=tcp percent=100", backend=backend)
    lost = send(lab, A, B, payloads(20), port=BOOTH)
    before = send(lab, C, B, payloads(20))
    faults.undo(loss)
    after, there, back = (send(lab, *way, payloads(20), port=BOOTH) for way in ((A, B), (C, B), (B, C)))

    assert len(lost.lost) == 20
    assert not after.lost
    assert after.median_ms < CLEAN_MS
    assert min(each.late_ms for trip in (before, there) for each in trip.arrivals) >= 60
    assert min(each.late_ms for each in back.arrivals) >= 30
    assert len(faults.active()) == 3


def test_what_a_kernel_does_not_want_side_by_side_is_done_all_the_same(
    lab: Lab, apply: Callable[..., Applied]
) -> None:
    """Some kernels refuse a netem beside one that duplicates; the program does the second fault then."""
    apply("duplicate from=A to=B percent=100")
    apply("delay from=C to=B delay_ms=60")
    doubled, late = send(lab, A, B, payloads(20)), send(lab, C, B, payloads(20))

    assert Counter(doubled.numbers) == dict.fromkeys(range(20), 2)
    assert min(each.late_ms for each in late.arrivals) >= 60


def test_what_netem_is_refused_when_it_comes_to_it_the_program_does(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    """Here because somebody else's queue is in the way; nothing of the attempt is left."""
    every = "for path in /sys/class/net/eth*; do tc qdisc {} dev ${{path##*/}} root {}; done"
    assert lab.run(names.ROUTER, every.format("add", "pfifo")).ok
    try:
        applied = apply("delay from=A to=B delay_ms=60")
        trip = send(lab, A, B, payloads(20))
        with pytest.raises(FaultRefusedError):
            apply("delay from=B delay_ms=60", backend="netem")
        back = send(lab, B, A, payloads(20))
    finally:
        lab.run(names.ROUTER, every.format("del", ""))

    assert applied.backend == "userspace"
    assert min(each.late_ms for each in trip.arrivals) >= 60
    assert back.median_ms < CLEAN_MS
    assert [each.id for each in faults.active()] == [applied.id]


def test_packets_that_are_late_still_arrive_when_the_fault_is_undone(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], backend: str
) -> None:
    applied = apply("delay from=A delay_ms=1500", backend=backend)
    with ThreadPoolExecutor() as pool:
        trip = pool.submit(send, lab, A, B, payloads(100), wait_s=3)
        lab.run(names.ROUTER, ["sleep", "0.5"])
        faults.undo(applied)

    assert not trip.result().lost


def test_a_partition_stops_packets_that_the_program_still_holds(
    lab: Lab, apply: Callable[..., Applied]
) -> None:
    apply("delay from=A delay_ms=1500", backend="userspace")
    apply("duplicate from=A percent=100", backend="userspace")
    lab.run(A, ["sh", "-c", "ping -c1 -W0.1 boothB; true"])
    apply("one-way from=A")
    trip = send(lab, B, A, payloads(1), wait_s=2)  # the way back is open

    assert not trip.lost
    assert _dropped(lab) >= 1


def test_a_partition_is_applied_when_no_packet_is_on_its_way_any_more(
    lab: Lab, apply: Callable[..., Applied], backend: str
) -> None:
    apply("delay from=A delay_ms=1500", backend=backend)
    with ThreadPoolExecutor() as pool:
        trip = pool.submit(send, lab, A, B, payloads(300), gap_ms=5, wait_s=4)
        lab.run(names.ROUTER, ["sleep", "0.7"])
        apply("one-way from=A")
        since_s = float(lab.run(names.ROUTER, "python3 -c 'import time; print(time.monotonic())'").stdout)

    assert trip.result().lost
    assert all(each.at_s < since_s for each in trip.result().arrivals)


def _dropped(lab: Lab) -> int:
    rules = lab.run(names.ROUTER, "nft list table ip boothlab_faults").stdout.split()
    return sum(int(rules[at + 1]) for at, word in enumerate(rules) if word == "packets")


def test_healing_leaves_nothing_in_the_router(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    for words in ("loss percent=50", "partition members=A", "delay delay_ms=5"):
        apply(words)
    healed = faults.heal()
    left = lab.run(
        names.ROUTER,
        "nft list tables ip; nft list ruleset | grep -i queue; pgrep -f '[/]router.pyz'; tc qdisc show",
    ).stdout

    assert [str(each.fault) for each in healed] == [
        "loss percent=50",
        "partition members=A",
        "delay delay_ms=5",
    ]
    assert "boothlab" not in left
    assert "queue" not in left.replace("noqueue", "")
    assert "netem" not in left
    assert "prio" not in left
    assert faults.active() == []
    assert not send(lab, A, B, payloads(50)).lost


def test_another_process_finds_what_was_left_and_sweeps_it(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    """What is applied is kept in the lab: this one knows nothing of the other."""
    applied = apply("loss from=A percent=100", seed=3)
    other = Faults(lab)

    assert other.active()[0].id == applied.id
    assert [each.seed for each in other.sweep()] == [3]
    assert faults.active() == []
    faults.undo(applied)  # undone twice is undone


KILL = {
    "userspace": "pkill -KILL -f '[/]router.pyz'",
    "netem": "for path in /sys/class/net/*; do tc qdisc del dev ${path##*/} root; done",
}


def test_when_what_does_it_is_gone_packets_pass_and_it_is_told(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], backend: str
) -> None:
    apply("loss percent=100", backend=backend)
    assert faults.works()
    lab.run(names.ROUTER, KILL[backend])

    assert not send(lab, A, B, payloads(20)).lost
    assert not faults.works()
    apply("one-way from=C")  # the next fault brings it back, with all its rules
    assert len(send(lab, A, B, payloads(20)).lost) == 20
