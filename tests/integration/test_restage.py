"""Other Booths and another booth.conf in a Pacemaker lab that is up and was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integration.test_implementations import running

from boothlab.engine.implementations import by_node
from boothlab.engine.restage import RestageError, restage
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.engine.lab import Lab
    from boothlab.engine.status import LabStatus

pytestmark = pytest.mark.lab("three-site-fast")


@pytest.fixture(autouse=True)
def _as_before(lab: Lab) -> Iterator[None]:
    """Give the lab back as it was: other tests may use it."""
    yield
    restage(lab, lab.topology)


def test_it_has_other_booths_and_nobody_has_a_ticket(lab: Lab, eventually: Callable[..., LabStatus]) -> None:
    eventually(lambda status: status.tickets[0].leader_site == "A", "site A holds the ticket")
    subjects = "A=python,B=clusterlabs,C=python"
    topology = load("three-site-fast", overrides=["apacheticket.expire=30"], subject=subjects).topology

    staged = restage(lab, topology)

    status = staged.status()
    assert status.problems == ()
    assert not any(each.granted for site in status.sites for each in site.tickets)
    assert _web(status) == ["Stopped", "Stopped"]
    nodes = {member.node or "nowhere": member.implementation for member in status.members}
    assert running(staged, nodes) == nodes
    for node, implementation in by_node(topology).items():
        program = lab.run(node, "readlink /usr/sbin/boothd").stdout
        assert f"/{implementation}/" in program, node
        assert "expire = 30" in lab.run(node, "cat /etc/booth/booth.conf").stdout, node


def test_the_other_node_of_a_site_runs_the_same(lab: Lab) -> None:
    topology = load("three-site-fast", subject="python").topology
    staged = restage(lab, topology)
    before = next(each.node for each in staged.status().members if each.name == "A")

    staged.run(before or "", "crm_resource --move --resource booth-booth-group && crm_resource --wait")

    after = next(each.node for each in staged.status().members if each.name == "A")
    assert after not in (None, before)
    assert running(staged, [after or ""]) == {after: "python"}


@pytest.mark.lab("single-node-sites", set=("apacheticket.loss-policy=freeze",))
def test_what_a_loss_policy_keeps_running_is_stopped(lab: Lab, eventually: Callable[..., LabStatus]) -> None:
    eventually(lambda status: "Started" in _web(status), "the service runs")
    lab.run("clusterA-1", "booth revoke -w apacheticket")
    assert "Started" in _web(lab.status())

    staged = restage(lab, lab.topology)

    assert _web(staged.status()) == ["Stopped", "Stopped"]
    assert 'loss-policy="freeze"' in lab.run("clusterA-1", "cibadmin --query --scope constraints").stdout


def _web(status: LabStatus) -> list[str]:
    return [each.state for site in status.sites for each in site.resources if each.name == "WebSite"]


def test_other_resources_take_another_lab(lab: Lab) -> None:
    other = load("three-site-fast", overrides=["apacheticket.loss-policy=freeze"]).topology

    with pytest.raises(RestageError, match="other networks, nodes or resources"):
        restage(lab, other)
