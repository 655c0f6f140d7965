"""Whether netem or the program carries a fault out."""

from __future__ import annotations

from typing import Any

import pytest
from unit.router.packets import A, B, C

from boothlab.router.choice import UnfitError, by_chance, overlap, ways
from boothlab.router.leaves import SLOTS

NET = {A: "192.168.101.0/24", B: "192.168.102.0/24", C: "192.168.100.0/24"}
ABLE = {"reason": None, "seeded": True}
OLD = {"reason": None, "seeded": False}
NONE = {"reason": "Specified qdisc kind is unknown.", "seeded": False}
BOTH = ["netem", "userspace"]
STEADY = {"do": "delay", "delay_ms": 20, "jitter_ms": 0}
CHANCE = {"do": "loss", "percent": 30}


def rules(
    *directions: tuple[str, str], only: str = "all", effect: dict[str, Any] = CHANCE
) -> list[dict[str, Any]]:
    pairs = [[NET.get(source, source), NET.get(target, target)] for source, target in directions or [(A, B)]]
    return [{"seed": 7, "pairs": pairs, "only": only, "port": 9929, "effect": effect}]


def asked(effect: dict[str, Any] = CHANCE, backends: list[str] = BOTH) -> dict[str, Any]:
    return {"backends": backends, "seed": 7, "rules": rules(effect=effect)}


def applied(slot: int, *directions: tuple[str, str]) -> dict[str, Any]:
    return {"id": f"loss-{slot}", "backend": "netem", "slot": slot, "rules": rules(*directions)}


def backends(*arguments: Any) -> list[str]:  # noqa: ANN401
    return [way["backend"] for way in ways(*arguments)]


@pytest.mark.parametrize(
    ("effect", "kernel", "expected"),
    [
        (CHANCE, ABLE, BOTH),
        (STEADY, ABLE, BOTH),
        (CHANCE, OLD, ["userspace"]),
        (STEADY, OLD, BOTH),
        (STEADY, NONE, ["userspace"]),
    ],
)
def test_netem_is_preferred_where_its_chances_come_from_the_seed(
    effect: dict[str, Any], kernel: dict[str, Any], expected: list[str]
) -> None:
    assert backends(asked(effect), [], kernel) == expected


def test_what_only_one_backend_does_is_that_ones_business() -> None:
    assert ways(asked(backends=["node"]), [], {}) == [{"backend": "node"}]
    assert ways(asked(backends=["userspace"]), [], ABLE) == [{"backend": "userspace"}]


def test_who_insists_on_netem_gets_it_without_a_seed_and_is_told() -> None:
    assert ways(asked(backends=["netem"]), [], ABLE) == [{"backend": "netem", "slot": 1, "seed": 7}]
    assert ways(asked(backends=["netem"]), [], OLD) == [{"backend": "netem", "slot": 1, "seed": None}]
    assert ways(asked(STEADY, ["netem"]), [], OLD) == [{"backend": "netem", "slot": 1, "seed": 7}]
    with pytest.raises(UnfitError, match="kind is unknown"):
        ways(asked(backends=["netem"]), [], NONE)


def test_two_faults_of_the_same_packets_are_not_both_netems() -> None:
    assert backends(asked(), [applied(1)], ABLE) == ["userspace"]
    assert backends(asked(), [{**applied(1), "backend": "userspace"}], ABLE) == BOTH
    with pytest.raises(UnfitError, match="loss-1"):
        ways(asked(backends=["netem"]), [applied(1)], ABLE)


def test_a_slot_that_is_free_is_taken() -> None:
    there = [applied(1, (B, A)), applied(3, (A, C))]

    assert ways(asked(), there, ABLE)[0]["slot"] == 2
    full = [applied(slot, (B, A)) for slot in range(1, SLOTS + 1)]
    assert backends(asked(), full, ABLE) == ["userspace"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (rules((A, B)), rules((A, B)), True),
        (rules((A, B)), rules((B, A)), False),
        (rules((A, B), (A, C)), rules((C, B), (A, C)), True),
        (rules((A, B)), rules(("192.168.101.100/32", B)), True),
        (rules(("192.168.101.101/32", B)), rules(("192.168.101.100/32", B)), False),
        (rules(only="udp"), rules(only="tcp"), False),
        (rules(only="udp"), rules(only="udp"), True),
        (rules(only="udp"), rules(only="all"), True),
        (rules(only="udp"), rules(only="HrtB"), True),
        (rules(only="tcp"), rules(only="HrtB"), False),
    ],
)
def test_faults_overlap_when_a_packet_can_be_of_both(
    one: list[dict[str, Any]], other: list[dict[str, Any]], expected: bool
) -> None:
    assert overlap(one, other) is overlap(other, one) is expected


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (CHANCE, True),
        ({"do": "loss", "percent": 100}, False),
        (STEADY, False),
        ({**STEADY, "jitter_ms": 1}, True),
        ({"do": "reorder", "percent": 5, "by_ms": 5}, True),
        ({"do": "rate", "kbit_s": 64, "queue_ms": 1000}, False),
    ],
)
def test_what_is_left_to_chance(effect: dict[str, Any], expected: bool) -> None:
    assert by_chance(rules(effect=effect)) is expected
