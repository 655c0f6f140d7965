"""Resources follow their ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.checkers.story import TICKET, Story, judged, shown

from boothlab.checkers.placement import Placement
from boothlab.checkers.verdict import Status
from boothlab.history.observations import ResourceChange, Watched, Why
from boothlab.history.records import Family

PLACEMENT = Placement()
WITH_PAGE = replace(TICKET, resources=("Page",))


def test_resources_that_follow_their_ticket_are_valid() -> None:
    story = Story(WITH_PAGE).held("A", 1_000, 6_000).runs("A", "Page", 1_200, 6_400)
    verdict = judged(PLACEMENT, story.held("B", 8_000).runs("B", "Page", 8_300))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] > 0


def test_a_resource_that_does_not_come_up_is_invalid() -> None:
    verdict = judged(PLACEMENT, Story(WITH_PAGE).held("A", 1_000))

    assert verdict.status is Status.INVALID
    assert "Page did not run there" in verdict.summary


def test_a_resource_that_stops_while_the_ticket_is_granted_is_invalid() -> None:
    story = Story(WITH_PAGE).held("A", 1_000).runs("A", "Page", 1_200, 9_000)
    verdict = judged(PLACEMENT, story)

    assert verdict.status is Status.INVALID
    assert any(isinstance(each, ResourceChange) and not each.running for each in shown(verdict, story))


def test_a_resource_may_be_recovered_within_the_bound() -> None:
    story = Story(WITH_PAGE).held("A", 1_000).runs("A", "Page", 1_200, 5_000)

    assert judged(PLACEMENT, story.runs("A", "Page", 5_400, node="A2")).status is Status.VALID


def test_a_resource_that_starts_for_a_moment_without_its_ticket_is_invalid() -> None:
    story = Story(WITH_PAGE).held("A", 1_000).runs("A", "Page", 1_200).runs("B", "Page", 8_000, 8_100)

    assert judged(PLACEMENT, story).status is Status.INVALID


def test_a_resource_that_goes_on_without_its_ticket_is_invalid() -> None:
    story = Story(WITH_PAGE).held("A", 1_000, 6_000).runs("A", "Page", 1_200)
    verdict = judged(PLACEMENT, story)

    assert verdict.status is Status.INVALID
    assert "Page ran there" in verdict.summary


def test_a_resource_that_runs_at_a_site_that_never_had_the_ticket_is_invalid() -> None:
    assert judged(PLACEMENT, Story(WITH_PAGE).runs("B", "Page", 3_000)).status is Status.INVALID


@pytest.mark.parametrize("policy", ["freeze", "demote"])
def test_some_loss_policies_let_it_run_on(policy: str) -> None:
    story = Story(replace(WITH_PAGE, loss_policy=policy)).held("A", 1_000, 6_000).runs("A", "Page", 1_200)

    assert judged(PLACEMENT, story).status is Status.VALID


@pytest.mark.parametrize("target", ["A", "A1"])
def test_a_site_whose_resource_or_node_is_at_fault_is_excused(target: str) -> None:
    story = Story(WITH_PAGE).held("A", 1_000).fault(900, None, Family.RESOURCE, target)

    assert judged(PLACEMENT, story).status is Status.VALID


def test_a_fault_elsewhere_excuses_nobody() -> None:
    story = Story(WITH_PAGE).held("A", 1_000).fault(900, None, Family.RESOURCE, "B").isolated("A", 900)

    assert judged(PLACEMENT, story).status is Status.INVALID


def test_a_resource_that_nobody_watches_for_long_is_unknown() -> None:
    story = Story(WITH_PAGE).held("A", 1_000).runs("A", "Page", 1_200)
    story.missed(5_000, 5_010, "A", Why.SILENT, Watched.RESOURCES)

    assert judged(PLACEMENT, story).status is Status.UNKNOWN


def test_a_resource_whose_start_failed_is_unknown_and_the_others_are_not() -> None:
    story = Story(replace(TICKET, resources=("Page", "Address"))).held("A", 1_000)
    story.runs("A", "Page", 1_200).runs("A", "Address", 1_200)
    story.missed(5_000, 5_010, "A", Why.ERROR, Watched.RESOURCES, about="Page")
    verdict = judged(PLACEMENT, story)

    assert verdict.status is Status.UNKNOWN
    assert "nobody watched Page" in verdict.summary
    assert "Address" not in verdict.summary


def test_what_was_told_before_nobody_knew_still_counts() -> None:
    """A resource that surely ran for too long did so, whatever became of it later."""
    story = Story(WITH_PAGE, end=20_000).held("A", 1_000, 6_000).runs("A", "Page", 1_200)
    story.missed(18_000, 18_010, "A", Why.ERROR, Watched.RESOURCES, about="Page")

    assert judged(PLACEMENT, story).status is Status.INVALID


@pytest.mark.parametrize(("node", "status"), [("A1", Status.UNKNOWN), ("A2", Status.VALID)])
def test_a_failure_on_one_node_leaves_no_doubt_about_another(node: str, status: Status) -> None:
    story = Story(WITH_PAGE).held("A", 1_000).runs("A", "Page", 1_050, 1_150, node="A2")
    story.runs("A", "Page", 1_200)
    story.missed(5_000, 5_010, "A", Why.ERROR, Watched.RESOURCES, about="Page", node=node)

    assert judged(PLACEMENT, story).status is status
