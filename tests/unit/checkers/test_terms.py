"""One leader in each term, and terms never go back."""

from __future__ import annotations

import pytest
from unit.checkers.story import Story, judged, shown

from boothlab.checkers.roles import ArbitratorsNeverHold
from boothlab.checkers.terms import OneLeaderPerTerm, TermsRise
from boothlab.checkers.verdict import Status
from boothlab.history.records import Family, Life, Origin, Packet

ONE, RISE, ARBITRATORS = OneLeaderPerTerm(), TermsRise(), ArbitratorsNeverHold()


def test_a_leader_for_each_term_is_valid() -> None:
    story = Story().held("A", 1_000, 5_000, term=1).held("B", 6_000, term=2).says(7_000, "B", "B", term=2)
    verdict = judged(ONE, story)

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 2


def test_two_cibs_granted_in_one_term_are_invalid_even_one_after_the_other() -> None:
    verdict = judged(ONE, Story().held("A", 1_000, 5_000, term=3).held("B", 6_000, term=3))

    assert verdict.status is Status.INVALID
    assert "term 3" in verdict.summary


def test_two_who_announce_a_lease_in_one_term_are_invalid() -> None:
    story = Story().sends(1_000, "A", "B", "HrtB", 4).sends(1_100, "B", "C", "UpdE", 4)
    verdict = judged(ONE, story)

    assert verdict.status is Status.INVALID
    assert [type(each) for each in shown(verdict, story)] == [Packet, Packet]


def test_each_violation_is_told_once_however_often_it_is_seen() -> None:
    story = Story().sends(1_000, "A", "B", "HrtB", 4)
    for at in range(1_100, 2_000, 100):
        story.sends(at, "B", "C", "HrtB", 4)

    assert len(judged(ONE, story).evidence) == 2


def test_what_a_follower_believes_is_nobodys_claim_to_lead() -> None:
    story = Story().says(1_000, "A", "A", term=4).says(1_100, "C", "B", term=4)

    assert judged(ONE, story).status is Status.VALID


def test_a_forged_heartbeat_makes_no_second_leader() -> None:
    story = Story().sends(1_000, "A", "B", "HrtB", 4).forges(1_100, "B", "C", 4)

    assert judged(ONE, story).status is Status.VALID


@pytest.mark.parametrize(("family", "forgets"), [(Family.CIB, True), (Family.NODE, False)])
def test_terms_begin_anew_when_something_was_forgotten(family: Family, forgets: bool) -> None:
    story = Story().held("A", 1_000, 3_000, term=2).fault(4_000, 4_100, family, forgets=forgets)
    story.held("B", 6_000, 7_000, term=2).held("A", 8_000, term=1)

    assert judged(ONE, story).status is Status.VALID
    assert judged(RISE, story).status is Status.VALID


def test_who_led_before_something_was_forgotten_may_go_on() -> None:
    story = Story().sends(1_000, "B", "C", "HrtB", 0).fault(2_000, 2_100, Family.NODE, "C")
    story.sends(3_000, "B", "C", "HrtB", 0).sends(6_000, "A", "C", "HrtB", 0)

    assert judged(ONE, story).status is Status.VALID


def test_two_leaders_after_something_was_forgotten_are_two() -> None:
    story = Story().sends(1_000, "B", "C", "HrtB", 0).fault(2_000, 2_100, Family.NODE, "C")
    story.sends(6_000, "A", "C", "HrtB", 1).sends(6_100, "B", "C", "HrtB", 1)

    assert judged(ONE, story).status is Status.INVALID


def test_a_slow_cib_forgets_nothing() -> None:
    story = Story().held("A", 1_000, 3_000, term=1).fault(4_000, 4_100, Family.CIB).held("B", 6_000, term=1)

    assert judged(ONE, story).status is Status.INVALID


def test_a_leaders_own_term_that_goes_back_is_invalid() -> None:
    verdict = judged(RISE, Story().sends(1_000, "A", "B", "HrtB", 5).sends(1_100, "A", "B", "UpdE", 4))

    assert verdict.status is Status.INVALID
    assert "A announces term 4" in verdict.summary


def test_a_followers_term_that_goes_back_is_invalid() -> None:
    story = Story().says(900, "A", "A", term=4).says(950, "A", "A", term=5)
    story.says(1_000, "B", "A", term=5).says(2_000, "B", "A", term=4)
    verdict = judged(RISE, story)

    assert verdict.status is Status.INVALID
    assert "B says term 4" in verdict.summary


def test_a_cibs_term_that_goes_back_is_invalid() -> None:
    story = Story().held("A", 1_000, 3_000, term=5).held("A", 6_000, term=4)

    assert judged(RISE, story).status is Status.INVALID


def test_a_term_that_somebody_only_hoped_to_lead_in_may_be_given_up() -> None:
    story = Story().says(900, "A", "A", term=5).says(1_000, "B", "A", term=6).says(1_100, "B", None, term=7)

    assert judged(RISE, story.says(3_000, "B", "A", term=5)).status is Status.VALID


def test_members_need_not_know_the_same_term_at_the_same_time() -> None:
    story = Story().says(900, "B", "B", term=4).says(1_000, "A", "A", term=5).says(1_100, "C", "B", term=4)

    assert judged(RISE, story).status is Status.VALID


def test_a_daemon_that_was_started_again_may_have_forgotten() -> None:
    story = Story().says(800, "A", "A", term=4).says(900, "A", "A", term=5)
    story.says(1_000, "C", "A", term=5).daemon(1_500, "C", Life.KILLED)
    story.daemon(1_600, "C", Life.STARTED).says(2_000, "C", "A", term=4)

    assert judged(RISE, story).status is Status.VALID


def test_answers_that_overlap_have_no_order() -> None:
    story = (
        Story().write(1_000, 1_200, "A", granted=True, term=5).write(1_100, 1_300, "A", granted=True, term=4)
    )

    assert judged(RISE, story).status is Status.VALID


# --- arbitrators


def test_an_arbitrator_that_only_votes_is_valid() -> None:
    story = Story().says(1_000, "C", "A").sends(1_100, "C", "A", "VtFr", 1, leader="A")
    verdict = judged(ARBITRATORS, story)

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 2


def test_whoever_names_an_arbitrator_as_leader_is_invalid() -> None:
    for story in (
        Story().says(1_000, "B", "C"),
        Story().write(1_000, 1_000, "A", granted=False, owner="C"),
        Story().sends(1_000, "B", "A", "VtFr", 1, leader="C"),
        Story().sends(1_000, "C", "A", "RVot", 1, leader="none"),
        Story().held("C", 1_000),
    ):
        assert judged(ARBITRATORS, story).status is Status.INVALID


def test_a_forged_vote_for_an_arbitrator_is_nobodys() -> None:
    story = Story().says(1_000, "C", "A").sends(1_100, "B", "A", "VtFr", 1, leader="C", origin=Origin.FORGED)

    assert judged(ARBITRATORS, story).status is Status.VALID
