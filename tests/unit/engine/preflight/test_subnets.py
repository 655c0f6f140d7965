"""Whose subnets clash with whose, and what the user is told to do."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from boothlab.engine.preflight.subnets import (
    EngineNetwork,
    HostRange,
    engine_networks,
    host_ranges,
    judge_subnets,
)
from boothlab.engine.topology.model import Topology

TOPOLOGY = Topology.model_validate(
    {
        "name": "mine",
        "networks": {"site-a": {"subnet": "192.168.101.0/24"}, "site-b": {"subnet": "192.168.102.0/24"}},
        "sites": [
            {
                "name": "A",
                "network": "site-a",
                "address": "192.168.101.100",
                "nodes": {"a": "192.168.101.101"},
            },
            {
                "name": "B",
                "network": "site-b",
                "address": "192.168.102.100",
                "nodes": {"b": "192.168.102.101"},
            },
        ],
    }
)


def network(name: str, *subnets: str, lab: str | None = None) -> EngineNetwork:
    """Return a network as the engine would list it."""
    return EngineNetwork(name, tuple(IPv4Network(each) for each in subnets), lab)


def on_host(subnet: str, device: str = "eth0", *, by_gateway: bool = False) -> HostRange:
    """Return addresses as the host would list them."""
    return HostRange(IPv4Network(subnet), device, by_gateway)


@pytest.mark.parametrize(
    ("networks", "host"),
    [
        pytest.param([], [], id="nothing there"),
        pytest.param([network("bridge", "172.17.0.0/16")], [on_host("192.0.2.0/24")], id="others elsewhere"),
        pytest.param([network("x", "192.168.101.0/24", lab="mine")], [], id="the same lab's network"),
        pytest.param([network("x", "192.168.101.0/25", lab="mine")], [], id="the same lab before a change"),
        pytest.param(
            [network("x", "192.168.101.0/24", lab="mine")],
            [on_host("192.168.101.0/24", "br-1"), on_host("192.168.101.1/32", "br-1")],
            id="the bridge of the same lab's network",
        ),
        pytest.param([], [on_host("192.168.100.0/24"), on_host("192.168.103.1/32")], id="neighbours"),
    ],
)
def test_subnets_are_free(networks: list[EngineNetwork], host: list[HostRange]) -> None:
    (finding,) = judge_subnets(TOPOLOGY, networks, host)

    assert finding.severity == "ok"
    assert "192.168.101.0/24, 192.168.102.0/24" in finding.what


@pytest.mark.parametrize(
    ("networks", "host", "code", "says", "remedy"),
    [
        pytest.param(
            [network("y", "192.168.102.0/24", lab="yours"), network("x", "192.168.101.0/24", lab="yours")],
            [],
            "subnet.lab",
            "lab yours has the subnets of site-a (192.168.101.0/24), site-b (192.168.102.0/24)",
            "boothlab down --lab yours",
            id="another lab is told once and by its name",
        ),
        pytest.param(
            [network("compose_default", "192.168.0.0/16")],
            [],
            "subnet.network",
            "compose_default (192.168.0.0/16) overlaps site-a (192.168.101.0/24), site-b (192.168.102.0/24)",
            "docker network rm compose_default",
            id="a wider foreign network",
        ),
        pytest.param(
            [network("small", "10.0.0.0/24", "192.168.101.64/28")],
            [],
            "subnet.network",
            "overlaps site-a (192.168.101.0/24)",
            "change the subnet in the topology",
            id="a smaller foreign network",
        ),
        pytest.param(
            [],
            [on_host("192.168.102.7/32", "wlan0"), on_host("192.168.102.0/24", "wlan0")],
            "subnet.host",
            "site-b (192.168.102.0/24): 192.168.102.0/24, 192.168.102.7 on wlan0",
            "ip addr show wlan0",
            id="the host is in it, told once per device",
        ),
        pytest.param(
            [network("foreign", "192.168.101.0/24")],
            [on_host("192.168.101.0/24", "br-2")],
            "subnet.network",
            "foreign",
            "docker network rm foreign",
            id="a foreign network's bridge is not told a second time",
        ),
    ],
)
def test_a_clash_is_one_error_that_names_its_remedy(
    networks: list[EngineNetwork], host: list[HostRange], code: str, says: str, remedy: str
) -> None:
    (finding,) = judge_subnets(TOPOLOGY, networks, host)

    assert (finding.severity, finding.code) == ("error", code)
    assert says in finding.what
    assert remedy in finding.remedy


def test_a_route_through_a_gateway_only_warns_because_the_lab_leaves_routes_alone() -> None:
    (finding,) = judge_subnets(TOPOLOGY, [], [on_host("192.168.96.0/20", "tun0", by_gateway=True)])[:1]

    assert finding.severity == "warning"
    assert "192.168.96.0/20 through tun0" in finding.what


def test_all_clashes_are_told_at_once() -> None:
    found = judge_subnets(
        TOPOLOGY,
        [network("x", "192.168.101.0/24", lab="yours"), network("foreign", "192.168.102.0/25")],
        [on_host("192.168.102.200/32")],
    )

    assert [each.code for each in found] == ["subnet.lab", "subnet.network", "subnet.host"]


def test_engine_networks_are_read_from_what_docker_lists() -> None:
    listed: list[dict[str, Any]] = [
        {"Name": "host", "IPAM": {"Driver": "default", "Config": []}, "Labels": {}},
        {"Name": "none", "IPAM": {"Driver": "default", "Config": None}, "Labels": None},
        {
            "Name": "boothlab-mine-site-a",
            "IPAM": {"Config": [{"Subnet": "192.168.101.0/24"}, {"Subnet": "fd00::/64"}]},
            "Labels": {"boothlab.lab": "mine"},
        },
        {"Name": "foreign", "IPAM": {"Config": [{"Gateway": "10.1.0.1"}]}, "Labels": {}},
    ]

    assert engine_networks(listed) == (
        network("host"),
        network("none"),
        network("boothlab-mine-site-a", "192.168.101.0/24", lab="mine"),
        network("foreign"),
    )


def test_host_ranges_are_its_addresses_and_routes_but_not_the_way_to_everywhere() -> None:
    routes = [
        {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0", "flags": []},
        {"dst": "0.0.0.0/1", "gateway": "10.8.0.1", "dev": "tun0", "flags": []},
        {"dst": "128.0.0.0/1", "gateway": "10.8.0.1", "dev": "tun0", "flags": []},
        {"dst": "10.20.0.0/16", "gateway": "10.8.0.1", "dev": "tun0", "flags": []},
        {"dst": "192.0.2.0/24", "dev": "eth0", "scope": "link", "prefsrc": "192.0.2.2", "flags": []},
        {"dst": "10.30.0.0/16", "nexthops": [{"gateway": "10.8.0.1", "dev": "tun0"}], "flags": []},
        {"type": "blackhole", "dst": "10.0.0.0/8", "dev": "lo", "flags": []},
        {"type": "local", "dst": "192.0.2.2", "dev": "eth0", "table": "local", "flags": []},
        {"type": "broadcast", "dst": "192.0.2.255", "dev": "eth0", "table": "local", "flags": []},
    ]

    assert host_ranges(json.dumps(routes)) == (
        on_host("10.20.0.0/16", "tun0", by_gateway=True),
        on_host("192.0.2.0/24"),
        on_host("10.30.0.0/16", "several devices", by_gateway=True),
        on_host("192.0.2.2/32"),
    )
