"""What netem shall do, in tc's words."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from boothlab.router.kernel import KernelRefusedError
from boothlab.router.leaves import Leaf, filter_lines, leaves, root_lines

A, B, C = "192.168.101.0/24", "192.168.102.0/24", "192.168.100.0/24"
NETWORKS = {IPv4Network(A): "eth0", IPv4Network(B): "eth1", IPv4Network(C): "eth2"}
RATE = {"do": "rate", "kbit_s": 400, "queue_ms": 200}


def rule(*pairs: tuple[str, str], effect: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "id": "loss-1",
        "slot": 1,
        "seed": 1,
        "pairs": [list(pair) for pair in pairs or [(A, B)]],
        "only": "all",
        "port": 9929,
        "effect": effect or {"do": "loss", "percent": 30},
        **changes,
    }


def leaf(*pairs: tuple[str, str], **changes: Any) -> Leaf:  # noqa: ANN401
    (found,) = leaves([rule(*pairs, **changes)], NETWORKS)
    return found


def test_packets_are_caught_where_they_leave_towards_their_target() -> None:
    found = leaves([rule((A, B), (A, C), (C, B))], NETWORKS)

    assert {each.device: each.pairs for each in found} == {"eth1": ((A, B), (C, B)), "eth2": ((A, C),)}


def test_a_network_that_the_router_is_not_in_is_refused() -> None:
    with pytest.raises(KernelRefusedError, match=r"10\.0\.0\.0/24"):
        leaves([rule((A, "10.0.0.0/24"))], NETWORKS)


def test_members_that_share_a_network_have_no_rate_each() -> None:
    shared = ((A, "192.168.102.100/32"), (A, "192.168.102.50/32"))

    assert len(leaves([rule(*shared)], NETWORKS)) == 1
    with pytest.raises(KernelRefusedError, match="eth1"):
        leaves([rule(*shared, effect=RATE)], NETWORKS)


def test_chances_come_from_the_seed_what_the_fault_is_and_where_it_acts() -> None:
    same = leaf().seed

    assert leaf(id="loss-2", slot=5).seed == same
    assert len({same, leaf(seed=2).seed, leaf(only="udp").seed, leaf((C, B)).seed}) == 4
    assert 0 <= same < 2**64


@pytest.mark.parametrize(
    ("effect", "held_s"),
    [
        ({"do": "loss", "percent": 30}, 0),
        ({"do": "delay", "delay_ms": 100, "jitter_ms": 40}, 0.14),
        ({"do": "reorder", "percent": 30, "by_ms": 60}, 0.06),
        (RATE, 0.2 + 1514 * 8 / 400_000),
    ],
)
def test_how_long_a_packet_may_wait(effect: dict[str, Any], held_s: float) -> None:
    assert leaf(effect=effect).held_s == pytest.approx(held_s)


def test_the_first_band_passes_what_no_fault_is_about() -> None:
    prio, rest = root_lines("eth1")

    assert prio == f"qdisc add dev eth1 root handle b0: prio bands 16 priomap{' 0' * 16}"
    assert rest.startswith("qdisc add dev eth1 parent b0:1 pfifo")


def test_all_packets_between_two_networks_are_led_to_the_faults_band() -> None:
    (line,) = filter_lines(leaf(slot=3), police=1)

    assert line.startswith("filter add dev eth1 parent b0: protocol ip pref 3 u32 ")
    assert line.endswith(f"match ip src {A} match ip dst {B} classid b0:4")


@pytest.mark.parametrize(("only", "number"), [("udp", 17), ("tcp", 6)])
def test_booths_port_may_be_on_either_side(only: str, number: int) -> None:
    lines = filter_lines(leaf(only=only), police=1)

    assert [line.split("at 6 ")[1] for line in lines] == [
        f"match ip {side} 9929 0xffff classid b0:2" for side in ("dport", "sport")
    ]
    assert all(f"match ip protocol {number} 0xff match u16 0 0x1fff" in line for line in lines)


def test_a_queue_holds_as_much_as_may_wait_and_a_message_more() -> None:
    (line,) = filter_lines(leaf(effect=RATE), police=0x301)

    assert "police rate 400kbit burst 10150b" in line  # 10 000 bytes in 200 ms
    assert line.endswith("conform-exceed drop/ok index 769")
