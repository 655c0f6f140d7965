"""Drawn schedules: the same seed gives the same, and what is drawn can be played."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.nemesis.draw import Wishes, draw, drawable
from boothlab.nemesis.errors import FaultError
from boothlab.nemesis.packets import PACKET_FAULTS
from boothlab.nemesis.schedule import dumps, loads
from boothlab.nemesis.targets import SYMBOLS, Shape, check, is_symbolic

if TYPE_CHECKING:
    from boothlab.nemesis.process import DriftClock, StepClock

THREE = Shape(sites=("A", "B"), arbitrators=("C",))
seeds = st.integers(0, 2**63)
names = st.lists(st.text("ABCDEFG", min_size=1, max_size=2), min_size=2, max_size=6, unique=True)


@st.composite
def shapes(pick: st.DrawFn) -> Shape:
    members = pick(names)
    sites = pick(st.integers(1, len(members)))
    return Shape(tuple(members[:sites]), tuple(members[sites:]), pacemaker=pick(st.booleans()))


@given(seeds, shapes())
def test_the_same_seed_and_shape_give_the_same_schedule(seed: int, shape: Shape) -> None:
    assert dumps(draw(seed, shape)) == dumps(draw(seed, shape))


def test_a_seed_means_the_same_for_ever() -> None:
    """With the kinds named, that is: without, kinds that are new take part."""
    wishes = Wishes(duration_ms=20_000, kinds=("loss", "partition", "kill-booth"))
    first = draw(4, THREE, wishes).entries[:4]

    assert [(entry.at_ms, entry.lasts_ms, str(entry.fault)) for entry in first] == EXPECTED


EXPECTED = [
    (899, 1897, "loss only=MIdx from=leader percent=78"),
    (1667, 809, "loss only=Revk percent=80"),
    (4042, 620, "kill-booth at=C"),
    (6696, 5100, "partition members=leader"),
]


def test_another_seed_gives_another_schedule() -> None:
    assert len({dumps(draw(seed, THREE)) for seed in range(50)}) == 50


@given(seeds, shapes())
def test_what_is_drawn_is_about_members_that_exist_and_can_be_saved(seed: int, shape: Shape) -> None:
    drawn = draw(seed, shape, Wishes(duration_ms=20_000))

    for entry in drawn.entries:
        check(entry.fault.targets_named, shape)
    assert loads(dumps(drawn)) == drawn


@given(seeds, st.integers(1, 60_000), st.integers(0, 70_000))
def test_nothing_begins_in_the_calm_at_the_end(seed: int, duration_ms: int, calm_ms: int) -> None:
    drawn = draw(seed, THREE, Wishes(duration_ms=duration_ms, calm_at_end_ms=calm_ms))

    assert all(entry.at_ms < duration_ms - calm_ms for entry in drawn.entries)


@pytest.mark.parametrize("kind", drawable(Shape(("A", "B"), ("C",), pacemaker=True)))
def test_every_kind_can_be_wished_for(kind: str) -> None:
    shape = Shape(("A", "B"), ("C",), pacemaker=True)
    drawn = draw(3, shape, Wishes(kinds=(kind,), duration_ms=100_000))

    assert {entry.fault.kind for entry in drawn.entries} == {kind}


def test_a_long_schedule_has_every_kind_and_every_symbol_that_is_drawn() -> None:
    entries = draw(5, THREE, Wishes(duration_ms=3_000_000)).entries
    named = {target for entry in entries for target in entry.fault.targets_named}

    assert {entry.fault.kind for entry in entries} == set(drawable(THREE))
    assert named == {*THREE.members, *SYMBOLS} - {"holder-site"}
    assert any(not is_symbolic(entry.fault.targets_named) for entry in entries)


@pytest.mark.parametrize("kind", [each.kind for each in PACKET_FAULTS])
def test_packets_that_nobody_sent_are_drawn_for_who_wishes_it(kind: str) -> None:
    entries = draw(3, THREE, Wishes(kinds=(kind,), duration_ms=100_000)).entries

    assert {entry.fault.kind for entry in entries} == {kind}
    assert kind not in drawable(THREE)


def test_clocks_jump_a_little_by_about_what_booth_forgives_and_by_hours() -> None:
    wishes = Wishes(kinds=("step-clock",), duration_ms=3_000_000)
    steps = [cast("StepClock", entry.fault).step_ms for entry in draw(6, THREE, wishes).entries]

    assert {step > 0 for step in steps} == {True, False}
    for low, high in ((10, 6_000), (540_000, 660_000), (3_600_000, 86_400_000)):
        assert any(low <= abs(step) <= high for step in steps)
    assert min(map(abs, steps)) >= 10
    assert max(map(abs, steps)) <= 86_400_000


def test_clocks_drift_at_half_to_double_the_rate() -> None:
    wishes = Wishes(kinds=("drift-clock",), duration_ms=3_000_000)
    rates = [cast("DriftClock", entry.fault).rate for entry in draw(6, THREE, wishes).entries]

    assert all(0.5 <= rate <= 2 for rate in rates)
    assert min(rates) < 0.9
    assert max(rates) > 1.5
    assert any(0.95 < rate < 1.05 for rate in rates)


def test_clusters_are_not_stopped_where_there_are_none() -> None:
    assert "stop-cluster" not in drawable(THREE)
    with pytest.raises(FaultError, match="stop-cluster cannot be drawn for this topology"):
        draw(1, THREE, Wishes(kinds=("stop-cluster",)))
