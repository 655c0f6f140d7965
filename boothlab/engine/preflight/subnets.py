"""Are the topology's subnets free, on the engine and on its host?"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import names
from boothlab.engine.preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from boothlab.engine.topology.model import Topology


@dataclass(frozen=True)
class EngineNetwork:
    """A network that the engine has."""

    name: str
    subnets: tuple[IPv4Network, ...]
    lab: str | None = None
    """The lab it belongs to; None when boothlab did not create it."""


@dataclass(frozen=True)
class HostRange:
    """Addresses that the host has or reaches."""

    subnet: IPv4Network
    """A single address is a /32."""
    device: str
    by_gateway: bool = False
    """Whether the host is not in that network itself but sends through somebody who is."""


def engine_networks(listed: Iterable[Mapping[str, Any]]) -> tuple[EngineNetwork, ...]:
    """Read the engine's answer to "list networks"."""
    return tuple(
        EngineNetwork(each["Name"], tuple(_subnets(each)), (each.get("Labels") or {}).get(names.LABEL_LAB))
        for each in listed
    )


def _subnets(network: Mapping[str, Any]) -> Iterator[IPv4Network]:
    for config in (network.get("IPAM") or {}).get("Config") or ():
        subnet = ip_network(config["Subnet"], strict=False) if config.get("Subnet") else None
        if isinstance(subnet, IPv4Network):
            yield subnet


_BY_GATEWAY: Final = {"gateway", "via", "nexthops"}
"""What a route has that leads to somebody else."""


def host_ranges(routes: str) -> tuple[HostRange, ...]:
    """Read the output of ``ip -j -4 route show table all``, which has the host's addresses too.

    What stands for "everywhere" is left out: the default route, and the two halves
    by which VPNs override it.
    """
    return tuple(
        HostRange(subnet, route.get("dev", "several devices"), bool(route.keys() & _BY_GATEWAY))
        for route in json.loads(routes)
        if route["dst"] != "default" and route.get("type", "unicast") in {"unicast", "local"}
        if (subnet := IPv4Network(route["dst"], strict=False)).prefixlen > 1
    )


def judge_subnets(
    topology: Topology, networks: Sequence[EngineNetwork], host: Sequence[HostRange]
) -> tuple[Finding, ...]:
    """Compare the topology's subnets with those in use.

    Networks of the same lab are its own, whatever their subnets: ``up`` attaches or rebuilds.
    """
    others = [each for each in networks if each.lab != topology.name]
    taken = [subnet for network in networks for subnet in network.subnets]
    # An engine's network shows up among the host's routes once more, as its bridge.
    elsewhere = [each for each in host if not any(each.subnet.subnet_of(subnet) for subnet in taken)]
    found = (*_other_labs(topology, others), *_foreign(topology, others), *_host(topology, elsewhere))
    subnets = _listed(network.subnet for network in topology.networks.values())
    return found or (Finding("ok", "subnet", f"the lab's subnets are free: {subnets}"),)


def _other_labs(topology: Topology, others: Iterable[EngineNetwork]) -> Iterator[Finding]:
    clashes: defaultdict[str, list[str]] = defaultdict(list)
    for other in others:
        if other.lab:
            clashes[other.lab] += _clashing(topology, other.subnets)
    for lab, clashing in clashes.items():
        if clashing:
            yield Finding(
                "error",
                "subnet.lab",
                f"lab {lab} has the subnets of {_listed(sorted(set(clashing)))}",
                f"take it down first: boothlab down --lab {lab}",
            )


def _foreign(topology: Topology, others: Iterable[EngineNetwork]) -> Iterator[Finding]:
    for other in others:
        clashing = [] if other.lab else _clashing(topology, other.subnets)
        if clashing:
            yield Finding(
                "error",
                "subnet.network",
                f"Docker's network {other.name} ({_listed(other.subnets)}) overlaps {_listed(clashing)}",
                "change the subnet in the topology, or remove the other network: "
                f"docker network rm {other.name}",
            )


def _host(topology: Topology, host: Iterable[HostRange]) -> Iterator[Finding]:
    for name, network in topology.networks.items():
        overlapping: defaultdict[str, list[HostRange]] = defaultdict(list)
        for each in host:
            if each.subnet.overlaps(network.subnet):
                overlapping[each.device].append(each)
        for device, ranges in overlapping.items():
            yield _overlap(f"{name} ({network.subnet})", device, ranges)


def _overlap(network: str, device: str, ranges: Sequence[HostRange]) -> Finding:
    texts = _listed(sorted({str(each.subnet).removesuffix("/32") for each in ranges}))
    if all(each.by_gateway for each in ranges):
        # The lab leaves the host's routes alone: the two never meet, they only look alike.
        return Finding(
            "warning",
            "subnet.route",
            f"the host reaches another {texts} through {device}; {network} overlaps it",
            "change the subnet in the topology if you need to tell the two apart",
        )
    return Finding(
        "error",
        "subnet.host",
        f"the host itself is in {network}: {texts} on {device}",
        f"change the subnet in the topology, or free it on the host (see: ip addr show {device})",
    )


def _clashing(topology: Topology, subnets: Iterable[IPv4Network]) -> list[str]:
    return [
        f"{name} ({network.subnet})"
        for name, network in topology.networks.items()
        if any(network.subnet.overlaps(subnet) for subnet in subnets)
    ]


def _listed(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
