"""An IPv4 packet, as far as faults look into it. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

TCP: Final = 6
UDP: Final = 17

HOPS: Final = 64
"""How many routers a packet may pass that is sent here; one that is passed on here has fewer left."""

_HOPS_AT: Final = 8
_IP_MIN: Final = 20
_FRAGMENT: Final = 0x1FFF
_UDP_HEADER: Final = 8
_TCP_MIN: Final = 20
_COMMAND_AT: Final = 28
"""Where Booth's header says what the message is: four letters (booth-protocol, header)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """What is known of a packet; ports and payload only of UDP and TCP that is no later fragment."""

    data: bytes
    source: int
    target: int
    protocol: int
    source_port: int = 0
    target_port: int = 0
    payload_at: int = 0
    """Where UDP's or TCP's payload begins; 0 when that is not known."""

    @property
    def was_passed_on(self) -> bool:
        """Return whether it came from elsewhere, and was not sent by this router."""
        return self.data[_HOPS_AT] < HOPS

    @property
    def command(self) -> bytes:
        """The four letters that say which Booth message it is; cut short when the packet is."""
        at = self.payload_at + _COMMAND_AT
        return self.data[at : at + 4] if self.payload_at else b""


def parse(data: bytes) -> Packet:
    """Return what is known of a packet; of one that is damaged, that it has no protocol."""
    if len(data) < _IP_MIN or data[0] >> 4 != 4:  # noqa: PLR2004 - the version
        return Packet(data, 0, 0, 0)
    header = (data[0] & 0x0F) * 4
    fragment, protocol = int.from_bytes(data[6:8], "big") & _FRAGMENT, data[9]
    source, target = struct.unpack_from("!II", data, 12)
    begins = _payload_at(data, header, protocol) if not fragment else 0
    if not begins:
        return Packet(data, source, target, protocol)
    source_port, target_port = struct.unpack_from("!HH", data, header)
    return Packet(data, source, target, protocol, source_port, target_port, begins)


def _payload_at(data: bytes, header: int, protocol: int) -> int:
    """Return where the payload begins, or 0 when there is no whole header before it."""
    if protocol == UDP and len(data) >= header + _UDP_HEADER:
        return header + _UDP_HEADER
    if protocol == TCP and len(data) >= header + _TCP_MIN:
        return header + (data[header + 12] >> 4) * 4
    return 0


def flip(packet: Packet, bit: int) -> bytes:
    """Return the packet with one bit of its payload wrong and the checksum right again.

    Args:
        packet: one with a payload.
        bit: which, counted from the payload's first.
    """
    data = bytearray(packet.data)
    data[packet.payload_at + bit // 8] ^= 1 << bit % 8
    header = (data[0] & 0x0F) * 4
    field = header + (6 if packet.protocol == UDP else 16)
    if packet.protocol == UDP and data[field : field + 2] == b"\0\0":
        return bytes(data)  # UDP's way to say that there is no checksum
    data[field : field + 2] = b"\0\0"
    pseudo = data[12:20] + struct.pack("!HH", packet.protocol, len(data) - header)
    checksum = _checksum(bytes(pseudo + data[header:]))
    if packet.protocol == UDP and not checksum:
        checksum = 0xFFFF
    data[field : field + 2] = checksum.to_bytes(2, "big")
    return bytes(data)


def datagram(source: str, target: str, ports: tuple[int, int], payload: bytes) -> bytes:
    """Return a UDP packet; the kernel fills in what it leaves open of IP's header.

    Args:
        source: the address that it says it comes from.
        target: the address that it goes to.
        ports: source and target.
        payload: what it carries.
    """
    addresses = IPv4Address(source).packed + IPv4Address(target).packed
    length = _UDP_HEADER + len(payload)
    head = struct.pack("!BBHHHBBH", 0x45, 0, _IP_MIN + length, 0, 0, HOPS, UDP, 0) + addresses
    pseudo = addresses + struct.pack("!HH", UDP, length)
    transport = struct.pack("!HHHH", *ports, length, 0)
    checksum = _checksum(pseudo + transport + payload) or 0xFFFF
    return head + transport[:-2] + checksum.to_bytes(2, "big") + payload


def _checksum(data: bytes) -> int:
    """Return the Internet's checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
