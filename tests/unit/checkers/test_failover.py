"""A lost holder's ticket comes up elsewhere, in time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import TICKET, Story, judged, ns

from boothlab.checkers.failover import Failover
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode, Prerequisite
from boothlab.history.observations import Why
from boothlab.history.records import Family, Life, Process, Verb

FAILOVER = Failover()  # within 2 s + 1 s + 1 s


def lost() -> Story:
    """A holds the ticket, and is isolated at 5 s for good."""
    return Story().isolated("A", 5_000).held("A", 1_000, 6_900)


def test_a_failover_in_time_is_valid_and_measured() -> None:
    verdict = judged(FAILOVER, lost().held("B", 8_500))

    assert verdict.status is Status.VALID
    assert verdict.measures["failover_ms"] == pytest.approx(3_480)  # the cut was sure from 5020 on


def test_a_failover_too_late_is_invalid() -> None:
    verdict = judged(FAILOVER, lost().held("B", 9_100))

    assert verdict.status is Status.INVALID
    assert "4000 ms" in verdict.summary


def test_a_failover_before_the_holder_came_back_counts() -> None:
    story = Story().isolated("A", 5_000, 8_900).held("A", 1_000, 6_900)

    assert judged(FAILOVER, story).measures["cases"] == 0
    assert judged(FAILOVER, story.held("B", 8_500)).measures["cases"] == 1


def test_a_dead_daemon_is_a_lost_holder() -> None:
    story = Story().daemon(5_000, "A", Life.KILLED).held("A", 1_000, 6_900)

    assert judged(FAILOVER, story).status is Status.INVALID
    assert judged(FAILOVER, story.held("B", 8_500)).status is Status.VALID


def test_what_the_holder_had_last_before_its_power_failed_counts() -> None:
    story = Story().held("A", 1_000).fault(4_000, None, Family.NODE, "A", takes=500)
    story.add(Process(began_ns=ns(4_000), ended_ns=ns(4_500), member="A", life=Life.KILLED, by="f"))
    story.missed(4_400, 4_450, "A", Why.DOWN)

    assert judged(FAILOVER, story).status is Status.INVALID
    assert judged(FAILOVER, story.held("B", 7_000)).status is Status.VALID


def test_a_holder_that_was_revoked_while_it_was_cut_off_is_none() -> None:
    story = Story().isolated("A", 5_000).held("A", 1_000, 5_015).revokes(5_010, "A")

    assert judged(FAILOVER, story).measures["cases"] == 0


def test_a_site_that_nobody_watched_is_unknown() -> None:
    assert judged(FAILOVER, lost().missed(5_500, 5_600, "B", Why.SILENT)).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "story",
    [
        lost().daemon(5_500, "C", Life.KILLED),
        lost().isolated("B", 5_500),
        lost().fault(5_500, None, Family.HANDLER, "B"),
        lost().fault(5_500, None, Family.NETWORK),
        lost().revokes(6_000, "A"),
        Story().isolated("A", 5_000, 8_000).held("A", 1_000, 6_900),
        Story().isolated("A", 5_000).held("A", 1_000, 4_000),
        Story(replace(TICKET, mode=Mode.MANUAL)).isolated("A", 5_000).held("A", 1_000),
    ],
    ids=[
        "no majority is left",
        "the other site is isolated as well",
        "the other site's handler is at fault",
        "packets are lost everywhere",
        "somebody revokes it",
        "it heals too early",
        "it was not held any more",
        "it is a manual ticket",
    ],
)
def test_where_nobody_could_take_over_nothing_is_judged(story: Story) -> None:
    verdict = judged(FAILOVER, story)

    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 0)


def test_a_prerequisite_must_hold_before_somebody_is_expected_to_take_over() -> None:
    ticket = replace(TICKET, prerequisites=(Prerequisite(Mode.AUTO, "fit", equal=True, value="yes"),))
    story = Story(ticket).isolated("A", 5_000).held("A", 1_000, 6_900)
    assert judged(FAILOVER, story).measures["cases"] == 0

    story.asks(2_000, Verb.ATTR_SET, "B", 2_050, attribute="fit", value="yes")
    assert judged(FAILOVER, story).status is Status.INVALID


def test_moves_that_are_long_over_excuse_nobody() -> None:
    story = lost().grants(900, "A").revokes(300, "A")

    assert judged(FAILOVER, story).status is Status.INVALID


def test_the_first_site_to_take_over_counts() -> None:
    story = lost().held("B", 7_500, 7_700).held("B", 8_500)

    assert judged(FAILOVER, story).measures["failover_ms"] == pytest.approx(2_480)
