"""Manual tickets move by hand, twice if one insists, and not silently."""

from __future__ import annotations

from dataclasses import replace

from unit.checkers.story import TICKET, Story, judged

from boothlab.checkers.manual import ManualTickets
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode

MANUAL = ManualTickets()


def by_hand(**more: object) -> Story:
    """A has the ticket from 1 s on, B gets it as well at 3 s."""
    story = Story(replace(TICKET, mode=Mode.MANUAL), end=8_000).grants(960, "A").held("A", 1_000)
    return story.grants(2_960, "B", **more).held("B", 3_000)


def warned(story: Story, *sites: str) -> Story:
    for at in range(3_000, 8_000, 500):
        for member in "ABC":
            story.says(at, member, "B", warned_of=sites)
    return story


def test_two_holders_by_force_with_a_warning_are_valid() -> None:
    verdict = judged(MANUAL, warned(by_hand(immediate=True), "A", "B"))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 3


def test_two_holders_without_force_are_invalid() -> None:
    assert judged(MANUAL, warned(by_hand(), "A", "B")).status is Status.INVALID


def test_two_holders_without_a_warning_are_invalid() -> None:
    verdict = judged(MANUAL, warned(by_hand(immediate=True)))

    assert verdict.status is Status.INVALID
    assert "did not warn" in verdict.summary


def test_a_warning_that_names_only_one_of_them_is_none() -> None:
    assert judged(MANUAL, warned(by_hand(immediate=True), "A")).status is Status.INVALID


def test_members_that_were_not_asked_leave_it_unknown() -> None:
    assert judged(MANUAL, by_hand(immediate=True)).status is Status.UNKNOWN


def test_while_a_site_is_cut_off_nobody_can_know_and_warn() -> None:
    assert judged(MANUAL, warned(by_hand(immediate=True).isolated("A", 2_000))).status is Status.VALID


def test_a_manual_ticket_that_moves_by_itself_is_invalid() -> None:
    story = Story(replace(TICKET, mode=Mode.MANUAL)).grants(960, "A").held("A", 1_000, 5_000).held("B", 6_000)
    verdict = judged(MANUAL, story)

    assert verdict.status is Status.INVALID
    assert "nobody had asked" in verdict.summary
