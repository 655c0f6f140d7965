"""From a topology to the networks and containers that make it real. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from boothlab.engine import names
from boothlab.engine.topology.changes import digest, dump

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address, IPv4Network

    from boothlab.engine.topology.model import Member, Topology

Role = Literal["router", "site", "arbitrator"]

NODE_CAPABILITIES: Final = (
    "NET_ADMIN",  # IPaddr2, nftables
    "NET_RAW",  # arping
    "SYS_ADMIN",  # systemd mounts
    "SYS_NICE",  # Corosync's real-time scheduling
    "IPC_LOCK",  # ... and locked memory
    "SYS_PTRACE",  # pidof and ss look at other users' processes
    "SYSLOG",
)
"""What systemd, Corosync, Pacemaker, pcs and the agents need; measured, nothing spare."""

PLAIN_CAPABILITIES: Final = ("NET_ADMIN", "NET_RAW", "SYS_NICE", "IPC_LOCK")
"""What the router and a standalone member need."""


@dataclass(frozen=True)
class NetworkPlan:
    """One bridged network in which the host has no address."""

    name: str
    """Name in the topology."""
    subnet: IPv4Network
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, str]:
        """Options of Docker's bridge driver.

        ``inhibit_ipv4`` keeps the host out; without masquerading nothing gets out.
        An ``--internal`` network would not do: its rules drop routed packets.
        """
        return {
            "com.docker.network.bridge.inhibit_ipv4": "true",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        }


@dataclass(frozen=True)
class ContainerPlan:
    """One container: the router or a node."""

    node: str
    role: Role
    image: str
    addresses: Mapping[str, IPv4Address]
    """Network name to address; a node has one, the router one in each network."""
    gateway: IPv4Address | None = None
    capabilities: tuple[str, ...] = PLAIN_CAPABILITIES
    systemd: bool = False
    volatile: Mapping[str, str] = field(default_factory=dict)
    """Folders that are kept in memory, and lost with the power: path to mount options."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Extra lines of /etc/hosts: host name to address."""
    sysctls: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Everything the engine must create for a lab."""

    lab: str
    networks: tuple[NetworkPlan, ...]
    router: ContainerPlan
    nodes: tuple[ContainerPlan, ...]

    @property
    def containers(self) -> tuple[ContainerPlan, ...]:
        """The router, then the nodes."""
        return (self.router, *self.nodes)


def plan(
    topology: Topology, *, node_image: str, router_image: str, labels: Mapping[str, str] | None = None
) -> Plan:
    """Return what to create for a topology, given its images' tags.

    ``labels`` are put on everything, beside the lab's own.
    """
    lab = topology.name
    common = names.labels(lab) | dict(labels or {})
    hosts = {name: str(address) for name, address in topology.hosts().items()}
    router = ContainerPlan(
        node=names.ROUTER,
        role="router",
        image=router_image,
        addresses={name: network.gateway for name, network in topology.networks.items()},
        hosts=hosts,
        sysctls={"net.ipv4.ip_forward": "1"} | _NO_IPV6,
        labels=common
        | {
            names.LABEL_NODE: names.ROUTER,
            names.LABEL_ROLE: "router",
            names.LABEL_TOPOLOGY: dump(topology),
            names.LABEL_DIGEST: digest(topology),
        },
    )
    placed: list[tuple[str, Role, Member, IPv4Address]] = [
        (name, "site", site, address) for site in topology.sites for name, address in site.nodes.items()
    ]
    placed += [(each.node_name, "arbitrator", each, each.address) for each in topology.arbitrators]
    nodes = [
        _node(
            topology,
            role,
            member.network,
            address,
            image=_image(topology, member) or node_image,
            hosts=hosts,
            labels=common | {names.LABEL_NODE: name, names.LABEL_ROLE: role},
        )
        for name, role, member, address in placed
    ]
    networks = tuple(NetworkPlan(name, network.subnet, common) for name, network in topology.networks.items())
    return Plan(lab, networks, router, tuple(nodes))


def _image(topology: Topology, member: Member) -> str | None:
    """Return the image that the member's implementation brings along, if it does."""
    definition = topology.implementations.get(member.implementation)
    return definition.image if definition else None


_LOST_WITH_POWER: Final = {
    "/run/booth": "uid=189,gid=189,mode=0755",
    "/var/lib/booth-cib": "uid=189,gid=189,mode=0750",
}
# Pacemaker does not store tickets either. Nodes of its own have all of /run in memory.
_NO_IPV6: Final = {"net.ipv6.conf.all.disable_ipv6": "1"}
# Booth before 1.2 hangs at start when an IPv6 address exists on kernels from 6.9 on.


def _node(
    topology: Topology,
    role: Role,
    network: str,
    address: IPv4Address,
    *,
    image: str,
    hosts: Mapping[str, str],
    labels: Mapping[str, str],
) -> ContainerPlan:
    systemd = topology.cluster == "pacemaker"
    return ContainerPlan(
        node=labels[names.LABEL_NODE],
        role=role,
        image=image,
        addresses={network: address},
        gateway=topology.networks[network].gateway,
        capabilities=NODE_CAPABILITIES if systemd else PLAIN_CAPABILITIES,
        systemd=systemd,
        volatile={} if systemd else _LOST_WITH_POWER,
        hosts=hosts,
        sysctls=_NO_IPV6,
        labels=labels,
    )
