"""What netem shall do for the faults, in tc's words: bands of a prio, and filters. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from random import Random
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.kernel import KernelRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT: Final = 0xB0
"""Handle of the prio on an interface; the netem in a slot has the handle that is the slot more."""

SLOTS: Final = 15
"""How many faults netem can carry out at once: a prio has 16 bands, and the first passes the rest."""

MESSAGE_BYTES: Final = 150
"""About a message of Booth, as a frame. It may be the one that a full queue still takes."""

FRAME_MAX_BYTES: Final = 1514

_PROTOCOLS: Final = {"udp": 17, "tcp": 6}


@dataclass(frozen=True)
class Leaf:
    """A netem on one interface: a rule, as far as its packets leave by that interface."""

    device: str
    rule: Mapping[str, Any]
    pairs: tuple[tuple[str, str], ...]

    @property
    def slot(self) -> int:
        """The rule's slot, from 1."""
        return int(self.rule["slot"])

    @property
    def held_s(self) -> float:
        """How long a packet may wait in it."""
        effect = self.rule["effect"]
        frame_ms = FRAME_MAX_BYTES * 8 / effect["kbit_s"] if effect["do"] == "rate" else 0
        times_ms = [effect.get(name, 0) for name in ("delay_ms", "jitter_ms", "by_ms", "queue_ms")]
        return float(sum(times_ms) + frame_ms) / 1000

    @property
    def seed(self) -> int:
        """What its chances come from: all that the fault is, and which part of it this is."""
        rule = {name: value for name, value in self.rule.items() if name not in ("id", "slot", "pairs")}
        told = sorted((name, str(value)) for name, value in rule.items())
        return Random(repr((told, self.pairs))).getrandbits(64)  # noqa: S311 - chance that can be repeated


def leaves(rules: Iterable[Mapping[str, Any]], networks: Mapping[IPv4Network, str]) -> list[Leaf]:
    """Return the netems of some rules.

    Args:
        rules: the rules, each with its ``slot``.
        networks: the interface of each network that the router is in.

    Raises:
        KernelRefusedError: a rule cannot be had that way.
    """
    found = []
    for rule in rules:
        by_device: dict[str, list[tuple[str, str]]] = {}
        for source, target in rule["pairs"]:
            by_device.setdefault(_device(target, networks), []).append((source, target))
        for device, pairs in by_device.items():
            if rule["effect"]["do"] == "rate" and len({target for _, target in pairs}) > 1:
                raise KernelRefusedError(f"{device} leads to several members, each with a rate of its own")
            found.append(Leaf(device, rule, tuple(pairs)))
    return found


def _device(target: str, networks: Mapping[IPv4Network, str]) -> str:
    for network, device in networks.items():
        if IPv4Network(target).subnet_of(network):
            return device
    raise KernelRefusedError(f"no interface leads to {target}")


def root_lines(device: str) -> list[str]:
    """Return tc's lines that give an interface its prio, with a first band for everything."""
    bands = " ".join("0" * (SLOTS + 1))
    return [
        f"qdisc add dev {device} root handle {ROOT:x}: prio bands {SLOTS + 1} priomap {bands}",
        f"qdisc add dev {device} parent {ROOT:x}:1 pfifo limit 1000",
    ]


def filter_lines(leaf: Leaf, police: int) -> list[str]:
    """Return tc's lines that lead a rule's packets to its band.

    Args:
        leaf: where to.
        police: a number for what limits a queue; nothing else in the router has it.
    """
    port = leaf.rule["port"]
    traffic = [""]
    if number := _PROTOCOLS.get(leaf.rule["only"]):
        protocol = (
            f"match ip protocol {number} 0xff match u16 0 0x1fff at 6 "  # a later fragment has no ports
        )
        traffic = [f"{protocol}match ip {side} {port} 0xffff " for side in ("dport", "sport")]
    return [
        f"filter add dev {leaf.device} parent {ROOT:x}: protocol ip pref {leaf.slot} u32 "
        f"match ip src {source} match ip dst {target} {what}classid {ROOT:x}:{leaf.slot + 1:x}"
        f"{_police(leaf.rule['effect'], police)}"
        for source, target in leaf.pairs
        for what in traffic
    ]


def _police(effect: Mapping[str, Any], number: int) -> str:
    """Return what keeps the queue of a rate as short as it shall be; netem counts packets, not time.

    A bucket that fills at the rate and holds as much as may wait drops just what would
    come on top of that.
    """
    if effect["do"] != "rate":
        return ""
    burst = effect["kbit_s"] * effect["queue_ms"] // 8 + MESSAGE_BYTES
    return (
        f" action police rate {effect['kbit_s']}kbit burst {burst}b mtu 65535"
        f" conform-exceed drop/ok index {number}"
    )
