"""A grant waits for a site that is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from unit.checkers.story import TICKET, Story, judged

from boothlab.checkers.delays import GrantDelay
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode
from boothlab.history.records import Family, Life, Phase

if TYPE_CHECKING:
    from boothlab.history.header import Ticket

DELAY = GrantDelay()  # expire 2000 ms, acquire-after 1000 ms


def without_b(ticket: Ticket = TICKET) -> Story:
    """B does not run, and A is asked to take the ticket."""
    return Story(ticket).daemon(500, "B", Life.STOPPED).grants(1_000, "A", phase=Phase.INFO)


def test_a_grant_that_waited_for_a_missing_site_is_valid() -> None:
    verdict = judged(DELAY, without_b().held("A", 4_010))

    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 1)
    assert verdict.measures["waited_at_least_ms"] == 3_010


def test_a_grant_that_did_not_wait_is_invalid() -> None:
    verdict = judged(DELAY, without_b().held("A", 3_900))

    assert verdict.status is Status.INVALID
    assert "2900" in verdict.summary
    assert "3000" in verdict.summary


def test_a_grant_that_may_have_come_too_early_is_unknown() -> None:
    story = without_b().write(3_950, 4_050, "A", granted=True)

    assert judged(DELAY, story).status is Status.UNKNOWN
    assert judged(DELAY, story, blur_ms=50).status is Status.VALID


def test_a_site_that_does_not_hear_is_missing_too() -> None:
    story = Story().fault(500, None, Family.NETWORK, cuts=[("A", "B")]).grants(1_000, "A").held("A", 1_020)

    assert judged(DELAY, story).status is Status.INVALID


def test_a_site_that_comes_back_need_not_be_waited_for() -> None:
    story = without_b().daemon(1_500, "B", Life.STARTED).held("A", 1_600)

    assert judged(DELAY, story).measures["cases"] == 0


def test_an_arbitrator_need_not_be_waited_for() -> None:
    story = Story().daemon(500, "C", Life.STOPPED).grants(1_000, "A").held("A", 1_020)

    assert judged(DELAY, story).measures["cases"] == 0


def test_force_does_not_wait() -> None:
    story = Story().daemon(500, "B", Life.STOPPED).grants(1_000, "A", immediate=True).held("A", 1_020)

    assert judged(DELAY, story).measures["cases"] == 0


def test_asking_again_does_not_begin_the_wait_anew() -> None:
    story = without_b().grants(2_000, "A", phase=Phase.INFO).held("A", 4_010)

    assert judged(DELAY, story).status is Status.VALID


def test_a_takeover_in_which_somebody_asks_is_not_judged() -> None:
    story = Story().held("B", 200, 600).daemon(700, "B", Life.KILLED).grants(2_000, "A").held("A", 2_020)

    assert judged(DELAY, story).measures["cases"] == 0


@pytest.mark.parametrize("held_since", [0, 300])
def test_what_nobody_asked_for_is_not_judged(held_since: float) -> None:
    story = Story().daemon(100, "B", Life.STOPPED).held("A", held_since)

    assert judged(DELAY, story).measures["cases"] == 0


def test_manual_tickets_do_not_wait() -> None:
    story = without_b(replace(TICKET, mode=Mode.MANUAL)).held("A", 1_020)

    assert judged(DELAY, story).measures["cases"] == 0
