"""Grants: where, with which tool, and what is waited for after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.provision.tickets import booth_ready, granted_and_served
from boothlab.engine.topology.load import load
from boothlab.engine.topology.model import Ticket

if TYPE_CHECKING:
    from boothlab.engine.steps import Step


def granting(*overrides: str, name: str = "three-site-fast", with_pcs: bool = False) -> list[Step]:
    return granted_and_served(load(name, overrides=overrides).topology, with_pcs=with_pcs)


@pytest.mark.parametrize(
    ("with_pcs", "instance", "command"),
    [
        (True, "booth", "pcs booth ticket grant apacheticket 192.168.102.100"),
        (False, "booth", "booth grant -c booth -s 192.168.102.100 -w -t apacheticket"),
        (
            True,
            "geo",
            "booth grant -c geo -s 192.168.102.100 -w -t apacheticket",
        ),  # pcs knows the default only
    ],
)
def test_a_ticket_is_granted_at_the_site_that_shall_hold_it(
    with_pcs: bool, instance: str, command: str
) -> None:
    grant, *_ = granting("apacheticket.granted=B", f"booth.name={instance}", with_pcs=with_pcs)

    assert (grant.node, grant.command) == ("clusterB-1", command)


def test_a_ticket_that_nobody_shall_hold_is_not_granted() -> None:
    steps = granting("apacheticket.granted=null")

    assert not [step for step in steps if "grant" in step.command]
    assert {step.title for step in steps} == {"Wait until the clusters rest"}


def test_the_group_must_run_before_the_page_is_asked_for() -> None:
    grant, running, answer, *_ = granting()

    assert "crm_resource --resource VIP" in running.command
    assert running.node == grant.node == "clusterA-1"
    assert running.needs == (grant.name,)
    assert answer.needs == (running.name,)
    assert {running.kind, answer.kind} == {"wait"}


@pytest.mark.parametrize(("overrides", "asking"), [((), "arbitrator"), (("arbitrators=[]",), "clusterB-1")])
def test_the_page_is_asked_for_from_another_network(overrides: tuple[str, ...], asking: str) -> None:
    (answer,) = [step for step in granting(*overrides) if step.title.startswith("Wait until the page")]

    assert answer.node == asking
    assert "http://192.168.101.110/" in answer.command


@pytest.mark.parametrize(("other", "waits"), [("A", 2), ("B", 0), (None, 0)])
def test_a_group_bound_to_two_tickets_is_waited_for_when_one_site_holds_both(
    other: str | None, waits: int
) -> None:
    topology = load("three-site-fast").topology
    second = Ticket(resources=("apachegroup",), granted=other)
    both = topology.model_copy(update={"tickets": {**topology.tickets, "second": second}})
    steps = granted_and_served(both, with_pcs=False)

    served = [step for step in steps if step.kind == "wait" and not step.name.startswith("settled")]
    assert len(served) == waits
    assert len({step.name for step in steps}) == len(steps)


def test_each_member_is_asked_at_its_own_node_and_address() -> None:
    topology = load("five-member").topology
    steps = booth_ready(topology, needs=("a", "b"))

    for step, member in zip(steps, topology.members, strict=True):
        assert f"booth list -c booth -s {member.address}" in step.command
        assert topology.hosts()[step.node] in topology.networks[member.network].subnet
    assert {(step.needs, step.kind) for step in steps} == {(("a", "b"), "wait")}


def test_the_lab_is_done_when_every_cluster_rests() -> None:
    steps = granting()

    assert {step.node for step in steps if step.name.startswith("settled")} == {"clusterA-1", "clusterB-1"}
