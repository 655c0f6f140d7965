"""The lab's networks among each other, and who is in them."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem, write_one_of
from boothlab.engine.topology.rules import walk
from boothlab.engine.topology.rules.addresses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology

_ADDRESS_BITS: Final = 32


def subnets_are_apart(topology: Topology) -> Iterator[Problem]:
    """The router could not tell overlapping networks apart."""
    for (first, one), (second, other) in combinations(topology.networks.items(), 2):
        if one.subnet.overlaps(other.subnet):
            message = f"{other.subnet} overlaps {one.subnet} of network {first}"
            related = (("networks", first, "subnet"),)
            yield Problem(
                ("networks", second, "subnet"), message, "write a subnet of its own", related=related
            )


def subnets_are_ordinary(topology: Topology) -> Iterator[Problem]:
    """Nodes cannot have loopback, link-local, multicast or reserved addresses."""
    for name, network in topology.networks.items():
        subnet = network.subnet
        special = subnet.is_loopback or subnet.is_link_local or subnet.is_multicast or subnet.is_reserved
        if special or subnet.network_address.packed[0] == 0:
            message = f"{subnet} is set apart by the IP standards"
            yield Problem(("networks", name, "subnet"), message, "write a private one, e.g. 192.168.101.0/24")


def subnets_have_room(topology: Topology) -> Iterator[Problem]:
    """Router, bridge, nodes and virtual IPs need an address each."""
    users = Counter(use.network for use in uses(topology) if not use.is_router)
    for name, network in topology.networks.items():
        needed = users[name] + 2  # the router, and what the engine keeps for its bridge
        usable = max(network.subnet.num_addresses - 2, 0)
        if usable < needed:
            prefix = _ADDRESS_BITS - (needed + 1).bit_length()
            message = f"{network.subnet} is too small: {usable} usable addresses, {needed} needed"
            remedy = f"write a prefix length of {prefix} or less"
            yield Problem(("networks", name, "subnet"), message, remedy)


def members_are_in_known_networks(topology: Topology) -> Iterator[Problem]:
    """A member names a network of the lab."""
    for place, member in walk.members(topology):
        if member.network not in topology.networks:
            message = f"there is no network {member.network!r}"
            yield Problem((*place, "network"), message, write_one_of(member.network, topology.networks))


def networks_are_used(topology: Topology) -> Iterator[Problem]:
    """A network without members is probably a mistake."""
    used = {member.network for member in topology.members}
    for name in topology.networks:
        if name not in used:
            remedy = "put a member into it, or leave it out"
            yield Problem(("networks", name), "no member is in this network", remedy, "warning")


PART: Final = (subnets_are_apart, subnets_are_ordinary, subnets_have_room)
WHOLE: Final = (members_are_in_known_networks, networks_are_used)
