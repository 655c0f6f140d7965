"""All problems at once: what is wrong in one place hides nothing elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NO_ADDRESS = "is not an IPv4 address; write one such as 192.168.101.100, without a prefix length"
NO_NAME = "is not a lab's name; write lower-case letters, digits and hyphens, at most 31"
OUTSIDE = (
    "192.168.1.9 is outside b (192.168.2.0/24), the network of node b1; "
    "write a free address of b, e.g. 192.168.2.2"
)


def test_an_unknown_key_hides_no_rule(right: str, told: Callable[..., list[str]]) -> None:
    text = right.replace("expire: 120", "expires: 120").replace("granted: A", "granted: C")

    assert told(text) == [
        "lab.yaml:26: tickets.t.expires: is unknown here; write expire",
        "lab.yaml:29: tickets.t.granted: C is an arbitrator, which only votes; write A or B",
    ]


def test_a_faulty_site_does_not_hide_the_mistakes_of_the_next(
    right: str, told: Callable[..., list[str]]
) -> None:
    text = right.replace("    address: 192.168.1.100\n", "").replace("192.168.2.101", "192.168.1.9")

    assert told(text) == [
        "lab.yaml:7: sites[0].address: is missing; write it, e.g. address: 192.168.101.100",
        f"lab.yaml:13: sites[1].nodes.b1: {OUTSIDE}",
    ]


def test_what_a_faulty_part_would_have_named_is_not_told_as_missing(
    right: str, told: Callable[..., list[str]]
) -> None:
    """The ticket is granted to A, and VIP has an address for A: no word about either."""
    text = right.replace("    address: 192.168.1.100", "    address: here")

    assert told(text) == [
        f"lab.yaml:9: sites[0].address: 'here' {NO_ADDRESS}",
    ]


def test_a_wrong_name_of_the_lab_hides_nothing(right: str, told: Callable[..., list[str]]) -> None:
    text = right.replace("name: base", "name: BASE").replace("granted: A", "granted: D")

    assert told(text) == [
        f"lab.yaml:1: name: 'BASE' {NO_NAME}",
        "lab.yaml:29: tickets.t.granted: there is no site 'D'; write A or B",
    ]


def test_without_the_cluster_kind_no_rule_is_guessed_at(right: str, told: Callable[..., list[str]]) -> None:
    text = right.replace("name: base\n", "name: base\ncluster: stand-alone\n").replace(
        "address: 192.168.1.100", "address: 192.168.1.101"
    )

    assert told(text) == ["lab.yaml:2: cluster: 'stand-alone' is unknown; write standalone"]


def test_yaml_problems_and_rules_are_told_together(right: str, told: Callable[..., list[str]]) -> None:
    text = right.replace("granted: A", "granted: D\n    granted: A")

    assert told(text) == [
        "lab.yaml:29: tickets.t.granted: there is no site 'D'; write A or B",
        "lab.yaml:30: tickets.t.granted: stands here a second time, first in line 29; leave one of them out",
    ]


def test_warnings_alone_do_not_refuse_a_topology(right: str, told: Callable[..., list[str]]) -> None:
    text = right.replace("sites:\n", "  d: {subnet: 192.168.4.0/24}\nsites:\n")

    assert told(text) == [
        "lab.yaml:6: warning: networks.d: no member is in this network; put a member into it, or leave it out"
    ]
