"""Whether netem or the program carries a fault out. Pure.

A record says in ``backends`` which may, the preferred one first. netem is left out when it
would not do the same as the program: when its choice of packets would not come from the
seed, or when another fault that it carries out is about the same packets, for it does one
thing to a packet. The program does not mind: a packet passes it before it comes to netem.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.leaves import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NFTABLES: Final = "nftables"
NETEM: Final = "netem"
USERSPACE: Final = "userspace"

_ALL_PERCENT: Final = 100


class UnfitError(Exception):
    """What was asked for cannot be had; the message says why."""


def ways(
    asked: Mapping[str, Any], others: Sequence[Mapping[str, Any]], netem: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the ways to carry a fault out, each as what it adds to the record, the best first.

    Args:
        asked: the record: its ``backends`` and ``rules``.
        others: the records of the faults that are applied.
        netem: ``reason`` against it or None, and whether it is ``seeded``.

    Raises:
        UnfitError: there is none.
    """
    found: list[dict[str, Any]] = []
    against = None
    for backend in asked["backends"]:
        if backend != NETEM:
            found.append({"backend": backend})
            continue
        told = by_chance(asked["rules"]) and not netem["seeded"]
        is_must = len(asked["backends"]) == 1
        against = _against(asked, others, netem, needs_seed=told and not is_must)
        if against is None:
            seed = None if told else asked["seed"]
            found.append({"backend": NETEM, "slot": _free_slot(others), "seed": seed})
    if not found:
        raise UnfitError(f"not with netem: {against}")
    return found


def _against(
    asked: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    netem: Mapping[str, Any],
    *,
    needs_seed: bool,
) -> str | None:
    if netem["reason"]:
        return str(netem["reason"])
    if needs_seed:
        return "this kernel's netem takes no seed"
    if _free_slot(others) is None:
        return f"it carries out {SLOTS} faults already"
    for other in others:
        if other["backend"] == NETEM and overlap(asked["rules"], other["rules"]):
            return f"it does one thing to a packet, and {other['id']} is about some of the same ones"
    return None


def by_chance(rules: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether anything about these rules is left to chance."""
    effects = [rule["effect"] for rule in rules]
    return any(
        0 < effect.get("percent", 0) < _ALL_PERCENT or effect.get("jitter_ms", 0) > 0 for effect in effects
    )


def overlap(rules: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether there can be a packet that both are about."""
    return any(
        _meet(one["only"], other["only"])
        and any(
            IPv4Network(source).overlaps(IPv4Network(other_source))
            and IPv4Network(target).overlaps(IPv4Network(other_target))
            for (source, target), (other_source, other_target) in product(one["pairs"], other["pairs"])
        )
        for one, other in product(rules, others)
    )


def _meet(one: str, other: str) -> bool:
    """Return whether two kinds of traffic have packets in common; a message's letters count as all of UDP."""
    protocols = [kind if kind in ("all", "tcp") else "udp" for kind in (one, other)]
    return "all" in protocols or protocols[0] == protocols[1]


def _free_slot(others: Iterable[Mapping[str, Any]]) -> int | None:
    taken = {other.get("slot") for other in others}
    return next((slot for slot in range(1, SLOTS + 1) if slot not in taken), None)
