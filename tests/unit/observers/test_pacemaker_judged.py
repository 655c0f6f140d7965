"""A real run, judged by its sites' logs: a failover in which both sites held the ticket for a while.

Site A was cut off just when it renewed: one member heard of it, the other one did not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boothlab.checkers.context import Context
from boothlab.checkers.exclusion import ExclusiveGrants, ExclusiveResources
from boothlab.checkers.judge import judge
from boothlab.checkers.placement import Placement
from boothlab.checkers.verdict import Status
from boothlab.core.config.model import Role
from boothlab.history.header import Header, Member, Observer, Ticket
from boothlab.history.history import History
from boothlab.history.records import Mark
from boothlab.observers.pacemaker_log import parse_line
from boothlab.observers.pacemaker_site import SiteLog

DATA = Path(__file__).parent / "data"
S = 1_000_000_000
BEGAN, ENDED = 1795631470 * S, 1795631534 * S  # from the first grant's end to B's first renewals
SITES = {"A": ("clusterA-1", "clusterA-2"), "B": ("clusterB-1", "clusterB-2")}


def recorded() -> History:
    """Return the run as its logs tell it."""
    found: list[Any] = [Mark(at_ns=ENDED, name="end")]
    for site, nodes in SITES.items():
        log = SiteLog(
            site,
            nodes,
            lambda _: "",
            cib_observer=f"cib@{site}",
            resources_observer=f"resources@{site}",
            since_ns=BEGAN,
        )
        lines = []
        for node in nodes:
            for place, text in enumerate((DATA / f"failover-{node}.log").read_text().splitlines()):
                line = parse_line(text, ENDED, 0)
                if line and line.began_ns < ENDED:
                    lines.append((line.began_ns, node, place, text))
        lines.sort()
        before = [each for each in lines if each[0] < BEGAN]
        for at_ns, node, _, text in before:
            found += log.read(node, text, at_ns + S // 50, 0)
        found += log.views(BEGAN, BEGAN + 1)
        for at_ns, node, _, text in lines[len(before) :]:
            found += log.read(node, text, at_ns + S // 50, 0)
        found += log.close(ENDED)
    members = [Member(site, Role.SITE, site, "clusterlabs", nodes=nodes) for site, nodes in SITES.items()]
    header = Header(
        testbed="pacemaker",
        topology="three-site-fast",
        members=(*members, Member("C", Role.ARBITRATOR, "C", "clusterlabs")),
        tickets=(Ticket("apacheticket", 20_000, 5_000, resources=("WebSite", "VIP")),),
        clock="CLOCK_REALTIME",
        started_ns=BEGAN,
        started_utc="2026-11-25T18:31:10+00:00",
        observers=tuple(Observer(f"{what}@{site}") for what in ("cib", "resources") for site in SITES),
    )
    found.sort(key=lambda each: each.ended_ns)
    return History(header, tuple(replace(each, index=index) for index, each in enumerate(found)))


@pytest.fixture(scope="module")
def seen() -> dict[str, list[dict[str, Any]]]:
    """Return what was seen of the same run by looking again and again."""
    found: dict[str, list[dict[str, Any]]] = json.loads((DATA / "failover-seen.json").read_text())
    return found


def between_ms(since: dict[str, Any], until: dict[str, Any]) -> tuple[float, float]:
    """Return how long it took from one change to another, at least and at most."""
    return (until["began_ns"] - since["ended_ns"]) / 1e6, (until["ended_ns"] - since["began_ns"]) / 1e6


def test_both_sites_had_the_ticket_as_long_as_was_seen(seen: dict[str, list[dict[str, Any]]]) -> None:
    verdict = judge(recorded(), [ExclusiveGrants()]).verdicts["exclusive-grants"]
    granted = next(each for each in seen["cib"] if each["node"] == "clusterB-1" and each["granted"])
    revoked = next(each for each in seen["cib"] if each["node"] == "clusterA-1" and each["owner"] == 0)
    at_least, at_most = between_ms(granted, revoked)

    assert verdict.status is Status.INVALID
    assert (
        at_least < verdict.measures["overlap_proven_ms"] < verdict.measures["overlap_possible_ms"] < at_most
    )


def test_no_more_is_proven_and_no_less_is_possible_than_was_seen(
    seen: dict[str, list[dict[str, Any]]],
) -> None:
    verdict = judge(recorded(), [ExclusiveResources()]).verdicts["exclusive-resources"]
    pages = [each for each in seen["resources"] if each["resource"] == "WebSite"]
    started = next(each for each in pages if each["node"] == "clusterB-1")
    stopped = [each for each in pages if each["node"] == "clusterA-1"][-1]
    at_least, at_most = between_ms(started, stopped)

    assert verdict.status is Status.INVALID
    assert 0 < verdict.measures["overlap_proven_ms"] < at_least
    assert at_most < verdict.measures["overlap_possible_ms"]


def test_the_resources_followed_their_ticket_all_the_same() -> None:
    context = Context(placement_ms=8_000)
    verdict = judge(recorded(), [Placement()], context).verdicts["placement"]

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] > 0
