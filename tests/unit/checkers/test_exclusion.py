"""Two holders at once are found, proven or only possible, and how long they were is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.checkers.story import TICKET, Story, judged, ns, shown

from boothlab.checkers.exclusion import ExclusiveGrants, ExclusiveResources
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode
from boothlab.history.observations import CibView, CibWrite, Why
from boothlab.history.records import Verb

GRANTS, RESOURCES = ExclusiveGrants(), ExclusiveResources()
WITH_PAGE = replace(TICKET, resources=("Page", "VIP"))


def test_one_after_the_other_is_valid_and_the_gap_is_measured() -> None:
    verdict = judged(GRANTS, Story().held("A", 1_000, 5_000).held("B", 6_500, 9_000))

    assert verdict.status is Status.VALID
    assert verdict.measures["gap_at_least_ms"] == verdict.measures["gap_at_most_ms"] == 1_500


def test_two_at_once_are_invalid_with_the_length_and_the_records_of_both() -> None:
    story = Story().held("A", 1_000, 5_000).held("B", 4_800, 9_000)
    verdict = judged(GRANTS, story)

    assert verdict.status is Status.INVALID
    assert verdict.measures["overlap_proven_ms"] == verdict.measures["overlap_possible_ms"] == 200
    assert "A and B" in verdict.summary
    writes = [(each.site, each.granted) for each in shown(verdict, story) if isinstance(each, CibWrite)]
    assert {("A", True), ("A", False), ("B", True), ("B", False)} <= set(writes)


def test_granted_in_the_very_moment_of_the_revoke_is_no_overlap() -> None:
    assert judged(GRANTS, Story().held("A", 1_000, 5_000).held("B", 5_000)).status is Status.VALID


def test_the_writes_themselves_take_time_and_may_explain_an_overlap_away() -> None:
    story = Story().write(1_000, 1_010, "A", granted=True).write(4_950, 5_050, "A", granted=False)
    story.write(4_980, 5_020, "B", granted=True)
    verdict = judged(GRANTS, story)

    assert verdict.status is Status.UNKNOWN
    assert verdict.measures["overlap_possible_ms"] == 70
    assert "overlap_proven_ms" not in verdict.measures


def test_writes_that_take_time_do_not_explain_away_what_is_longer() -> None:
    story = Story().write(1_000, 1_010, "A", granted=True).write(4_950, 5_050, "A", granted=False)
    verdict = judged(GRANTS, story.write(4_700, 4_720, "B", granted=True))

    assert verdict.status is Status.INVALID
    assert verdict.measures["overlap_proven_ms"] == 230
    assert verdict.measures["overlap_possible_ms"] == 350


def test_looks_prove_only_what_lies_between_them() -> None:
    story = Story(end=8_000).polled_often("A", (1_000, 5_000), until=8_000)
    story.polled_often("B", (4_500, 9_000), until=8_000)
    verdict = judged(GRANTS, story)

    assert verdict.status is Status.INVALID
    assert verdict.measures["overlap_proven_ms"] == pytest.approx(390)
    assert verdict.measures["overlap_possible_ms"] == pytest.approx(610)


def test_what_looks_cannot_tell_is_unknown_unless_their_blur_is_accepted() -> None:
    story = Story(end=8_000).polled_often("A", (1_000, 5_000), until=8_000)
    story.polled_often("B", (5_000, 9_000), until=8_000)

    assert judged(GRANTS, story).status is Status.UNKNOWN
    assert judged(GRANTS, story, blur_ms=110).status is Status.VALID


def test_a_short_grant_that_was_only_glimpsed_is_proven_where_the_other_surely_held() -> None:
    story = Story().held("A", 1_000, 9_000)
    story.polled("B", (0, 10, False), (4_900, 4_910, False), (5_000, 5_010, True), (5_100, 5_110, False))
    story.polled("B", (19_000, 19_010, False))
    verdict = judged(GRANTS, story, observation_gap_ms=15_000)

    assert verdict.status is Status.INVALID
    assert verdict.measures["overlap_proven_ms"] == 0


def test_while_nobody_watches_a_site_it_may_have_held_the_ticket_all_the_time() -> None:
    story = Story(end=8_000).polled_often("A", (1_000, 3_000), until=3_000)
    story.polled("A", *((at, at + 10, False) for at in range(7_000, 8_000, 100)))
    story.polled_often("B", (5_000, 9_000), until=8_000)
    verdict = judged(GRANTS, story)

    assert verdict.status is Status.UNKNOWN
    assert verdict.measures["overlap_possible_ms"] > 2_000


def test_a_site_that_is_known_to_be_down_holds_nothing() -> None:
    story = Story(end=8_000).polled_often("A", (1_000, 9_000), until=3_000)
    for at in range(3_000, 8_000, 100):
        story.missed(at, at + 10, "A", Why.DOWN)
    verdict = judged(GRANTS, story.polled_often("B", (5_000, 9_000), until=8_000))

    assert verdict.status is Status.VALID


def test_a_writer_that_falls_silent_leaves_doubt_about_what_it_wrote() -> None:
    story = Story().held("A", 1_000).missed(3_000, 3_010, "A", Why.SILENT)

    assert judged(GRANTS, story.held("B", 5_000)).status is Status.UNKNOWN


def test_an_overlap_that_an_administrator_forced_is_counted_and_not_held_against_booth() -> None:
    story = Story().held("A", 1_000, 6_000).grants(3_000, "B", immediate=True).held("B", 3_040)
    verdict = judged(GRANTS, story)

    assert verdict.status is Status.VALID
    assert verdict.measures["overlaps_by_force"] == 1


@pytest.mark.parametrize("verb", [Verb.GRANT, Verb.LIST])
def test_only_the_forced_grant_itself_is_excused(verb: Verb) -> None:
    """Not a plain one, and not what follows on its own."""
    story = Story().held("A", 1_000, 6_000).asks(3_000, verb, "B", 3_050).held("B", 3_040)
    assert judged(GRANTS, story).status is Status.INVALID

    later = Story().grants(1_000, "A", immediate=True).held("A", 1_040, 6_000).held("B", 5_000)
    assert judged(GRANTS, later).status is Status.INVALID


def test_manual_tickets_are_judged_elsewhere() -> None:
    story = Story(replace(TICKET, mode=Mode.MANUAL)).held("A", 1_000).held("B", 2_000)

    assert judged(GRANTS, story).measures["cases"] == 0


def test_a_resource_that_still_runs_at_the_old_site_is_an_overlap_even_with_another_resource() -> None:
    story = Story(WITH_PAGE).runs("A", "Page", 1_000, 5_000).runs("A", "VIP", 1_000, 6_000)
    verdict = judged(RESOURCES, story.runs("B", "Page", 5_500))

    assert verdict.status is Status.INVALID
    assert verdict.measures["overlap_proven_ms"] == pytest.approx(490)


def test_resources_that_stopped_before_they_start_elsewhere_are_valid() -> None:
    story = Story(WITH_PAGE).runs("A", "Page", 1_000, 5_000).runs("A", "VIP", 1_000, 6_000)
    verdict = judged(RESOURCES, story.runs("B", "Page", 6_500).runs("B", "VIP", 6_400))

    assert verdict.status is Status.VALID
    assert verdict.measures["gap_at_least_ms"] == pytest.approx(390)


def test_a_resource_that_moves_within_its_site_runs_there_all_the_time() -> None:
    story = Story(WITH_PAGE).runs("A", "Page", 1_000, node="A1").runs("A", "Page", 2_000, 2_500, node="A2")

    assert judged(RESOURCES, story.runs("B", "Page", 4_000)).status is Status.INVALID


def test_the_evidence_names_records_of_the_time_of_the_overlap() -> None:
    story = Story(end=8_000).polled_often("A", (1_000, 5_000), until=8_000)
    story.polled_often("B", (4_500, 9_000), until=8_000)
    views = [each for each in shown(judged(GRANTS, story), story) if isinstance(each, CibView)]

    assert {"A", "B"} == {each.site for each in views}
    assert any(ns(4_300) < each.began_ns < ns(4_700) for each in views)


def test_a_forced_grant_does_not_excuse_what_was_before_it() -> None:
    story = Story().held("B", 1_000, 2_000).held("A", 1_500, 3_000)

    assert judged(GRANTS, story.grants(5_000, "B", immediate=True).held("B", 5_040)).status is Status.INVALID


def test_a_forced_grant_excuses_nothing_that_comes_long_after_it_can_still_act() -> None:
    story = Story().held("A", 1_000).grants(1_500, "B", immediate=True)

    assert judged(GRANTS, story.held("B", 9_000)).status is Status.INVALID


PERIOD, SHORTEST = 100, 130
"""A look begins every so many milliseconds; nothing that is so, or not, is so for less than this."""

truths = st.lists(st.integers(SHORTEST, 900), min_size=2, max_size=4).map(
    lambda lengths: [sum(lengths[:count]) for count in range(1, len(lengths) // 2 * 2 + 1)]
)
"""When it changes; in the end it is not so."""


@given(truths, truths, st.integers(0, 1_500), st.lists(st.integers(1, 29), min_size=20, max_size=20))
def test_whoever_looks_slowly_never_accuses_the_innocent_and_never_acquits_the_guilty(
    a: list[int], b: list[int], later: int, takes: list[int]
) -> None:
    """Each look takes a while, and its answer is true at a moment in between."""

    def granted(changes: list[int], at: float) -> bool:
        return sum(change <= at for change in changes) % 2 == 1

    story = Story(end=6_000)
    for site, changes in (("A", a), ("B", b := [later + at for at in b])):
        looks = [(at, at + takes[at // PERIOD % 20]) for at in range(0, 6_000, PERIOD)]
        story.polled(site, *((began, ended, granted(changes, (began + ended) / 2)) for began, ended in looks))
    both = any(granted(a, at) and granted(b, at) for at in range(15, 5_900))
    status = judged(GRANTS, story).status

    assert status is not Status.INVALID or both
    assert status is not Status.VALID or not both
