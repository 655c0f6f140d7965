"""This host's addresses as the kernel lists them."""

from __future__ import annotations

import errno
import socket
import struct
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.daemon import addresses

if TYPE_CHECKING:
    from boothlab.core.config.local_member import Interface

NEW, ERROR, DONE, OTHER = 20, 2, 3, 16


def message(kind: int, body: bytes = b"", flags: int = 2) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body + bytes(-len(body) % 4)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def address(text: str, prefix: int, peer: str | None = None) -> bytes:
    packed = ip_address(text).packed
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    label = attribute(3, b"eth0\0")
    own = attribute(1, ip_address(peer or text).packed) + (attribute(2, packed) if peer else b"")
    return message(NEW, struct.pack("=BBBBI", family, prefix, 0, 0, 1) + label + own)


def take(datagram: bytes) -> tuple[list[Interface], bool]:
    found: list[Interface] = []
    return found, addresses._take(datagram, found)


def test_the_kernel_lists_loopback() -> None:
    assert ("127.0.0.1", 8) in addresses.interface_addresses()


def test_every_listed_address_is_one_of_this_host() -> None:
    for text, prefix in addresses.interface_addresses():
        own = ip_address(text)
        assert 0 < prefix <= own.max_prefixlen
        if not own.is_link_local:  # those need their interface's name as well
            with socket.socket(socket.AF_INET if own.version == 4 else socket.AF_INET6) as probe:
                probe.bind((text, 0))


def test_the_list_may_end_in_the_datagram_of_its_last_address_or_in_one_of_its_own() -> None:
    listed = address("10.0.0.1", 24) + address("fd00::1", 64)

    assert take(listed) == ([("10.0.0.1", 24), ("fd00::1", 64)], False)
    assert take(message(DONE, bytes(4))) == ([], True)
    assert take(listed + message(DONE, bytes(4))) == ([("10.0.0.1", 24), ("fd00::1", 64)], True)


def test_of_a_link_with_two_ends_the_own_one_counts() -> None:
    assert take(address("10.0.0.1", 32, peer="10.0.0.2")) == ([("10.0.0.1", 32)], False)


def test_messages_about_other_things_are_passed_over() -> None:
    assert take(message(OTHER, bytes(20)) + address("10.0.0.1", 24)) == ([("10.0.0.1", 24)], False)


def test_a_refusal_of_the_kernel_is_an_error() -> None:
    with pytest.raises(OSError, match="does not list") as caught:
        take(message(ERROR, struct.pack("=i", -errno.EPERM) + bytes(16)))

    assert caught.value.errno == errno.EPERM


def test_a_list_that_changed_meanwhile_is_an_error_that_leads_to_another_try() -> None:
    with pytest.raises(addresses._ChangedMeanwhileError):
        take(message(DONE, bytes(4), flags=0x12))


@given(st.binary(max_size=200))
def test_no_datagram_leads_to_anything_but_addresses_or_an_os_error(datagram: bytes) -> None:
    with suppress(OSError):
        take(datagram)
        take(message(NEW, datagram))
