"""What the router's program sees in a packet, and how it damages one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.router import packets
from unit.router.packets import booth, is_sound, tcp, udp

from boothlab.router.packet import TCP, UDP, flip, parse


def test_a_booth_message_is_recognised_by_its_letters() -> None:
    packet = parse(udp(booth("VtFr")))

    assert (packet.protocol, packet.source_port, packet.target_port) == (UDP, 9929, 9929)
    assert packet.command == b"VtFr"


def test_tcp_payload_begins_behind_the_options() -> None:
    packet = parse(tcp(b"hello"))

    assert packet.protocol == TCP
    assert packet.data[packet.payload_at :] == b"hello"


def test_a_later_fragment_has_no_ports() -> None:
    packet = parse(packets.ip(packets.A, packets.B, UDP, bytes(64), fragment=10))

    assert (packet.source_port, packet.target_port, packet.payload_at) == (0, 0, 0)


@given(st.binary(max_size=80))
def test_no_bytes_are_too_strange_to_be_looked_at(data: bytes) -> None:
    assert parse(data).data == data
    assert parse(b"\x45" + data).command is not None


@pytest.mark.parametrize("make", [udp, tcp])
@given(st.binary(min_size=1, max_size=300), st.data())
def test_one_bit_of_the_payload_is_flipped_and_the_checksum_is_right(
    make: object, payload: bytes, data: st.DataObject
) -> None:
    assert callable(make)
    original = make(payload)
    bit = data.draw(st.integers(0, len(payload) * 8 - 1))
    damaged = flip(parse(original), bit)
    before, after = original[-len(payload) :], damaged[-len(payload) :]

    assert is_sound(original)
    assert is_sound(damaged)
    assert (int.from_bytes(before, "big") ^ int.from_bytes(after, "big")).bit_count() == 1


def test_udp_without_a_checksum_stays_without_one() -> None:
    damaged = flip(parse(udp(b"x", summed=False)), 0)

    assert damaged[26:28] == b"\0\0"
