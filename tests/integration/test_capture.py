"""Recording Booth's packets on a lab that works: what is told of them is what the router did."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import names
from boothlab.history.header import Header
from boothlab.history.recorder import Recorder
from boothlab.history.records import Fate, Mark, Origin, Packet
from boothlab.nemesis.vocabulary import parse_words
from boothlab.observers.capture import UNSURE_NS, Capture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from boothlab.engine.lab import Lab
    from boothlab.faults import Faults

pytestmark = pytest.mark.lab("standalone")


@pytest.fixture
def recorder(lab: Lab) -> Recorder:
    header = Header(
        testbed="standalone",
        topology=lab.topology.name,
        members=(),
        tickets=(),
        clock="CLOCK_MONOTONIC",
        started_ns=time.monotonic_ns(),
        started_utc="",
    )
    return Recorder(header, time.monotonic_ns)


@pytest.fixture
def capture(lab: Lab, recorder: Recorder) -> Iterator[Capture]:
    """Return a capture that runs; it is stopped in the end, if it is not already."""
    found = Capture(lab, lab.topology, recorder)
    found.start()
    yield found
    found.stop()


def fates(recorder: Recorder) -> Counter[Fate | None]:
    return Counter(each.fate for each in recorder.history().of(Packet))


def dropped(recorder: Recorder, until_ns: int) -> int:
    packets = recorder.history().of(Packet)
    return sum(each.fate is Fate.DROPPED and each.at_ns <= until_ns for each in packets)


def stop_when_certain(capture: Capture) -> None:
    """Stop when it is certain what became of the packets so far."""
    time.sleep(UNSURE_NS / 1e9)
    capture.stop()


def test_without_a_fault_all_is_delivered_and_nobody_is_disturbed(
    lab: Lab, capture: Capture, recorder: Recorder, tmp_path: Path
) -> None:
    def processor_ticks() -> int:
        told = lab.run(names.ROUTER, "cat /proc/$(cat /run/boothlab/capture/pid)/stat").stdout
        return sum(map(int, told.rpartition(")")[2].split()[11:13]))

    begun = processor_ticks()  # what its start cost
    time.sleep(3)  # what a lab at rest says meanwhile
    ticks = processor_ticks() - begun
    capture.stop()
    capture.write(tmp_path / "wan.pcap")
    packets = recorder.history().of(Packet)

    assert {each.command for each in packets} == {"HrtB", "UpdE", "Ack."}
    assert {(each.leader, each.ticket, each.signed) for each in packets} == {("A", "apacheticket", True)}
    assert fates(recorder).keys() == {Fate.DELIVERED}
    assert {(each.sender, each.receiver) for each in packets} == {
        *(("A", "B"), ("A", "C"), ("B", "A"), ("C", "A")),
    }
    assert ticks <= 10  # hundredths of a second
    assert (tmp_path / "wan.pcap").stat().st_size > 100 * 2 * len(packets)
    assert recorder.history().of(Mark) == ()


def test_what_a_partition_drops_is_told_as_dropped(
    lab: Lab, capture: Capture, recorder: Recorder, faults: Faults, wait_until: Callable[..., Any]
) -> None:
    def counted() -> int:
        rules = lab.run(names.ROUTER, ["nft", "list", "table", "ip", "boothlab_faults"]).stdout
        return sum(map(int, re.findall(r"counter packets (\d+)", rules)))

    faults.apply(parse_words(["partition", "members=A"]))
    wait_until(counted, lambda found: found > 20, what="packets are dropped", limit_s=20)
    before_ns = time.monotonic_ns()
    count = counted()
    after_ns = time.monotonic_ns()
    stop_when_certain(capture)
    packets = recorder.history().of(Packet)

    assert dropped(recorder, before_ns) <= count <= dropped(recorder, after_ns)
    assert {each.fate for each in packets if "A" not in (each.sender, each.receiver)} == {Fate.DELIVERED}


def test_what_is_lost_by_chance_is_told_as_dropped(
    capture: Capture, recorder: Recorder, faults: Faults, wait_until: Callable[..., Any]
) -> None:
    def hit() -> int:
        return faults.active()[0].hit or 0

    faults.apply(parse_words(["loss", "only=udp", "percent=30"]), seed=3)
    wait_until(hit, lambda found: found >= 15, what="packets are lost", limit_s=30)
    before_ns = time.monotonic_ns()
    count = hit()
    after_ns = time.monotonic_ns()
    faults.heal()
    stop_when_certain(capture)

    assert dropped(recorder, before_ns) <= count <= dropped(recorder, after_ns)


def test_what_was_altered_on_its_way_is_told_as_forged(
    capture: Capture, recorder: Recorder, faults: Faults, wait_until: Callable[..., Any]
) -> None:
    def hit() -> int:
        return faults.active()[0].hit or 0

    faults.apply(parse_words(["corrupt", "only=udp", "percent=50"]), seed=3)
    count = wait_until(hit, lambda found: found >= 15, what="packets are altered", limit_s=30)
    capture.stop()
    forged = [each for each in recorder.history().of(Packet) if each.origin is Origin.FORGED]

    assert len(forged) >= count * 0.8  # one bit in 38 is one that nobody reads
    assert {each.fate for each in forged} == {Fate.DELIVERED}


def test_late_packets_are_delivered_and_those_sent_last_have_no_fate_yet(
    capture: Capture, recorder: Recorder, faults: Faults, wait_until: Callable[..., Any]
) -> None:
    def matched() -> int:
        return faults.active()[0].matched or 0

    faults.apply(parse_words(["delay", "from=A", "only=udp", "delay_ms=600"]))
    # Those of the last 1.6 s have no fate yet, and answers that are late are asked for again and again.
    wait_until(matched, lambda found: found >= 40, what="packets are late", limit_s=60)
    capture.stop()

    assert fates(recorder)[Fate.DROPPED] == 0
    assert fates(recorder)[Fate.DELIVERED] >= 6


def test_a_capture_that_somebody_else_ended_says_so_and_keeps_what_it_has(
    lab: Lab, capture: Capture, recorder: Recorder, wait_until: Callable[..., Any]
) -> None:
    def size() -> int:
        return int(lab.run(names.ROUTER, ["stat", "-c", "%s", "/run/boothlab/capture/frames"]).stdout)

    wait_until(size, lambda found: found > 0, what="there are packets", limit_s=10)
    lab.run(names.ROUTER, "pkill -KILL -f [/]router.pyz")
    capture.stop()
    capture.stop()
    (mark,) = recorder.history().of(Mark)

    assert mark.text == "the recording was ended from elsewhere: the last packets may be missing"
    assert fates(recorder)
