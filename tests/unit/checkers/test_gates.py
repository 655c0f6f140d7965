"""Handlers and prerequisites have the last word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import TICKET, Story, judged, shown

from boothlab.checkers.gates import Handlers, Prerequisites
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Mode, Prerequisite
from boothlab.history.observations import HandlerRun
from boothlab.history.records import Phase, Verb

HANDLERS, PREREQUISITES = Handlers(), Prerequisites()
WITH_HANDLER = replace(TICKET, has_handler=True)


# --- handlers


def test_a_grant_after_the_handler_succeeded_is_valid() -> None:
    verdict = judged(HANDLERS, Story(WITH_HANDLER).handler(900, 950, "A").held("A", 1_000))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 1


def test_a_grant_after_the_handler_failed_is_invalid() -> None:
    story = Story(WITH_HANDLER).handler(900, 950, "A", status=3).held("A", 1_000, 1_100)
    verdict = judged(HANDLERS, story)

    assert verdict.status is Status.INVALID
    assert any(isinstance(each, HandlerRun) for each in shown(verdict, story))


def test_a_grant_while_the_handler_still_runs_is_invalid() -> None:
    story = Story(WITH_HANDLER).handler(100, 150, "B").handler(900, 1_200, "A").held("A", 1_000)

    assert judged(HANDLERS, story).status is Status.INVALID


def test_the_word_of_another_sites_handler_does_not_count() -> None:
    assert (
        judged(HANDLERS, Story(WITH_HANDLER).handler(900, 950, "B").held("A", 1_000)).status is Status.INVALID
    )


def test_each_new_grant_needs_a_new_run() -> None:
    story = Story(WITH_HANDLER).handler(900, 950, "A").held("A", 1_000, 3_000).held("A", 6_000)
    assert judged(HANDLERS, story).status is Status.INVALID

    assert judged(HANDLERS, story.handler(5_000, 5_100, "A")).status is Status.VALID


def test_a_holder_whose_handler_fails_must_let_go() -> None:
    story = Story(WITH_HANDLER).handler(900, 950, "A").handler(2_000, 2_050, "A", status=1)
    assert judged(HANDLERS, story.held("A", 1_000)).status is Status.INVALID

    story = Story(WITH_HANDLER).handler(900, 950, "A").handler(2_000, 2_050, "A", status=1)
    assert judged(HANDLERS, story.held("A", 1_000, 2_100)).status is Status.VALID


def test_a_handler_that_nobody_watched_is_unknown() -> None:
    assert judged(HANDLERS, Story(WITH_HANDLER).held("A", 1_000)).status is Status.UNKNOWN


def test_a_ticket_that_was_held_when_the_recording_began_needs_no_run() -> None:
    story = Story(WITH_HANDLER).polled_often("A", (0, 9_000), until=5_000).handler(3_000, 3_010, "A")

    assert judged(HANDLERS, story).status is Status.VALID


# --- prerequisites


def wants(kind: Mode, *, equal: bool = True) -> Story:
    return Story(replace(TICKET, prerequisites=(Prerequisite(kind, "fit", equal=equal, value="yes"),)))


def sets(story: Story, at: float, value: str, phase: Phase = Phase.OK) -> Story:
    return story.asks(at, Verb.ATTR_SET, "B", at + 20, phase, attribute="fit", value=value)


def test_a_takeover_with_the_attribute_set_is_valid() -> None:
    story = sets(wants(Mode.AUTO), 500, "yes").held("B", 6_000)
    verdict = judged(PREREQUISITES, story)

    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 1)


def test_a_takeover_against_the_attribute_is_invalid() -> None:
    assert judged(PREREQUISITES, wants(Mode.AUTO).held("B", 6_000)).status is Status.INVALID
    assert judged(PREREQUISITES, sets(wants(Mode.AUTO), 500, "no").held("B", 6_000)).status is Status.INVALID


def test_not_equal_holds_while_the_attribute_is_not_set() -> None:
    story = wants(Mode.AUTO, equal=False)
    assert judged(PREREQUISITES, story.held("B", 6_000)).status is Status.VALID

    story = sets(wants(Mode.AUTO, equal=False), 500, "yes")
    assert judged(PREREQUISITES, story.held("B", 6_000)).status is Status.INVALID


@pytest.mark.parametrize(("at", "phase"), [(500, Phase.INFO), (5_500, Phase.OK)])
def test_an_attribute_that_may_have_been_set_excuses_a_takeover(at: float, phase: Phase) -> None:
    assert (
        judged(PREREQUISITES, sets(wants(Mode.AUTO), at, "yes", phase).held("B", 6_000)).status
        is Status.VALID
    )


def test_an_attribute_that_was_deleted_is_not_set() -> None:
    story = sets(wants(Mode.AUTO), 500, "yes").asks(1_000, Verb.ATTR_DELETE, "B", 1_020, attribute="fit")

    assert judged(PREREQUISITES, story.held("B", 6_000)).status is Status.INVALID


def test_a_grant_by_hand_is_bound_by_manual_prerequisites_alone() -> None:
    story = wants(Mode.AUTO).grants(5_900, "B").held("B", 5_940)
    assert judged(PREREQUISITES, story).status is Status.VALID

    story = wants(Mode.MANUAL).grants(5_900, "B").held("B", 5_940)
    assert judged(PREREQUISITES, story).status is Status.INVALID


def test_a_grant_that_was_refused_is_valid() -> None:
    assert (
        judged(PREREQUISITES, wants(Mode.MANUAL).grants(5_900, "B", phase=Phase.FAIL)).status is Status.VALID
    )


def test_an_attribute_that_was_right_when_the_takeover_began_excuses_it() -> None:
    story = sets(sets(wants(Mode.AUTO), 500, "yes"), 4_000, "no")

    assert judged(PREREQUISITES, story.held("B", 6_000)).status is Status.VALID


@pytest.mark.parametrize(
    ("at", "site"), [(5_900, "A"), (6_200, "B"), (900, "B")], ids=["other", "late", "old"]
)
def test_only_the_grant_itself_is_free_of_automatic_prerequisites(at: float, site: str) -> None:
    story = wants(Mode.AUTO).grants(at, site).held("B", 6_000)

    assert judged(PREREQUISITES, story).status is Status.INVALID


def test_an_attribute_that_changes_while_a_grant_is_under_way_excuses_it() -> None:
    story = sets(wants(Mode.MANUAL).grants(5_900, "B", until=6_500), 6_000, "yes")

    assert judged(PREREQUISITES, story.held("B", 6_400)).status is Status.VALID


def test_a_holder_keeps_its_ticket_when_its_handler_soon_succeeds_again() -> None:
    story = Story(WITH_HANDLER).handler(900, 950, "A").handler(2_000, 2_050, "A", status=1)
    assert judged(HANDLERS, story.handler(2_100, 2_150, "A").held("A", 1_000)).status is Status.VALID

    story = Story(WITH_HANDLER).handler(900, 950, "A").handler(2_000, 2_050, "A", status=1)
    story.handler(2_300, 2_400, "A", status=1).handler(4_000, 4_050, "A").held("A", 1_000)
    assert judged(HANDLERS, story).status is Status.INVALID
