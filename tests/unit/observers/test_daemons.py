"""From how a daemon's process was and is, to records of its life."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from boothlab.core.config.model import Role
from boothlab.history.header import Header, Member
from boothlab.history.observations import Why
from boothlab.history.recorder import Recorder
from boothlab.history.records import Life, Process
from boothlab.observers import Lives
from boothlab.observers.attachment import Absence
from boothlab.observers.daemons import NodesDaemon


class Watched:
    """The daemon of one node, and what is recorded of it; now is always later than all that was told."""

    def __init__(self) -> None:
        members = (Member("A", Role.SITE, "192.168.101.100", "python"),)
        header = Header("standalone", "t", members, (), "CLOCK_MONOTONIC", 0, "")
        ticks = count(1_000)
        self.lives = Lives(lambda: self.now_ns)
        self.now_ns = 0
        self.recorder = Recorder(header, lambda: next(ticks))
        self.daemon = NodesDaemon(self.recorder, self.lives, "A", "boothA")

    def is_(
        self, daemon: dict[str, Any] | None, at: int, *, first: bool = False, asked: bool = False
    ) -> None:
        """The watcher tells that it looked from ``at - 50`` to ``at``."""
        line = {"daemon": daemon, "began_ns": at - 50, "ended_ns": at, "first": first, "asked_to": asked}
        self.daemon.hear(line)
        self.daemon.alive(at)

    def absent(self, why: Why, *, heard: int, lost: int, asked: int, paused: bool = False) -> None:
        self.daemon.absent(Absence(why, paused, "", heard, lost, asked))

    @property
    def lived(self) -> list[tuple[Life, int, int, str]]:
        records = self.recorder.history().of(Process)
        return [(each.life, each.began_ns, each.ended_ns, each.by) for each in records]


def running(pid: int, started: int = 1, *, paused: bool = False) -> dict[str, Any]:
    return {"pid": pid, "started": started, "paused": paused}


@pytest.fixture
def watched() -> Watched:
    found = Watched()
    found.is_(running(7), 100, first=True)
    return found


def test_a_daemon_that_runs_from_the_start_is_nothing_to_tell(watched: Watched) -> None:
    assert watched.lived == []


def test_one_that_goes_by_itself_has_died(watched: Watched) -> None:
    watched.is_(None, 200)

    assert watched.lived == [(Life.DIED, 150, 200, "")]


def test_one_that_was_asked_to_has_stopped_and_needs_nobody_to_blame(watched: Watched) -> None:
    watched.is_(None, 200, asked=True)

    assert watched.lived == [(Life.STOPPED, 150, 200, "")]


def test_one_that_was_expected_to_go_was_killed(watched: Watched) -> None:
    watched.now_ns = 160
    with watched.lives.expected(["A"], "f1"):
        watched.now_ns = 170
    watched.is_(None, 200)

    assert watched.lived == [(Life.KILLED, 160, 200, "f1")]


def test_a_restart_between_two_looks_is_an_end_and_a_start(watched: Watched) -> None:
    watched.is_(running(8), 200)

    assert [each[0] for each in watched.lived] == [Life.DIED, Life.STARTED]


def test_so_is_one_that_has_the_same_pid_again(watched: Watched) -> None:
    watched.is_(running(7, started=2), 200)

    assert [each[0] for each in watched.lived] == [Life.DIED, Life.STARTED]


def test_a_pause_and_its_end(watched: Watched) -> None:
    watched.is_(running(7, paused=True), 200)
    watched.is_(running(7), 300)

    assert [each[:3] for each in watched.lived] == [(Life.PAUSED, 150, 200), (Life.CONTINUED, 250, 300)]


def test_one_that_is_paused_from_the_start_is_told() -> None:
    watched = Watched()
    watched.is_(running(7, paused=True), 100, first=True)

    assert [each[0] for each in watched.lived] == [Life.PAUSED]


def test_a_node_that_goes_takes_its_daemon_with_it_once(watched: Watched) -> None:
    watched.absent(Why.DOWN, heard=300, lost=320, asked=340)
    watched.absent(Why.DOWN, heard=300, lost=320, asked=600)

    assert watched.lived == [(Life.DIED, 300, 320, "")]


def test_what_starts_with_a_node_started_after_it_was_seen_down(watched: Watched) -> None:
    watched.absent(Why.DOWN, heard=300, lost=320, asked=340)
    watched.absent(Why.DOWN, heard=300, lost=320, asked=600)
    watched.is_(running(7, started=2), 900, first=True)

    assert watched.lived[1:] == [(Life.STARTED, 600, 900, "")]


def test_a_watcher_that_was_replaced_has_missed_a_restart_by_its_predecessors_last_word(
    watched: Watched,
) -> None:
    watched.absent(Why.SILENT, heard=100, lost=150, asked=160)
    watched.is_(running(8), 400, first=True)

    assert [each[:3] for each in watched.lived] == [(Life.DIED, 100, 400), (Life.STARTED, 100, 400)]


def test_a_node_that_is_paused_pauses_its_daemon(watched: Watched) -> None:
    watched.absent(Why.SILENT, heard=300, lost=500, asked=500, paused=True)
    watched.absent(Why.SILENT, heard=300, lost=500, asked=700, paused=True)
    watched.daemon.alive(900)

    assert [(each[0], each[1]) for each in watched.lived] == [(Life.PAUSED, 300), (Life.CONTINUED, 700)]


def test_a_line_from_before_the_pause_does_not_end_it(watched: Watched) -> None:
    watched.absent(Why.SILENT, heard=300, lost=500, asked=500, paused=True)
    watched.daemon.alive(310)

    assert [each[0] for each in watched.lived] == [Life.PAUSED]


def test_a_watcher_that_is_only_slow_says_nothing_about_the_daemon(watched: Watched) -> None:
    watched.absent(Why.SILENT, heard=300, lost=500, asked=500)

    assert watched.lived == []
