"""Leases end in time, and acquire-after passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import TICKET, Story, judged, shown

from boothlab.checkers.leases import AcquireAfter, LostMajority
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode
from boothlab.history.observations import CibWrite, Why
from boothlab.history.records import Family, Life

ACQUIRE, LOST = AcquireAfter(), LostMajority()


# --- acquire-after


def test_a_takeover_after_acquire_after_is_valid() -> None:
    verdict = judged(ACQUIRE, Story().held("A", 1_000, 5_000).held("B", 6_100))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 1


def test_a_takeover_too_early_is_invalid() -> None:
    verdict = judged(ACQUIRE, Story().held("A", 1_000, 5_000).held("B", 5_900))

    assert verdict.status is Status.INVALID
    assert verdict.measures["gap_at_most_ms"] == 900
    assert "900" in verdict.summary


def test_a_revoke_may_be_late_by_a_bound() -> None:
    story = Story().held("A", 1_000, 5_000).held("B", 5_900)

    assert judged(ACQUIRE, story, acquire_slack_ms=100).status is Status.VALID
    assert judged(ACQUIRE, story, acquire_slack_ms=99).status is Status.INVALID


def test_a_takeover_that_may_be_early_is_unknown() -> None:
    story = Story().held("A", 1_000, 5_000).write(5_950, 6_050, "B", granted=True)

    assert judged(ACQUIRE, story).status is Status.UNKNOWN
    assert judged(ACQUIRE, story, blur_ms=50).status is Status.VALID


@pytest.mark.parametrize("move", ["grant", "revoke"])
def test_who_moves_a_ticket_by_hand_need_not_wait(move: str) -> None:
    story = Story().held("A", 1_000, 5_000).held("B", 5_200)
    story.revokes(4_950, "A") if move == "revoke" else story.grants(5_050, "B")

    assert judged(ACQUIRE, story).measures["cases"] == 0


def test_a_site_whose_handler_fails_gives_the_ticket_away_at_once() -> None:
    story = Story().held("A", 1_000, 5_000).handler(4_900, 4_950, "A", status=1).held("B", 5_200)

    assert judged(ACQUIRE, story).measures["cases"] == 0


def test_a_cib_that_was_made_to_forget_the_ticket_tells_nothing_of_a_leases_end() -> None:
    def story(site: str) -> Story:
        edited = Story().held("A", 1_000, 5_000).held("B", 5_200)
        return edited.fault(4_950, None, Family.CIB, site, instant=True, forgets=True)

    assert judged(ACQUIRE, story("A")).measures["cases"] == 0
    assert judged(ACQUIRE, story("B")).status is Status.INVALID


def test_the_same_site_may_take_its_ticket_again_at_once() -> None:
    assert judged(ACQUIRE, Story().held("A", 1_000, 5_000).held("A", 5_100)).status is Status.VALID


# --- a lost majority


def test_an_isolated_holder_that_is_revoked_within_the_lease_is_valid() -> None:
    verdict = judged(LOST, Story().isolated("A", 5_000).held("A", 1_000, 7_000))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 1


def test_an_isolated_holder_that_keeps_its_grant_is_invalid() -> None:
    story = Story().isolated("A", 5_000).held("A", 1_000, 8_000)
    verdict = judged(LOST, story)

    assert verdict.status is Status.INVALID
    assert verdict.measures["late_ms"] == pytest.approx(980)  # the cut was sure from 5020 on
    assert any(isinstance(each, CibWrite) and not each.granted for each in shown(verdict, story))


def test_a_cut_that_heals_within_the_lease_proves_nothing() -> None:
    story = Story().isolated("A", 5_000, 6_900).held("A", 1_000, 12_000)

    assert judged(LOST, story).measures["cases"] == 0


def test_one_lost_peer_of_two_leaves_a_majority() -> None:
    story = Story().fault(5_000, None, Family.NETWORK, cuts=[("A", "B"), ("B", "A")]).held("A", 1_000)

    assert judged(LOST, story).measures["cases"] == 0


def test_a_deaf_holder_has_no_majority_for_it_gets_no_acknowledgement() -> None:
    story = Story().fault(5_000, None, Family.NETWORK, cuts=[("B", "A"), ("C", "A")]).held("A", 1_000)

    assert judged(LOST, story).status is Status.INVALID


def test_two_dead_peers_are_as_good_as_an_isolation() -> None:
    story = Story().daemon(4_000, "B", Life.KILLED).daemon(5_000, "C", Life.PAUSED).held("A", 1_000)

    assert judged(LOST, story).status is Status.INVALID


def test_a_dead_or_paused_daemon_holds_no_lease_either() -> None:
    for life in (Life.KILLED, Life.PAUSED, Life.DIED):
        story = Story().daemon(5_000, "A", life)
        assert judged(LOST, story.held("A", 1_000)).status is Status.INVALID


def test_a_daemon_that_is_back_in_time_keeps_its_ticket() -> None:
    story = Story().daemon(5_000, "A", Life.KILLED).daemon(6_500, "A", Life.STARTED).held("A", 1_000)

    assert judged(LOST, story).measures["cases"] == 0


def test_a_fault_that_could_not_be_applied_cuts_nobody_off() -> None:
    story = Story().fault(5_000, None, Family.NETWORK, "A", cuts=[("B", "A"), ("C", "A")], failed="no router")

    assert judged(LOST, story.held("A", 1_000)).measures["cases"] == 0


def test_a_holder_that_nobody_watched_is_unknown() -> None:
    story = Story().isolated("A", 5_000).held("A", 1_000).missed(5_500, 5_600, "A", Why.SILENT)

    assert judged(LOST, story).status is Status.UNKNOWN


def test_manual_tickets_have_no_lease() -> None:
    story = Story(replace(TICKET, mode=Mode.MANUAL)).isolated("A", 5_000).held("A", 1_000)

    assert judged(LOST, story).measures["cases"] == 0


def test_exactly_acquire_after_is_enough() -> None:
    assert judged(ACQUIRE, Story().held("A", 1_000, 5_000).held("B", 6_000)).status is Status.VALID


def test_the_grant_that_began_it_all_does_not_excuse_a_takeover_that_is_too_early() -> None:
    story = Story().grants(950, "A", until=1_200).held("A", 1_000, 5_000).held("B", 5_200)

    assert judged(ACQUIRE, story).status is Status.INVALID


@pytest.mark.parametrize(
    ("site", "at", "status"), [("A", 4_900, 0), ("B", 4_900, 1), ("A", 900, 1)], ids=["good", "other", "old"]
)
def test_only_a_failed_handler_of_the_holder_itself_gives_the_ticket_away(
    site: str, at: float, status: int
) -> None:
    story = Story().held("A", 1_000, 5_000).handler(at, at + 20, site, status=status).held("B", 5_200)

    assert judged(ACQUIRE, story).status is Status.INVALID


def test_a_glimpse_of_the_ticket_after_the_lease_is_proof() -> None:
    story = (
        Story().isolated("A", 5_000).polled("A", (0, 10, False), (1_000, 1_010, True), (9_000, 9_030, True))
    )
    verdict = judged(LOST, story.polled("A", (9_200, 9_210, False), (19_900, 19_910, False)))

    assert verdict.status is Status.INVALID
    assert verdict.measures["late_ms"] == pytest.approx(9_030 - 5_020 - 2_000)


def test_a_glimpse_that_may_be_of_the_lease_is_no_proof() -> None:
    story = (
        Story().isolated("A", 5_000).polled("A", (0, 10, False), (6_900, 8_000, True), (8_010, 8_020, False))
    )

    assert judged(LOST, story.polled("A", (19_900, 19_910, False))).status is Status.UNKNOWN
