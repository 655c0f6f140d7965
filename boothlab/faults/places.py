"""Where members are: from names to networks and nodes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.nemesis.targets import Shape, Situation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.engine.status import LabStatus
    from boothlab.engine.topology.model import Topology


def shape_of(topology: Topology) -> Shape:
    """Return what the nemesis needs to know of a topology."""
    return Shape(
        sites=tuple(site.name for site in topology.sites),
        arbitrators=tuple(each.name for each in topology.arbitrators),
        pacemaker=topology.cluster == "pacemaker",
    )


def situation_of(topology: Topology, status: LabStatus, ticket: str) -> Situation:
    """Return who leads a ticket, and whose CIB has it granted."""
    names = {str(member.address): member.name for member in topology.members}
    leader = next((each.leader for each in status.tickets if each.name == ticket), None)
    holders = tuple(
        site.name
        for site in status.sites
        if any(each.granted for each in site.tickets if each.name == ticket)
    )
    return Situation(names.get(leader or ""), holders)


def networks(topology: Topology, member: str) -> tuple[str, ...]:
    """Return what a member's packets come from and go to.

    It is the member's whole network, virtual addresses included, unless it shares that
    with others: then its own addresses.
    """
    found = next(each for each in topology.members if each.name == member)
    if len([each for each in topology.members if each.network == found.network]) == 1:
        return (str(topology.networks[found.network].subnet),)
    hosts = topology.hosts()
    addresses = dict.fromkeys([found.address, *(hosts[node] for node in nodes(topology, member))])
    return tuple(f"{address}/32" for address in addresses)


def nodes(topology: Topology, member: str) -> tuple[str, ...]:
    """Return the host names of a member's nodes."""
    sites = {site.name: tuple(site.nodes) for site in topology.sites}
    return sites.get(member) or tuple(each.node_name for each in topology.arbitrators if each.name == member)


def is_site(topology: Topology, member: str) -> bool:
    """Return whether a member can hold tickets."""
    return member in {site.name for site in topology.sites}


def apart(topology: Topology, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs whose packets pass the router: members of different networks."""
    network = {member.name: member.network for member in topology.members}
    return [(one, other) for one, other in pairs if network[one] != network[other]]
