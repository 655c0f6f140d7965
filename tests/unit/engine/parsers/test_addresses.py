"""Addresses of a node."""

from __future__ import annotations

from boothlab.engine.parsers.addresses import parse_addresses


def test_virtual_addresses_count_as_the_nodes_own() -> None:
    text = (
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
        "24: eth0    inet 192.168.101.102/24 scope global eth0\\       valid_lft 9sec\n"
        "24: eth0    inet 192.168.101.100/24 scope global secondary eth0\\       valid_lft forever\n"
        "25: tun0    inet 10.0.0.1 peer 10.0.0.2/32 scope global tun0\n"
    )

    assert parse_addresses(text) == {"127.0.0.1", "192.168.101.102", "192.168.101.100", "10.0.0.1"}


def test_no_output_means_no_address() -> None:
    assert parse_addresses("") == frozenset()
