"""What is recorded of a lab with Pacemaker: tickets, resources and daemons through a failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integration.observed import observed

from boothlab.checkers.verdict import Status
from boothlab.history.observations import (
    BoothView,
    CibWrite,
    Missed,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)
from boothlab.history.records import Life, LogLine

if TYPE_CHECKING:
    from integration.observed import Observed

    from boothlab.engine.lab import Lab

pytestmark = pytest.mark.lab("three-site-fast")


def booth_node(seen: Observed, site: str) -> str:
    """Return the node that runs a site's daemon."""
    nodes = seen.lab.topology.site(site).nodes
    return next(node for node in nodes if seen.lab.run(node, ["pgrep", "-x", "boothd"]).ok)


def runs_at(seen: Observed, site: str, resource: str) -> None:
    seen.wait_for(
        ResourceChange,
        lambda each: (each.site, each.resource, each.running) == (site, resource, True),
        f"{resource} starts at {site}",
    )


def test_a_ticket_that_moves_is_followed_by_all_that_hangs_on_it(lab: Lab) -> None:
    with observed(lab) as seen:
        seen.run(booth_node(seen, "A"), "booth revoke -w apacheticket")
        seen.wait_for(CibWrite, lambda each: each.site == "A" and not each.granted, "A's CIB is told")
        seen.wait_for(
            ResourceChange,
            lambda each: (each.site, each.resource, each.running) == ("A", "WebSite", False),
            "WebSite stops at A",
        )
        seen.run(booth_node(seen, "B"), "booth grant -w apacheticket")
        seen.wait_for(CibWrite, lambda each: each.site == "B" and each.granted, "B's CIB is told")
        seen.wait_for(BoothView, lambda each: (each.member, each.leader) == ("C", "B"), "C lists B")
        runs_at(seen, "B", "VIP")
        seen.wait_for(
            ResourceView,
            lambda each: (each.site, each.resource) == ("B", "VIP") and bool(each.nodes),
            "it is seen",
        )

    assert seen.lives == []
    writes = [(each.site, each.began_ns) for each in seen.history.of(CibWrite)]
    assert len(writes) == len(set(writes)), "both nodes' logs were told"
    assert any(each.text == "granted successfully here" for each in seen.history.of(LogLine))
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)
    for name in ("exclusive-grants", "no-daemon-died", "placement"):
        assert judgement.verdicts[name].status is Status.VALID, str(judgement)


def test_daemons_nodes_and_clusters_that_go(lab: Lab) -> None:
    with observed(lab) as seen:
        lives = seen.observers.lives
        with lives.expected(["B"], "kill"):
            seen.run(booth_node(seen, "B"), "pkill -KILL -x boothd")
            seen.wait_life("B", Life.KILLED)
        seen.wait_life("B", Life.STARTED)
        with lives.expected(["C"], "restart"):
            seen.run("arbitrator", "systemctl restart booth@booth")
            seen.wait_life("C", Life.STARTED)
        holder = booth_node(seen, "A")
        with lives.expected(["A"], "power"):
            lab.runtime.kill(holder)
            seen.wait_life("A", Life.KILLED)
        seen.wait_for(
            ResourceChange,
            lambda each: (each.site, each.node, each.running) == ("A", holder, False),
            "what ran there does not",
        )
        for node in lab.topology.site("B").nodes:
            seen.run(node, "systemctl stop pacemaker corosync")
        seen.wait_life("B", Life.STOPPED)
        seen.wait_for(
            Missed,
            lambda each: (each.at, each.what, each.why) == ("B", Watched.CIB, Why.DOWN),
            "B has no cluster",
        )

    told = [(member, life) for member, life, _ in seen.lives]
    assert ("C", "stopped") in told
    assert "died" not in {life for _, life in told}
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)
