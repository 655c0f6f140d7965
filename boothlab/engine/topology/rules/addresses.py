"""Every address of the lab: in its network, and used once."""

from __future__ import annotations

import zlib
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Final, NamedTuple

from boothlab.engine.topology.fields import shown
from boothlab.engine.topology.problems import Problem
from boothlab.engine.topology.rules import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Network, Resource, Topology
    from boothlab.engine.topology.problems import Location

_PREFIX_MAX: Final = 30  # longer prefixes have no addresses for hosts


class Use(NamedTuple):
    """One use of an address."""

    path: Location
    address: IPv4Address
    network: str
    """The network it shall be in."""
    wanted_by: str
    """Who uses it, as a message says it."""
    container: bool = True
    """Whether the container engine hands it out; else a resource agent puts it up."""

    @property
    def is_router(self) -> bool:
        """Whether it is the router's."""
        return self.path[0] == "networks"


def uses(topology: Topology) -> Iterator[Use]:
    """Yield all uses of addresses: routers, nodes, Booth, virtual IPs."""
    for name, network in topology.networks.items():
        if network.subnet.prefixlen <= _PREFIX_MAX:
            yield Use(("networks", name, "router"), network.gateway, name, f"the router of {name}")
    for place, site in walk.sites(topology):
        for node, address in site.nodes.items():
            yield Use((*place, "nodes", node), address, site.network, f"node {node}")
        if topology.cluster == "pacemaker":
            booth = f"Booth at site {site.name}"
            yield Use((*place, "address"), site.address, site.network, booth, container=False)
    for index, each in enumerate(topology.arbitrators):
        place = ("arbitrators", index, "address")
        yield Use(place, each.address, each.network, f"arbitrator {each.name}")
    yield from _virtual_ips(topology)


def _virtual_ips(topology: Topology) -> Iterator[Use]:
    for place, resource in walk.resources(topology):
        for path, site, text in _ip_parameters(topology, resource, place):
            try:
                address = IPv4Address(text)
            except AddressValueError:
                continue  # told by a rule of its own
            network = topology.site(site).network
            yield Use(path, address, network, f"{resource.name} at site {site}", container=False)


def _ip_parameters(
    topology: Topology, resource: Resource, place: Location
) -> Iterator[tuple[Location, str, str]]:
    """Yield an IPaddr2's ``ip`` parameter as path, site name, text; for each site it is given for."""
    ip = resource.parameters.get("ip")
    if ip is None or not is_ipaddr2(resource):
        return
    path = (*place, "parameters", "ip")
    for site in topology.sites:
        if not isinstance(ip, dict):
            yield path, site.name, str(ip)
        elif site.name in ip:
            yield (*path, site.name), site.name, str(ip[site.name])


def is_ipaddr2(resource: Resource) -> bool:
    """Tell whether a resource is a virtual IP."""
    return resource.agent.endswith(":IPaddr2")


def virtual_ips_are_addresses(topology: Topology) -> Iterator[Problem]:
    """The parameter ``ip`` of an IPaddr2 is an IPv4 address, and there is one."""
    for place, resource in walk.resources(topology):
        if is_ipaddr2(resource) and "ip" not in resource.parameters:
            remedy = "write ip: ADDRESS, or ip: {SITE: ADDRESS, ...}"
            yield Problem((*place, "parameters"), "an IPaddr2 needs the parameter ip", remedy)
        texts = {path: text for path, _, text in _ip_parameters(topology, resource, place)}
        for path, text in texts.items():
            try:
                IPv4Address(text)
            except AddressValueError:
                message = f"{shown(text)} is not an IPv4 address"
                yield Problem(path, message, "write one such as 192.168.101.110, without a prefix length")


def addresses_are_used_once(topology: Topology) -> Iterator[Problem]:
    """Two users of one address would answer for each other."""
    first: dict[IPv4Address, Use] = {}
    for use in uses(topology):
        known = first.setdefault(use.address, use)
        if known.path != use.path and not _own_node(known, use):
            message = f"{use.address} is used twice, also by {known.wanted_by}"
            yield Problem(use.path, message, _free(topology, use.network), related=(known.path,))


def _own_node(known: Use, use: Use) -> bool:
    """Tell whether a site's Booth address is one of its nodes': that has a rule of its own."""
    return use.path[0] == "sites" and known.path[:2] == use.path[:2] and use.path[2:] == ("address",)


def booth_addresses_suit_the_cluster(topology: Topology) -> Iterator[Problem]:
    """Pacemaker moves a site's Booth address between nodes; in a plain container nothing does."""
    for place, site in walk.sites(topology):
        path = (*place, "address")
        on_node = site.address in site.nodes.values()
        if topology.cluster == "pacemaker" and on_node:
            message = f"{site.address} is a node's address, but Booth's moves between the site's nodes"
            yield Problem(path, message, _free(topology, site.network))
        if topology.cluster == "standalone" and not on_node:
            message = "without Pacemaker, Booth has the address of its node"
            yield Problem(path, message, f"write {next(iter(site.nodes.values()))}")


def addresses_are_in_their_networks(topology: Topology) -> Iterator[Problem]:
    """An address belongs to its network, and to a host in it."""
    told: set[Location] = set()
    for use in uses(topology):
        network = topology.networks.get(use.network)
        if network is None or network.subnet.prefixlen > _PREFIX_MAX or use.path in told:
            continue
        if message := _misfit(use, network):
            told.add(use.path)
            for_all_sites = use.path[-1] == "ip"
            remedy = "write one for each site, ip: {SITE: ADDRESS, ...}"
            yield Problem(use.path, message, remedy if for_all_sites else _free(topology, use.network))


def _misfit(use: Use, network: Network) -> str | None:
    subnet = network.subnet
    if use.address not in subnet:
        return f"{use.address} is outside {use.network} ({subnet}), the network of {use.wanted_by}"
    if use.address == subnet.network_address:
        return f"{use.address} is the address of the network {use.network} itself"
    if use.address == subnet.broadcast_address:
        return f"{use.address} is the broadcast address of network {use.network}"
    if use.container and use.address == network.bridge:
        return f"{use.address} is kept by the container engine for the bridge of {use.network}"
    return None


def _free(topology: Topology, name: str) -> str:
    """Return the remedy that names an address nobody uses yet."""
    network = topology.networks.get(name)
    if network is None:
        return "write another address"
    taken = {use.address for use in uses(topology)} | {
        network.subnet[min(1, network.subnet.num_addresses - 1)]
    }
    free = next((each for each in network.subnet.hosts() if each not in taken), None)
    return f"write a free address of {name}, e.g. {free}" if free else f"write a wider subnet for {name}"


def site_ids_differ(topology: Topology) -> Iterator[Problem]:
    """Booth knows members by a checksum of their address; rarely, two are the same."""
    known: dict[int, tuple[Location, IPv4Address]] = {}
    for place, member in walk.members(topology):
        path = (*place, "address")
        identity = zlib.crc32(member.address.packed) & 0x7FFFFFFF
        first_path, first = known.setdefault(identity, (path, member.address))
        if first != member.address:
            message = f"{member.address} has the same Booth site id ({identity}) as {first}"
            yield Problem(path, message, _free(topology, member.network), related=(first_path,))


PART: Final = (
    virtual_ips_are_addresses,
    addresses_are_used_once,
    booth_addresses_suit_the_cluster,
    addresses_are_in_their_networks,
    site_ids_differ,
)
