"""Faults of the network as rules for the router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.topology.load import load
from boothlab.faults import wires
from boothlab.faults.places import networks
from boothlab.nemesis.vocabulary import parse_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.nemesis.network import NetworkFault

TOPOLOGY = load("three-site-fast").topology
A, B, C = "192.168.101.0/24", "192.168.102.0/24", "192.168.100.0/24"


def fault(words: str) -> NetworkFault:
    found: NetworkFault = parse_words(words.split())  # type: ignore[assignment]
    return found


def directions(words: str) -> set[str]:
    def resolved(targets: Sequence[str]) -> list[str]:
        return ["B" if target == "leader" else target for target in targets]

    return {f"{one}{other}" for one, other in wires.directions(TOPOLOGY, fault(words), resolved)}


@pytest.mark.parametrize(
    ("words", "ways"),
    [
        ("loss percent=1", {"AB", "BA", "AC", "CA", "BC", "CB"}),
        ("loss percent=1 from=A", {"AB", "AC"}),
        ("loss percent=1 to=A", {"BA", "CA"}),
        ("loss percent=1 from=A,B to=B,C", {"AB", "AC", "BC"}),
        ("loss percent=1 from=leader to=A", {"BA"}),
        ("one-way from=A to=B", {"AB"}),
        ("partition members=leader", {"AB", "BA", "BC", "CB"}),
        ("partition shape=halves members=A,C", {"AB", "BA", "BC", "CB"}),
        ("partition shape=bridge members=C", {"AB", "BA"}),
        ("partition shape=majorities-ring", {"CA", "AB", "BC"}),
        ("loss percent=1 from=A to=A", set()),
    ],
)
def test_a_fault_is_about_these_directions(words: str, ways: set[str]) -> None:
    assert directions(words) == ways


def test_a_members_network_is_meant_as_a_whole_virtual_addresses_included() -> None:
    (rule,) = wires.rules(TOPOLOGY, fault("delay from=A delay_ms=50"), [("A", "B"), ("A", "C")], seed=9)

    assert rule == {
        "seed": 9,
        "pairs": [[A, B], [A, C]],
        "only": "all",
        "port": 9929,
        "effect": {"do": "delay", "delay_ms": 50, "jitter_ms": 0},
    }


def test_members_that_share_a_network_are_told_apart_by_their_addresses() -> None:
    """Between them nothing passes the router."""
    shared = TOPOLOGY.model_copy(
        update={
            "arbitrators": tuple(
                each.model_copy(
                    update={"network": "site-b", "address": TOPOLOGY.networks["site-b"].subnet[50]}
                )
                for each in TOPOLOGY.arbitrators
            )
        }
    )
    pairs = wires.directions(shared, fault("loss percent=1"), list)

    assert networks(shared, "C") == ("192.168.102.50/32",)
    assert networks(shared, "B") == ("192.168.102.100/32", "192.168.102.101/32", "192.168.102.102/32")
    assert set(pairs) == {("A", "B"), ("B", "A"), ("A", "C"), ("C", "A")}


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("partition members=A only=udp", {"do": "drop"}),
        ("one-way from=A", {"do": "drop"}),
        ("loss percent=30", {"do": "loss", "percent": 30.0}),
        ("reorder percent=30 by_ms=7", {"do": "reorder", "percent": 30.0, "by_ms": 7}),
        ("rate kbit_s=64", {"do": "rate", "kbit_s": 64, "queue_ms": 1000}),
        ("flap down_ms=1 up_ms=2", {"do": "flap", "down_ms": 1, "up_ms": 2}),
    ],
)
def test_what_the_router_shall_do(words: str, effect: dict[str, object]) -> None:
    (rule,) = wires.rules(TOPOLOGY, fault(words), [("A", "B")], seed=0)

    assert rule["effect"] == effect


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("partition members=A", ("nftables",)),
        ("one-way from=A", ("nftables",)),
        ("loss percent=30", ("netem", "userspace")),
        ("duplicate percent=30 only=udp", ("netem", "userspace")),
        ("reorder percent=30 only=tcp", ("netem", "userspace")),
        ("delay delay_ms=20 jitter_ms=5", ("netem", "userspace")),
        ("rate kbit_s=64", ("netem", "userspace")),
        ("loss percent=30 only=HrtB", ("userspace",)),
        ("corrupt percent=30", ("userspace",)),
        ("flap down_ms=1 up_ms=2", ("userspace",)),
        ("delay delay_ms=5000 jitter_ms=3000", ("userspace",)),
        ("delay delay_ms=10001", ("userspace",)),
        ("rate kbit_s=64 queue_ms=60000", ("userspace",)),
        ("rate kbit_s=8 queue_ms=100", ("userspace",)),
    ],
)
def test_what_can_carry_a_fault_out(words: str, expected: tuple[str, ...]) -> None:
    assert wires.backends(fault(words)) == expected


@pytest.mark.parametrize(
    ("words", "backend", "reason"),
    [
        ("loss percent=30", "netem", None),
        ("corrupt percent=30", "userspace", None),
        ("corrupt percent=30", "netem", "checksums"),
        ("loss percent=30 only=HrtB", "netem", "messages"),
        ("partition members=A", "netem", "nftables"),
        ("partition members=A", "userspace", "nftables"),
        ("loss percent=30", "ebtables", "netem, userspace"),
        ("pause-booth at=A", "userspace", "of the network only"),
    ],
)
def test_a_backend_may_be_asked_for_if_it_can_do_it(words: str, backend: str, reason: str | None) -> None:
    told = wires.reason_against(fault(words), backend)

    assert told is None if reason is None else reason in (told or "")
