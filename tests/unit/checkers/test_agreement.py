"""When it is calm, all members agree, and the CIBs with them."""

from __future__ import annotations

import pytest
from unit.checkers.story import Story, judged

from boothlab.checkers.agreement import Agreement
from boothlab.checkers.verdict import Status
from boothlab.history.records import Family, Life, Phase

AGREEMENT = Agreement()


def healed() -> Story:
    """A was isolated, and all is well from 8 s on."""
    return Story(end=12_000).isolated("A", 900, 8_000).held("A", 500, 4_000).held("B", 6_000)


def test_members_that_agree_after_healing_are_valid() -> None:
    verdict = judged(AGREEMENT, healed().all_say(9_100, 12_000, "B"))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] > 0


def test_a_member_that_still_believes_otherwise_is_invalid() -> None:
    verdict = judged(AGREEMENT, healed().all_say(9_100, 12_000, "B").says(11_000, "A", "A"))

    assert verdict.status is Status.INVALID
    assert "A says that ticketA is at A" in verdict.summary or "says A" in verdict.summary


def test_before_the_bound_members_may_disagree() -> None:
    story = healed().says(8_500, "A", "A").all_say(9_100, 12_000, "B")

    assert judged(AGREEMENT, story).status is Status.VALID


def test_while_something_is_wrong_members_may_disagree() -> None:
    story = healed().says(10_600, "B", "B").says(10_600, "A", "A")
    story.fault(8_500, 11_990, Family.PACKETS)

    assert judged(AGREEMENT, story.says(11_000, "A", "A")).measures["cases"] == 0


def test_an_old_grant_in_a_cib_is_invalid_though_all_daemons_agree() -> None:
    story = healed().held("A", 10_000).all_say(9_100, 12_000, "B")
    verdict = judged(AGREEMENT, story)

    assert verdict.status is Status.INVALID
    assert "A's CIB has it granted" in verdict.summary


def test_a_leader_whose_cib_does_not_know_is_invalid_unless_it_waits() -> None:
    assert judged(AGREEMENT, Story(end=5_000).all_say(1_000, 5_000, "A")).status is Status.INVALID

    story = Story(end=5_000)
    for member in "ABC":
        story.says(3_000, member, "A", pending=member == "A")
    assert judged(AGREEMENT, story).status is Status.VALID


def test_that_nobody_holds_it_is_agreement_too() -> None:
    assert judged(AGREEMENT, Story(end=5_000).all_say(1_000, 5_000, None)).status is Status.VALID


def test_a_member_that_nobody_asked_is_unknown() -> None:
    assert judged(AGREEMENT, healed().says(11_000, "A", "B").says(11_000, "B", "B")).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "disturbed",
    [
        Story(end=6_000).isolated("A", 2_000),
        Story(end=6_000).daemon(2_000, "C", Life.KILLED),
        Story(end=6_000).grants(2_000, "A", phase=Phase.INFO),
        Story(end=6_000).fault(2_000, 4_900, Family.CLOCK, failed="no such member"),
    ],
    ids=["never healed", "a daemon is down", "a grant may still act", "a fault that may have been applied"],
)
def test_where_it_is_not_calm_nothing_is_judged(disturbed: Story) -> None:
    disturbed.says(3_000, "A", "A").says(3_000, "B", "B").says(3_000, "C", None)

    calm_before = judged(AGREEMENT, disturbed, agreement_ms=2_000)
    assert calm_before.measures["cases"] == 0
