"""What is created for a topology: networks without a way out, containers without spare rights."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import names
from boothlab.engine.assets import lab_folder
from boothlab.engine.plan import ContainerPlan, Plan, plan
from boothlab.engine.topology.changes import digest, parse
from boothlab.engine.topology.load import available, load

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = [path.stem for path in available()]
ARTICLE_HOSTS = {
    "clusterA-1": "192.168.101.101",
    "clusterA-2": "192.168.101.102",
    "clusterB-1": "192.168.102.101",
    "clusterB-2": "192.168.102.102",
    "arbitrator": "192.168.100.100",
}
NEVER = {"ALL", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "SYS_TIME", "MAC_ADMIN", "DAC_READ_SEARCH", "BPF"}
IPV6_OFF = ("net.ipv6.conf.all.disable_ipv6", "1")


def planned(name: str, *overrides: str, labels: dict[str, str] | None = None) -> Plan:
    topology = load(name, overrides=overrides).topology
    return plan(topology, node_image="some-node", router_image="some-router", labels=labels)


def node(found: Plan, name: str) -> ContainerPlan:
    return {each.node: each for each in found.nodes}[name]


def test_the_article_has_three_networks() -> None:
    subnets = {network.name: str(network.subnet) for network in planned("three-site").networks}

    assert subnets == {
        "site-a": "192.168.101.0/24",
        "site-b": "192.168.102.0/24",
        "site-c": "192.168.100.0/24",
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_no_network_has_an_address_of_the_host_or_a_way_out(name: str) -> None:
    for network in planned(name).networks:
        assert network.options == {
            "com.docker.network.bridge.inhibit_ipv4": "true",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        }


def test_the_article_has_six_containers_of_two_images() -> None:
    found = planned("three-site").containers

    assert {each.node: each.image for each in found} == {
        "router": "some-router",
        **dict.fromkeys(ARTICLE_HOSTS, "some-node"),
    }
    assert {each.node: each.role for each in found if each.role != "site"} == {
        "router": "router",
        "arbitrator": "arbitrator",
    }


def test_an_implementation_with_an_image_of_its_own_brings_its_members_nodes_to_it(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    shipped = (lab_folder() / "topologies" / "three-site-fast.yaml").read_text()
    file.write_text(f"{shipped}\nimplementations: {{acme: {{image: acme/booth-node}}}}\n")
    found = plan(load(file, subject="B=acme").topology, node_image="some-node", router_image="some-router")

    assert {each.node for each in found.nodes if each.image == "acme/booth-node"} == {
        "clusterB-1",
        "clusterB-2",
    }
    assert {each.image for each in found.containers} == {"acme/booth-node", "some-node", "some-router"}


def test_the_router_joins_all_networks_and_forwards() -> None:
    router = planned("three-site").router

    assert {name: str(address) for name, address in router.addresses.items()} == {
        "site-a": "192.168.101.254",
        "site-b": "192.168.102.254",
        "site-c": "192.168.100.254",
    }
    assert router.gateway is None
    assert router.sysctls["net.ipv4.ip_forward"] == "1"


def test_each_node_is_in_one_network_at_the_articles_address_behind_the_router() -> None:
    found = planned("three-site")

    for name, address in ARTICLE_HOSTS.items():
        ((network, own),) = node(found, name).addresses.items()
        assert str(own) == address
        assert node(found, name).gateway == found.router.addresses[network]


def test_a_router_address_of_the_users_choice_is_the_nodes_gateway() -> None:
    found = planned("three-site", "networks.site-a.router=192.168.101.9")

    assert str(node(found, "clusterA-1").gateway) == "192.168.101.9"
    assert str(found.router.addresses["site-a"]) == "192.168.101.9"


def test_every_container_knows_all_five_hosts() -> None:
    for container in planned("three-site").containers:
        assert container.hosts == ARTICLE_HOSTS


@pytest.mark.parametrize("name", SHIPPED)
def test_no_container_gets_a_capability_over_the_host(name: str) -> None:
    for container in planned(name).containers:
        assert not NEVER & set(container.capabilities)


def test_only_nodes_with_systemd_may_mount() -> None:
    assert {
        each.node for each in planned("standalone").containers if "SYS_ADMIN" in each.capabilities
    } == set()
    assert {each.node for each in planned("three-site").containers if "SYS_ADMIN" in each.capabilities} == {
        *ARTICLE_HOSTS
    }


def test_a_standalone_lab_runs_no_systemd() -> None:
    assert not any(each.systemd for each in planned("standalone").containers)
    assert [each.node for each in planned("three-site").containers if not each.systemd] == ["router"]


def test_what_a_member_promised_and_what_its_cib_holds_is_lost_with_the_power() -> None:
    lab = planned("standalone")
    assert all({"/run/booth", "/var/lib/booth-cib"} == set(each.volatile) for each in lab.nodes)
    assert not lab.router.volatile


@pytest.mark.parametrize("name", SHIPPED)
def test_ipv6_is_off_in_every_container(name: str) -> None:
    for container in planned(name).containers:
        assert IPV6_OFF in container.sysctls.items()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_router_carries_the_topology_it_was_built_from(name: str) -> None:
    topology = load(name, overrides=["apacheticket.expire=177"]).topology
    labels = plan(topology, node_image="n", router_image="r").router.labels

    assert parse(labels[names.LABEL_TOPOLOGY]) == topology
    assert labels[names.LABEL_DIGEST] == digest(topology)


def test_everything_created_carries_the_labs_label_and_the_callers() -> None:
    found = planned("three-site", labels={"owner": "somebody"})

    for labels in [each.labels for each in (*found.networks, *found.containers)]:
        assert labels.items() >= {names.LABEL_LAB: "three-site", "owner": "somebody"}.items()
        assert names.LABEL in labels


def test_each_container_carries_its_host_name_and_role() -> None:
    for container in planned("five-member").containers:
        assert container.labels[names.LABEL_NODE] == container.node
        assert container.labels[names.LABEL_ROLE] == container.role


def test_the_same_topology_gives_the_same_plan() -> None:
    assert asdict(planned("five-member")) == asdict(planned("five-member"))
