"""What a topology answers about itself."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from pydantic import ValidationError

from boothlab.engine.topology.model import Arbitrator, Network, Resource, Site, Ticket, duration_ms


@pytest.mark.parametrize(("written", "expected_ms"), [(5, 5000), ("5", 5000), ("500ms", 500), (0, 0)])
def test_durations_are_seconds_unless_they_say_milliseconds(written: int | str, expected_ms: int) -> None:
    assert duration_ms(written) == expected_ms


@pytest.mark.parametrize("written", ["5s", "", "-1", "1.5", "5 ms", "\N{ARABIC-INDIC DIGIT FIVE}"])
def test_other_durations_are_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(ValueError, match=r"write whole seconds \(5\) or milliseconds \(500ms\)"):
        duration_ms(written)


def test_the_router_has_the_last_address_unless_told_otherwise() -> None:
    subnet = IPv4Network("192.168.101.0/24")

    assert Network(subnet=subnet).gateway == IPv4Address("192.168.101.254")
    assert Network(subnet=subnet, router=IPv4Address("192.168.101.9")).gateway == IPv4Address("192.168.101.9")


def test_names_that_are_left_out_follow_from_the_members() -> None:
    site = Site(name="A", network="n", address=IPv4Address("10.0.0.1"), nodes={"a": IPv4Address("10.0.0.2")})
    arbitrator = Arbitrator(name="C", network="n", address=IPv4Address("10.0.0.3"))

    assert site.cluster_name == "clusterA"
    assert arbitrator.node_name == "C"


def test_parameters_are_text_and_those_of_the_site() -> None:
    vip = Resource(
        name="VIP",
        agent="ocf:heartbeat:IPaddr2",
        parameters={"ip": {"A": "10.0.0.1", "B": "10.0.1.1"}, "n": 24},
    )

    assert vip.parameters_at("B") == {"ip": "10.0.1.1", "n": "24"}


def test_booth_options_are_those_that_were_written_under_booths_names() -> None:
    ticket = Ticket(
        acquire_after="500ms", retries=10, weights=None, granted="A", attr_prereq=("auto a eq b",)
    )

    assert ticket.booth_options() == {"acquire-after": "500ms", "retries": 10}


@pytest.mark.parametrize(
    ("ticket", "expected_ms"),
    [(Ticket(), 300_000), (Ticket(expire="2001ms"), 1000), (Ticket(expire=20, renewal_freq=5), 5000)],
)
def test_leases_are_renewed_at_half_time_unless_told_otherwise(ticket: Ticket, expected_ms: int) -> None:
    assert ticket.renewal_ms == expected_ms


def test_a_topology_cannot_be_changed_once_it_is_checked() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Ticket().expire = 5  # type: ignore[misc]
