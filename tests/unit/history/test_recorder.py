"""The recorder gives indexes and times, to any number of threads, by one clock."""

from __future__ import annotations

import itertools
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from unit.history.samples import HEADER

from boothlab.history.errors import RecordError
from boothlab.history.observations import CibView
from boothlab.history.recorder import Recorder
from boothlab.history.records import Mark
from boothlab.history.store import Writer, read

if TYPE_CHECKING:
    from pathlib import Path


def view(began_ns: int, **more: int) -> CibView:
    return CibView(began_ns=began_ns, site="A", ticket="t", granted=True, **more)


def test_a_record_gets_its_index_and_its_time() -> None:
    recorder = Recorder(HEADER, itertools.count(100).__next__)

    assert recorder.add(Mark(name="a")) == Mark(index=0, at_ns=100, name="a")
    began_ns = recorder.now_ns()
    assert recorder.add(view(began_ns)) == view(101, index=1, ended_ns=102)
    assert [each.index for each in recorder.history().records] == [0, 1]


def test_a_time_that_is_given_is_kept() -> None:
    recorder = Recorder(HEADER, lambda: 100)

    assert recorder.add(Mark(at_ns=40, name="a")).at_ns == 40


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (Mark(at_ns=101, name="a"), "lies in the future"),
        (view(50, ended_ns=49), "ends before it begins"),
        (Mark(at_ns=-5, name="a"), "before the start"),
    ],
)
def test_times_of_another_clock_are_refused_and_take_no_index(record: Mark | CibView, message: str) -> None:
    recorder = Recorder(HEADER, lambda: 100)

    with pytest.raises(RecordError, match=message):
        recorder.add(record)
    assert recorder.add(Mark(name="b")).index == 0


def test_many_threads_leave_no_hole_and_no_disorder(tmp_path: Path) -> None:
    ticks = itertools.count()
    with Writer(tmp_path / "h", HEADER) as writer:
        recorder = Recorder(HEADER, ticks.__next__, writer)
        start = Barrier(8)

        def record(name: str) -> None:
            start.wait()
            for _ in range(50):
                recorder.add(Mark(name=name))

        threads = [Thread(target=record, args=(f"thread {number}",)) for number in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    history = read(tmp_path / "h")

    assert history == recorder.history()
    assert [each.index for each in history.records] == list(range(400))
    assert [each.ended_ns for each in history.records] == sorted(each.ended_ns for each in history.records)
