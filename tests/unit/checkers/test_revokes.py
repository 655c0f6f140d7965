"""What was revoked stays revoked, until somebody grants it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import TICKET, Story, judged, shown

from boothlab.checkers.revokes import RevokeSticks
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode
from boothlab.history.records import Operation, Phase

STICKS = RevokeSticks()


def test_a_revoke_that_sticks_is_valid() -> None:
    verdict = judged(STICKS, Story().held("A", 1_000, 5_000).revokes(4_950, "A"))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 1


def test_a_ticket_that_comes_back_at_another_site_is_invalid() -> None:
    story = Story().held("A", 1_000, 5_000).revokes(4_950, "A").held("B", 6_500, 6_700)
    verdict = judged(STICKS, story)

    assert verdict.status is Status.INVALID
    assert any(isinstance(each, Operation) for each in shown(verdict, story))


def test_a_ticket_that_was_not_revoked_in_pacemaker_is_invalid() -> None:
    assert judged(STICKS, Story().held("A", 1_000).revokes(4_950, "A")).status is Status.INVALID


def test_pacemaker_may_hear_of_it_a_little_later() -> None:
    assert judged(STICKS, Story().held("A", 1_000, 5_150).revokes(4_950, "A")).status is Status.VALID


def test_a_grant_ends_what_a_revoke_promises() -> None:
    story = Story().held("A", 1_000, 5_000).revokes(4_950, "A").grants(7_000, "B").held("B", 7_040)
    verdict = judged(STICKS, story)

    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 1)


def test_a_refused_grant_ends_nothing() -> None:
    story = Story().held("A", 1_000, 5_000).revokes(4_950, "A")
    story.grants(7_000, "B", phase=Phase.FAIL).held("B", 7_040)

    assert judged(STICKS, story).status is Status.INVALID


@pytest.mark.parametrize("phase", [Phase.FAIL, Phase.INFO])
def test_a_revoke_that_did_not_surely_happen_promises_nothing(phase: Phase) -> None:
    story = Story().held("A", 1_000, 5_000).revokes(4_950, "A", phase=phase).held("B", 7_000)

    assert judged(STICKS, story).measures["cases"] == 0


def test_a_grant_whose_outcome_nobody_knows_may_come_later_than_the_revoke() -> None:
    story = Story().grants(3_000, "B", phase=Phase.INFO).revokes(4_950, "A").held("B", 5_600)

    assert judged(STICKS, story).measures["cases"] == 0


def test_a_manual_ticket_is_revoked_at_the_site_that_was_asked() -> None:
    manual = replace(TICKET, mode=Mode.MANUAL)
    story = Story(manual).held("A", 1_000, 5_000).held("B", 1_500).revokes(4_950, "A")
    assert judged(STICKS, story).status is Status.VALID

    story = Story(manual).held("A", 1_000).held("B", 1_500).revokes(4_950, "A")
    assert judged(STICKS, story).status is Status.INVALID


def test_a_site_that_nobody_watched_is_unknown() -> None:
    story = (
        Story()
        .held("A", 1_000, 5_000)
        .revokes(4_950, "A")
        .polled("B", (0, 1, False), (19_990, 19_999, False))
    )

    assert judged(STICKS, story).status is Status.UNKNOWN
