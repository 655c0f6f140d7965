"""Schedules: what is done when, saved and read back, cut down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.nemesis import strategies
from unit.nemesis.strategies import SHAPE

from boothlab.nemesis.errors import ScheduleError
from boothlab.nemesis.network import Loss
from boothlab.nemesis.process import KillBooth, RestartBooth
from boothlab.nemesis.schedule import Action, Do, Entry, Schedule, dumps, loads

LOSS = Loss(percent=10)
KILL = KillBooth(at=("leader",))
HEAD = '{"schedule": 1, "duration_ms": 1000, "sites": ["A", "B"], "arbitrators": ["C"]}\n'


def schedule(*entries: Entry, duration_ms: int = 1000) -> Schedule:
    return Schedule(SHAPE, duration_ms, entries, seed=7)


def test_faults_begin_and_end_in_times_order_and_everything_is_healed_at_the_end() -> None:
    played = schedule(Entry(200, LOSS, 100), Entry(100, KILL, 500), Entry(700, LOSS)).actions()

    assert played == [
        Action(100, Do.BEGIN, 1),
        Action(200, Do.BEGIN, 0),
        Action(300, Do.END, 0),
        Action(600, Do.END, 1),
        Action(700, Do.BEGIN, 2),
        Action(1000, Do.HEAL),
    ]


def test_at_the_same_moment_one_fault_ends_before_the_next_begins() -> None:
    played = schedule(Entry(0, LOSS, 100), Entry(100, KILL, 100)).actions()

    assert [(action.do, action.index) for action in played[1:3]] == [(Do.END, 0), (Do.BEGIN, 1)]


def test_an_empty_schedule_still_heals() -> None:
    assert schedule().actions() == [Action(1000, Do.HEAL)]


@given(strategies.schedules)
def test_what_begins_ends_or_is_healed_and_nothing_happens_after_healing(given_one: Schedule) -> None:
    actions = given_one.actions()
    begun = [action.index for action in actions if action.do is Do.BEGIN]
    ended = [action.index for action in actions if action.do is Do.END]

    assert [action.at_ms for action in actions] == sorted(action.at_ms for action in actions)
    assert actions[-1] == Action(given_one.duration_ms, Do.HEAL)
    assert len(set(begun)) == len(begun)
    assert set(ended) <= set(begun)


def test_a_schedule_can_be_cut_down_without_moving_the_rest() -> None:
    whole = schedule(Entry(1, LOSS), Entry(2, KILL), Entry(3, LOSS))

    assert whole.keep({0, 2}).entries == (Entry(1, LOSS), Entry(3, LOSS))
    assert whole.without({0}) == whole.keep([1, 2])
    assert whole.keep([0]).seed is None  # the seed would give the whole again


@given(strategies.schedules, st.sets(st.integers(0, 8)))
def test_cutting_down_leaves_the_kept_entries_as_they_are(whole: Schedule, indexes: set[int]) -> None:
    kept = [entry for index, entry in enumerate(whole.entries) if index in indexes]

    assert list(whole.keep(indexes).entries) == kept


@given(strategies.schedules)
def test_a_schedule_survives_being_saved(saved: Schedule) -> None:
    assert loads(dumps(saved)) == saved


def test_a_schedule_can_be_written_by_hand() -> None:
    text = HEAD + '\n# the leader dies\n{"at_ms": 5, "fault": "kill-booth", "at": ["leader"]}\n'

    assert loads(text).entries == (Entry(5, KILL),)


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("", 1, "the schedule is empty"),
        ("{", 1, "this is not JSON"),
        ("[1]", 1, "every line is one JSON object"),
        ('{"at_ms": 1}', 1, "the first line must say what this is"),
        ('{"schedule": 99}', 1, "format 99 is unknown"),
        ('{"schedule": 1, "duration_ms": 1, "sites": "A"}', 1, "sites and arbitrators must be lists"),
        ('{"schedule": 1, "sites": ["A"]}', 1, "duration_ms must be a whole number, 0 or more, not None"),
        (HEAD + '\n{"at_ms": 1, "fault": "loss"}', 3, "loss needs percent="),
        (HEAD + '{"at_ms": 1, "fault": "lose"}', 2, "there is no fault lose"),
        (HEAD + '{"at_ms": -1, "fault": "loss", "percent": 1}', 2, "at_ms must be a whole number"),
        (HEAD + '{"fault": "loss", "percent": 1}', 2, "at_ms must be a whole number, 0 or more, not None"),
        (HEAD + '{"at_ms": 1, "fault": "kill-booth", "at": ["Z"]}', 2, "there is no member Z"),
        (HEAD + '{"at_ms": 1, "lasts_ms": "x", "fault": "loss", "percent": 1}', 2, "lasts_ms must be"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int, complaint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        loads(text)

    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: {complaint}")


def test_some_faults_are_over_at_once() -> None:
    assert RestartBooth.instant
    assert not KillBooth.instant
