"""Faults of the network as rules for the router. Pure."""

from __future__ import annotations

from dataclasses import fields
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from boothlab.faults.places import apart, networks
from boothlab.nemesis.grudges import cuts, shaped
from boothlab.nemesis.network import (
    ALL,
    TCP,
    UDP,
    Corrupt,
    Flap,
    LinkFault,
    NetworkFault,
    OneWay,
    Partition,
    Rate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boothlab.engine.topology.model import Topology
    from boothlab.nemesis.fault import Fault

KERNEL: Final = "nftables"
"""What carries out partitions and one-way cuts."""
NETEM: Final = "netem"
"""What carries out all others, as far as it can: tc netem in the router's kernel."""
PROGRAM: Final = "userspace"
"""What carries out all others: the program in the router."""
CHOICE: Final = (NETEM, PROGRAM)
"""What can be chosen."""

_HELD_MAX_MS: Final = 10_000
_JITTER_MAX_MS: Final = 2147
_FRAME_MAX_BYTES: Final = 1514


def backends(fault: NetworkFault) -> tuple[str, ...]:
    """Return what can carry out a fault, the preferred one first."""
    if isinstance(fault, (Partition, OneWay)):
        return (KERNEL,)
    return (PROGRAM,) if reason_against_netem(fault) else CHOICE


def reason_against(fault: Fault, backend: str) -> str | None:
    """Return why a fault cannot be asked of a backend, or None."""
    if not isinstance(fault, NetworkFault):
        return "there is a choice of backends for faults of the network only"
    if backend not in CHOICE:
        return f"there is no backend {backend}: it is one of {', '.join(CHOICE)}"
    if isinstance(fault, (Partition, OneWay)):
        return "nftables carries it out, and nothing else"
    reason = reason_against_netem(fault) if backend == NETEM else None
    return reason and f"not with netem: {reason}"


def reason_against_netem(fault: NetworkFault) -> str | None:
    """Return why netem would not do quite what a fault says that it may carry out, or None."""
    if fault.only not in (ALL, UDP, TCP):
        return "it does not know Booth's messages"
    if isinstance(fault, Corrupt):
        return "it leaves checksums wrong, so the receiver's kernel would drop the packets"
    if isinstance(fault, Flap):
        return "it has no such effect"
    return _reason_against_times(fault)


def _reason_against_times(fault: NetworkFault) -> str | None:
    times = {each.name: getattr(fault, each.name) for each in fields(fault) if each.name.endswith("_ms")}
    if sum(times.values()) > _HELD_MAX_MS:
        return f"it shall not hold packets for more than {_HELD_MAX_MS} ms"
    if times.get("jitter_ms", 0) > _JITTER_MAX_MS:
        return f"its jitter goes up to {_JITTER_MAX_MS} ms"
    if isinstance(fault, Rate) and fault.kbit_s * fault.queue_ms < _FRAME_MAX_BYTES * 8:
        return "queue_ms is too short for one whole packet at this rate"
    return None


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
    if isinstance(fault, (Partition, OneWay)):
        return {"do": "drop"}
    about_packets = ("only", "sources", "targets")
    numbers = {each.name: getattr(fault, each.name) for each in fields(fault)}
    return {"do": fault.kind, **{name: n for name, n in numbers.items() if name not in about_packets}}
