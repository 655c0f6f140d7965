"""Packets to try the router's program on."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

A, B, C = "192.168.101.100", "192.168.102.100", "192.168.100.100"


def checksum(data: bytes) -> int:
    """Return the Internet's checksum, added up the slow way; 0 over data that has a right one."""
    total = sum(int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big") for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo(source: str, target: str, protocol: int, length: int) -> bytes:
    return IPv4Address(source).packed + IPv4Address(target).packed + struct.pack("!HH", protocol, length)


def ip(source: str, target: str, protocol: int, body: bytes, *, fragment: int = 0) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 7, fragment, 63, protocol, 0)
    return head + IPv4Address(source).packed + IPv4Address(target).packed + body


def udp(
    payload: bytes,
    source: str = A,
    target: str = B,
    ports: tuple[int, int] = (9929, 9929),
    *,
    summed: bool = True,
) -> bytes:
    body = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
    total = (checksum(pseudo(source, target, 17, len(body)) + body) or 0xFFFF) if summed else 0
    return ip(source, target, 17, body[:6] + total.to_bytes(2, "big") + payload)


def tcp(payload: bytes, source: str = A, target: str = B, ports: tuple[int, int] = (40000, 9929)) -> bytes:
    body = struct.pack("!HHIIBBHHH", *ports, 1, 2, 6 << 4, 0x18, 512, 0, 0) + b"\1\1\1\0" + payload
    total = checksum(pseudo(source, target, 6, len(body)) + body)
    return ip(source, target, 6, body[:16] + total.to_bytes(2, "big") + body[18:])


def booth(letters: str) -> bytes:
    """Return the payload of a Booth message, as far as the router looks at it."""
    return bytes(28) + letters.encode() + bytes(100)


def is_sound(packet: bytes) -> bool:
    """Return whether the transport's checksum is right."""
    body = packet[20:]
    return checksum(packet[12:20] + struct.pack("!HH", packet[9], len(body)) + body) == 0
