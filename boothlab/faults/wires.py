"""Faults of the network as rules for the router. Pure."""

from __future__ import annotations

from dataclasses import fields
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from boothlab.faults.places import apart, networks
from boothlab.nemesis.grudges import cuts, shaped
from boothlab.nemesis.network import LinkFault, OneWay, Partition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boothlab.engine.topology.model import Topology
    from boothlab.nemesis.network import NetworkFault

KERNEL: Final = "nftables"
"""What carries out partitions and one-way cuts."""
PROGRAM: Final = "nfqueue"
"""What carries out all others: the program in the router."""


def backend(fault: NetworkFault) -> str:
    """Return what carries out a fault."""
    return KERNEL if isinstance(fault, (Partition, OneWay)) else PROGRAM


def directions(
    topology: Topology, fault: NetworkFault, resolved: Callable[[Sequence[str]], Sequence[str]]
) -> list[tuple[str, str]]:
    """Return the directions that a fault is about, from member to member, as far as they pass the router.

    Args:
        topology: the lab's.
        fault: the fault.
        resolved: makes members of targets, in the given order.
    """
    members = [member.name for member in topology.members]
    if isinstance(fault, LinkFault):
        sources, targets = (resolved(each) or members for each in (fault.sources, fault.targets))
        pairs = [(one, other) for one, other in product(sources, targets) if one != other]
    elif isinstance(fault, Partition):
        pairs = sorted(cuts(shaped(fault.shape, members, list(resolved(fault.members)))))
    else:
        raise TypeError(fault.kind)
    return apart(topology, pairs)


def rules(
    topology: Topology, fault: NetworkFault, pairs: Sequence[tuple[str, str]], seed: int
) -> list[dict[str, Any]]:
    """Return what the router shall do for a fault in these directions."""
    between = ways(topology, pairs)
    common = {"seed": seed, "pairs": between, "only": fault.only, "port": topology.booth.port}
    return [{**common, "effect": _effect(fault)}] if between else []


def ways(topology: Topology, pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return directions between members as directions between networks: from, to."""
    return [
        [source, target]
        for one, other in pairs
        for source, target in product(networks(topology, one), networks(topology, other))
    ]


def _effect(fault: NetworkFault) -> dict[str, Any]:
    if backend(fault) == KERNEL:
        return {"do": "drop"}
    about_packets = ("only", "sources", "targets")
    numbers = {each.name: getattr(fault, each.name) for each in fields(fault)}
    return {"do": fault.kind, **{name: n for name, n in numbers.items() if name not in about_packets}}
