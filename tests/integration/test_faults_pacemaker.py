"""Faults on the article's sites: clusters stop, Booth moves, resources fail; and all comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.site import Site

    from boothlab.engine.lab import Lab
    from boothlab.engine.status import LabStatus
    from boothlab.faults import Applied, Faults

    Eventually = Callable[..., LabStatus]

pytestmark = pytest.mark.lab("three-site-fast")

A_NODES = ("clusterA-1", "clusterA-2")


def online(status: LabStatus, site: str) -> list[str]:
    return [node.name for each in status.sites if each.name == site for node in each.nodes if node.online]


def booth_node(lab: Lab) -> str:
    """Return the node of site A that runs boothd; empty when none does."""
    return next((node for node in A_NODES if lab.run(node, ["pgrep", "-x", "boothd"]).ok), "")


def mended(status: LabStatus) -> bool:
    """Return whether site A is as if nothing had happened to it."""
    site = next(each for each in status.sites if each.name == "A")
    booths = [each.state for each in status.members]
    return online(status, "A") == list(A_NODES) and not site.failures and set(booths) == {"started"}


def test_a_stopped_cluster_starts_again_when_healed(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], eventually: Eventually
) -> None:
    apply("stop-cluster at=A")

    assert not any(lab.run(node, ["pgrep", "pacemakerd|corosync"]).ok for node in A_NODES)
    faults.heal()
    eventually(mended, "site A is well again")


def test_a_killed_corosync_is_another_one_after_healing(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], eventually: Eventually
) -> None:
    """Pacemaker ends without it; systemd may start both again before we do."""

    def processes() -> list[str]:
        return [lab.run(node, ["pgrep", "-o", "-x", "corosync"]).stdout for node in A_NODES]

    before = processes()
    applied = apply("kill-corosync at=A node=all")
    faults.heal()

    assert applied.nodes == A_NODES
    assert all(after != one for after, one in zip(processes(), before, strict=True))
    eventually(mended, "site A is well again")


def test_booth_moves_and_nothing_keeps_it_there_afterwards(
    lab: Lab,
    faults: Faults,
    apply: Callable[..., Applied],
    wait_until: Callable[..., Any],
    eventually: Eventually,
) -> None:
    before = booth_node(lab)
    apply("move-booth at=A")
    wait_until(lambda: booth_node(lab), lambda node: node not in ("", before), what="booth moves", limit_s=60)
    faults.heal()

    assert "cli-" not in lab.run("clusterA-1", "cibadmin --query --scope constraints").stdout
    eventually(mended, "site A is well again")


def test_both_nodes_of_a_site_lose_power_and_come_back_as_a_cluster(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], eventually: Eventually
) -> None:
    apply("kill-node at=leader node=all")

    assert [lab.runtime.states()[node] for node in A_NODES] == ["exited", "exited"]
    faults.heal()
    eventually(mended, "site A is well again")


def test_faults_of_booth_find_the_node_that_runs_it(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    node = booth_node(lab)
    applied = apply("pause-booth at=leader")

    assert applied.nodes == (node,)
    assert lab.run(node, "ps -o stat= -C boothd").stdout.startswith("T")
    faults.heal()
    assert not lab.run(node, "ps -o stat= -C boothd").stdout.startswith("T")


def test_booth_is_restarted_by_its_cluster_and_by_systemd(lab: Lab, apply: Callable[..., Applied]) -> None:
    def processes() -> list[str]:
        return [
            lab.run(node, ["pgrep", "-o", "-x", "boothd"]).stdout for node in (booth_node(lab), "arbitrator")
        ]

    before = processes()
    apply("restart-booth at=A,C")
    after = processes()

    assert all(after)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_a_resource_that_cannot_start_does_so_when_healed(
    a: Site, b: Site, faults: Faults, apply: Callable[..., Applied], eventually: Eventually
) -> None:
    apply("fail-resource at=B resource=WebSite")
    a.revoke()
    b.grant()
    eventually(lambda _: b.granted(), "site B has the ticket")
    failed = eventually(
        lambda status: any("WebSite" in each for each in status.sites[1].failures), "WebSite failed at B"
    )
    faults.heal()

    assert failed.sites[1].failures
    eventually(lambda _: b.group().get("WebSite") == "Started", "WebSite runs at B")
    eventually(lambda status: not status.sites[1].failures, "B has forgotten the failure")


def test_a_resource_that_cannot_stop_does_so_when_healed(
    lab: Lab, a: Site, faults: Faults, apply: Callable[..., Applied], eventually: Eventually
) -> None:
    def runs() -> bool:
        return any(lab.run(node, ["pgrep", "-x", "apache2|httpd"]).ok for node in A_NODES)

    apply("fail-resource at=A resource=WebSite action=stop")
    a.revoke()
    failed = eventually(
        lambda status: any("WebSite_stop" in each for each in status.sites[0].failures), "WebSite cannot stop"
    )
    assert failed.sites[0].failures
    assert runs()
    faults.heal()

    eventually(lambda _: not runs(), "WebSite has stopped")
    eventually(mended, "site A is well again")


@pytest.mark.parametrize(
    "words",
    [
        ("move-booth at=A", "fail-resource at=A resource=WebSite", "stop-cluster at=A"),
        ("stop-cluster at=A", "fail-resource at=A resource=WebSite"),
    ],
    ids=["before the cluster stopped", "afterwards"],
)
def test_what_needs_the_cluster_is_healed_whenever_it_was_applied(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], eventually: Eventually, words: tuple[str, ...]
) -> None:
    for each in words:
        apply(each)
    faults.heal()

    eventually(mended, "site A is well again")
    assert "cli-" not in lab.run("clusterA-1", "cibadmin --query --scope constraints").stdout
