"""The lab's networks: joined by the router alone, closed to the host and the world."""

from __future__ import annotations

import json
import subprocess
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import names

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab

STANDALONE = pytest.mark.lab("standalone")


@STANDALONE
def test_sites_reach_each_other_through_the_router_only(lab: Lab) -> None:
    first, second = lab.topology.sites
    source, target = next(iter(first.nodes)), next(iter(second.nodes.values()))
    route = lab.run(source, f"ip route get {target}").stdout
    assert f"via {lab.topology.networks[first.network].gateway}" in route
    assert lab.run(source, f"booth list -s {second.address}").ok


@STANDALONE
def test_nothing_gets_out(lab: Lab) -> None:
    """The router has no default route, and a name of the world is refused at once."""
    assert lab.run(names.ROUTER, "ip route show default").stdout == ""
    for node in lab.nodes:
        answer = lab.run(node, "getent ahostsv4 example.org", limit_s=3)
        assert answer.exit_code == 2  # getent's "not found"; 124 would be the limit


@STANDALONE
def test_the_host_has_no_address_in_the_lab(lab: Lab) -> None:
    answer = subprocess.run(["ip", "-json", "-4", "address"], check=True, capture_output=True, text=True)
    addresses = [
        ip_address(info["local"]) for link in json.loads(answer.stdout) for info in link["addr_info"]
    ]
    subnets = [network.subnet for network in lab.topology.networks.values()]
    assert [str(address) for address in addresses if any(address in subnet for subnet in subnets)] == []


@STANDALONE
def test_containers_have_least_privilege(lab: Lab) -> None:
    for container in lab.runtime.containers().values():
        host = container.attrs["HostConfig"]
        assert not host["Privileged"]
        assert not host["Binds"]
        assert host["CapDrop"] == ["ALL"]
        assert not {"ALL", "SYS_MODULE", "SYS_BOOT", "SYS_TIME", "SYS_RAWIO"} & set(host["CapAdd"])
