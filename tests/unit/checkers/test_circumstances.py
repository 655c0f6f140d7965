"""Under which circumstances: what surely was so, and what may have been."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import MS, START_NS, Story

from boothlab.checkers.circumstances import Circumstances
from boothlab.checkers.spans import Spans, complement
from boothlab.history.records import Family, Fault, Life, Phase

ALL = [(0.0, 20_000.0)]


def of(story: Story) -> Circumstances:
    return Circumstances(story.history())


def ms(spans: Spans) -> list[tuple[float, float]]:
    """Return spans in milliseconds after the start, without the nanosecond that closes an interval."""
    return [(round((a - START_NS) / MS, 3), round((b - START_NS) / MS, 3)) for a, b in spans]


def test_a_fault_is_surely_in_effect_when_it_was_applied_and_until_it_is_being_undone() -> None:
    (effect,) = of(Story().isolated("A", 5_000, 8_000)).effects

    assert ms(effect.surely) == [(5_020, 8_000)]
    assert ms((effect.maybe,)) == [(5_000, 8_020)]


def test_a_fault_that_was_never_undone_lasts_to_the_end() -> None:
    (effect,) = of(Story().isolated("A", 5_000)).effects

    assert ms(effect.surely) == [(5_020, 20_000)]
    assert ms((effect.maybe,)) == [(5_000, 20_000)]


def test_a_fault_that_could_not_be_undone_may_last_to_the_end() -> None:
    story = Story().isolated("A", 5_000, 8_000)
    begin, end = story.records
    assert isinstance(end, Fault)
    story.records = [begin, replace(end, failed="the router is gone")]
    (effect,) = of(story).effects

    assert ms(effect.surely) == [(5_020, 8_000)]
    assert ms((effect.maybe,)) == [(5_000, 20_000)]


def test_a_fault_that_could_not_be_applied_may_have_been_and_surely_was_not() -> None:
    (effect,) = of(Story().isolated("A", 5_000, 8_000).fault(9_000, 9_500, Family.NODE, failed="no")).effects[
        1:
    ]

    assert effect.surely == ()
    assert ms((effect.maybe,)) == [(9_000, 9_520)]


def test_an_instant_fault_is_over_when_it_is_done() -> None:
    (effect,) = of(Story().fault(5_000, None, Family.PROCESS, instant=True)).effects

    assert effect.surely == ()
    assert ms((effect.maybe,)) == [(5_000, 5_020)]


def test_faults_are_found_by_family_and_by_whom_they_hit() -> None:
    around = of(
        Story()
        .fault(1_000, 2_000, Family.NODE, "A1", takes=0)
        .fault(3_000, 4_000, Family.CLOCK, "B", takes=0)
        .fault(5_000, 6_000, Family.NODE, takes=0)
    )

    assert ms(around.faults()) == [(1_000, 2_000), (3_000, 4_000), (5_000, 6_000)]
    assert ms(around.faults(Family.NODE)) == [(1_000, 2_000), (5_000, 6_000)]
    assert ms(around.faults(at=("A", "A1"))) == [(1_000, 2_000), (5_000, 6_000)]
    assert ms(around.faults(Family.NODE, at=("B",))) == [(5_000, 6_000)]  # without targets: everybody


def test_a_daemon_is_down_from_its_end_to_its_start() -> None:
    around = of(Story().daemon(5_000, "A", Life.KILLED).daemon(8_000, "A", Life.STARTED))

    assert ms(around.down("A", surely=True)) == [(5_005, 8_000)]
    assert ms(around.down("A", surely=False)) == [(5_000, 8_005)]
    assert around.down("B", surely=False) == ()


@pytest.mark.parametrize("life", [Life.STOPPED, Life.DIED, Life.PAUSED])
def test_who_was_killed_while_paused_is_down_until_it_is_started(life: Life) -> None:
    story = Story().daemon(5_000, "A", life).daemon(6_000, "A", Life.KILLED).daemon(8_000, "A", Life.STARTED)

    assert ms(of(story).down("A", surely=True)) == [(5_005, 8_000)]


def test_a_cut_in_one_direction_is_a_cut_between_two() -> None:
    around = of(Story().fault(5_000, 8_000, Family.NETWORK, cuts=[("A", "B")]))

    assert ms(around.cut("A", "B", surely=True)) == ms(around.cut("B", "A", surely=True)) == [(5_020, 8_000)]
    assert ms(around.cut("B", "A", surely=False)) == [(5_000, 8_020)]
    assert around.cut("A", "C", surely=False) == ()


def test_a_majority_is_surely_lost_and_surely_there_only_apart_from_the_edges() -> None:
    around = of(Story().isolated("A", 5_000, 8_000))

    assert ms(around.without_majority("A")) == [(5_020, 8_000)]
    assert ms(around.with_majority("A")) == [(0, 5_000), (8_020, 20_000)]
    assert around.without_majority("B") == ()
    assert ms(around.with_majority("B")) == ALL


def test_two_missing_peers_are_one_too_many_of_three_whatever_is_wrong_with_them() -> None:
    story = Story().fault(5_000, 8_000, Family.NETWORK, cuts=[("A", "B")])
    around = of(story.daemon(6_000, "C", Life.PAUSED).daemon(7_000, "C", Life.CONTINUED))

    assert ms(around.without_majority("A")) == [(6_005, 7_000)]
    assert ms(around.with_majority("A")) == [(0, 6_000), (7_005, 20_000)]


def test_who_does_not_run_has_no_majority() -> None:
    around = of(Story().daemon(5_000, "A", Life.KILLED).daemon(8_000, "A", Life.STARTED))

    assert ms(around.without_majority("A")) == [(5_005, 8_000)]
    assert ms(around.with_majority("A")) == [(0, 5_000), (8_005, 20_000)]


def test_it_is_calm_when_no_fault_no_absence_and_no_move_disturbs() -> None:
    story = (
        Story().isolated("A", 2_000, 3_000).daemon(5_000, "C", Life.PAUSED).daemon(6_000, "C", Life.CONTINUED)
    )
    story.grants(8_000, "A", until=8_500).grants(10_000, "B", phase=Phase.FAIL)

    assert ms(of(story).calm) == [(0, 2_000), (3_020, 5_000), (6_005, 8_000), (8_500, 20_000)]


def test_what_may_have_happened_may_still_act_until_the_daemon_gives_up() -> None:
    around = of(Story().grants(1_000, "A", phase=Phase.INFO).revokes(2_000, "A", until=2_300))
    granted, revoked = around.moves("ticketA")

    # From its answer on: 2 s + 1 s + 4 x 0.1 s.
    assert ms(((granted.began_ns, around.acts_until_ns(granted)),)) == [(1_000, 4_450)]
    assert ms(((revoked.began_ns, around.acts_until_ns(revoked)),)) == [(2_000, 2_300)]
    assert around.moves("another") == ()


def test_without_anything_wrong_it_is_calm_all_the_time() -> None:
    around = of(Story())

    assert ms(around.calm) == ALL
    assert complement(around.faults(), around.whole) == (around.whole,)
