"""A site's logs put together, against what others saw of the same runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from boothlab.history.observations import CibView, CibWrite, Missed, ResourceChange, ResourceView, Watched
from boothlab.observers.pacemaker_log import parse_line
from boothlab.observers.pacemaker_site import SiteLog
from boothlab.observers.pacemaker_tickets import HOLD_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.history.observations import Observation

Kind = TypeVar("Kind")

DATA = Path(__file__).parent / "data"
MS = 1_000_000
S = 1000 * MS
NAMES = {1379338081: "A", 2031768738: "B"}
END = 1795632000 * S  # some minutes after the latest line
READ_AFTER_NS = 20 * MS
CONTROLD = "pacemaker-controld  [83] (log_executor_event) \tnotice: "


def site(name: str = "A") -> SiteLog:
    return SiteLog(name, (f"cluster{name}-1", f"cluster{name}-2"), lambda number: NAMES.get(number, ""))


def replay(run: str, log: SiteLog) -> list[Observation]:
    """Return what the logs of a run tell, read side by side as they were written."""
    lines = []
    for node in log.nodes:
        for place, text in enumerate((DATA / f"{run}-{node}.log").read_text().splitlines()):
            if line := parse_line(text, END, 0):
                lines.append((line.began_ns, node, place, text))
    found: list[Observation] = []
    for began_ns, node, _, text in sorted(lines):
        found += log.read(node, text, began_ns + READ_AFTER_NS, 0)
    return [*found, *log.close(END)]


def told(log: SiteLog, *lines: tuple[str, str]) -> list[Observation]:
    """Return what lines tell: a node and SECOND.MS with text."""
    found: list[Observation] = []
    for node, text in lines:
        found += log.read(node, f"Nov 25 18:31:{text}", END, 0)
    return found


def of(kind: type[Kind], every: Iterable[Observation]) -> list[Kind]:
    return [each for each in every if isinstance(each, kind)]


def meets(one: Any, other: dict[str, Any]) -> bool:  # noqa: ANN401 - whatever has an interval
    return bool(one.began_ns <= other["ended_ns"] and other["began_ns"] <= one.ended_ns)


@pytest.fixture(scope="module")
def seen() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((DATA / "failover-seen.json").read_text())
    return found


@pytest.mark.parametrize("name", ["A", "B"])
def test_every_write_that_was_seen_in_the_cib_is_told_once_and_in_time(
    seen: dict[str, list[dict[str, Any]]], name: str
) -> None:
    writes = of(CibWrite, replay("failover", site(name)))[1:]  # the first was before anybody looked
    views = [each for each in seen["cib"] if each["node"] == f"cluster{name}-1"]

    assert len(writes) == len(views)
    for write, view in zip(writes, views, strict=True):
        assert meets(write, view)
        assert (write.granted, write.term) == (view["granted"], view["term"])
        assert write.owner == NAMES.get(view["owner"])
        assert write.expires_ns == view["expires_s"] * S


@pytest.mark.parametrize("name", ["A", "B"])
def test_whatever_was_seen_to_start_or_stop_did_so_within_a_change(
    seen: dict[str, list[dict[str, Any]]], name: str
) -> None:
    changes = of(ResourceChange, replay("failover", site(name)))
    views = [each for each in seen["resources"] if each["node"].startswith(f"cluster{name}")]

    assert views
    for view in views:
        same = [each for each in changes if (each.node, each.resource) == (view["node"], view["resource"])]
        assert any(meets(each, view) for each in same)


def test_a_failover_is_told_in_its_order() -> None:
    every = [*replay("failover", site("A")), *replay("failover", site("B"))]
    grants = [
        (each.site, each.granted) for each in of(CibWrite, sorted(every, key=lambda each: each.ended_ns))
    ]
    moves = [
        (each.site, each.resource, each.running)
        for each in of(ResourceChange, sorted(every, key=lambda each: each.ended_ns))
    ]

    changes = [
        each for each, before in zip(grants, [("", False), *grants], strict=False) if each[1] != before[1]
    ]
    assert changes[:3] == [("A", True), ("B", False), ("A", True)]
    assert moves[-8:] == [
        ("A", "VIP", False),
        ("A", "WebSite", False),
        ("A", "WebSite", True),
        ("A", "VIP", True),
        ("B", "WebSite", True),
        ("A", "VIP", False),
        ("A", "WebSite", False),
        ("B", "VIP", True),
    ]


def test_a_write_is_told_with_the_interval_of_both_nodes() -> None:
    revoked = next(
        each for each in of(CibWrite, replay("failover", site())) if not each.granted and each.owner is None
    )

    assert revoked.ended_ns - revoked.began_ns == 23 * MS  # .031 on one node, .043 and a tick on the other


def test_a_write_that_only_one_node_tells_is_told_after_a_while() -> None:
    log = site()
    lines = [each for each in (DATA / "failover-clusterA-1.log").read_text().splitlines() if "based" in each]
    times = [line.ended_ns for line in (parse_line(text, END, 0) for text in lines) if line]
    found: list[Observation] = []
    for text, read_ns in zip(lines, times, strict=True):
        found += log.read("clusterA-1", text, read_ns, 0)

    assert of(CibWrite, found)
    late = list(log.settle(times[-1] + 2 * HOLD_NS))
    assert not list(log.settle(times[-1] + 3 * HOLD_NS))
    assert len(of(CibWrite, [*found, *late])) == len(of(CibWrite, replay("failover", site())))


def test_a_cluster_that_stops_grants_nothing_and_a_node_that_joins_again_changes_nothing() -> None:
    writes = [each for each in of(CibWrite, replay("restarts", site())) if each.ticket == "apacheticket"]

    assert [each.granted for each in writes].count(False) == 1
    stopped = next(each for each in writes if not each.granted)
    assert (stopped.began_ns, stopped.ended_ns - stopped.began_ns) == (1795631862851 * MS, 11 * MS)


def test_what_runs_on_without_corosync_is_not_said_to_have_stopped() -> None:
    """Corosync was killed at 18:37:10 on clusterA-1; what ran there was only stopped ten seconds later."""
    websites = [
        each
        for each in of(ResourceChange, replay("restarts", site()))
        if (each.node, each.resource) == ("clusterA-1", "WebSite")
    ]
    stopped = [each for each in websites if not each.running]

    assert 1795631842531 * MS in [each.began_ns for each in stopped]
    assert not [each for each in stopped if 1795631830 * S <= each.began_ns <= 1795631842 * S]


def test_a_resource_that_was_found_dead_may_have_died_ever_since_it_was_last_seen() -> None:
    found = replay("restarts", site())
    dead = max(of(ResourceChange, found), key=lambda each: each.ended_ns - each.began_ns)

    assert (dead.resource, dead.running) == ("WebSite", False)
    assert dead.began_ns < 1795631763 * S < dead.ended_ns  # killed at 18:36:03


ASK = "pacemaker-controld  [83] (do_lrm_rsc_op) \tnotice: Requesting local execution of"


def test_after_a_failed_start_nobody_knows_whether_it_runs() -> None:
    log = site()
    found = told(
        log,
        ("clusterA-1", f"22.100 a {ASK} start operation for WebSite on clusterA-1 | x"),
        (
            "clusterA-1",
            f"23.100 a {CONTROLD}Result of start operation for WebSite on clusterA-1: error (x) | y",
        ),
        ("clusterA-1", f"24.100 a {ASK} stop operation for WebSite on clusterA-1 | x"),
        ("clusterA-1", f"25.100 a {CONTROLD}Result of stop operation for WebSite on clusterA-1: ok | y"),
    )

    missed, stopped = found
    assert isinstance(missed, Missed)
    assert (missed.at, missed.what) == ("A", Watched.RESOURCES)
    assert (missed.about, missed.node) == ("WebSite", "clusterA-1")
    assert "error (x)" in missed.text
    assert isinstance(stopped, ResourceChange)
    assert not stopped.running
    assert missed.began_ns < stopped.began_ns


def test_an_operation_that_never_ended_is_told_at_the_end() -> None:
    log = site()
    assert not told(log, ("clusterA-1", f"22.100 a {ASK} start operation for WebSite on clusterA-1 | x"))
    (missed,) = log.close(END)

    assert isinstance(missed, Missed)
    assert missed.ended_ns == END


def test_an_operation_without_a_result_before_the_next_one_is_told() -> None:
    log = site()
    told(log, ("clusterA-1", f"22.100 a {ASK} start operation for WebSite on clusterA-1 | x"))
    probed = told(log, ("clusterA-1", f"30.100 a {ASK} probe operation for WebSite on clusterA-1 | x"))
    found = told(
        log, ("clusterA-1", f"30.200 a {CONTROLD}Result of probe operation for WebSite on clusterA-1: ok")
    )

    assert not probed
    missed, runs = found
    assert isinstance(missed, Missed)
    assert isinstance(runs, ResourceChange)
    assert runs.running


def test_what_ran_on_a_node_that_lost_its_power_runs_no_more() -> None:
    log = site()
    told(
        log,
        ("clusterA-1", f"22.100 a {ASK} start operation for WebSite on clusterA-1 | x"),
        ("clusterA-1", f"23.100 a {CONTROLD}Result of start operation for WebSite on clusterA-1: ok | y"),
        ("clusterA-1", f"23.200 a {ASK} start operation for VIP on clusterA-1 | x"),
    )
    stopped = of(ResourceChange, log.lost("clusterA-1", END, END + MS))

    assert {(each.resource, each.running, each.ended_ns) for each in stopped} == {
        ("WebSite", False, END + MS),
        ("VIP", False, END + MS),
    }
    assert not list(log.close(END + S))


def test_a_run_that_began_later_tells_how_it_was_and_what_came_then() -> None:
    began_ns = 1795631500 * S  # the ticket was granted at A for the second time
    log = site()
    log.since_ns = began_ns
    before: list[Observation] = []
    for node in log.nodes:
        for text in (DATA / f"failover-{node}.log").read_text().splitlines():
            line = parse_line(text, END, 0)
            if line and line.ended_ns < began_ns:
                before += log.read(node, text, line.ended_ns, 0)
    tickets, *resources = log.views(began_ns, began_ns + S)

    assert not before
    assert isinstance(tickets, CibView)
    assert (tickets.granted, tickets.owner, tickets.term) == (True, "A", 1)
    assert {each.resource: each.nodes for each in resources if isinstance(each, ResourceView)} == {
        "WebSite": ("clusterA-1",),
        "VIP": ("clusterA-1",),
    }


def test_what_began_before_the_run_and_ended_in_it_is_told_from_its_begin_on() -> None:
    log = site()
    log.since_ns = 1795631482665 * MS + 500 * MS
    start = next(
        each
        for each in of(ResourceChange, replay("failover", log))
        if each.running and each.node == "clusterA-1"
    )

    assert (start.resource, start.began_ns) == ("WebSite", log.since_ns)
