"""The files in which the router's program tells of packets: those that it saw, and those that it sent."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

UDP: Final = 17

_FRAME: Final = struct.Struct("!QBBH")
_IP_MIN: Final = 20
_UDP_HEADER: Final = 8


@dataclass(frozen=True)
class Frame:
    """An IP packet where it came into the router, or where it went out or was about to."""

    at_ns: int
    """On the clock that never steps and all of the lab has in common."""
    goes_out: bool
    interface: int
    data: bytes

    @property
    def source(self) -> str:
        """Return the address that it says it comes from."""
        return str(IPv4Address(self.data[12:16]))

    @property
    def target(self) -> str:
        """Return the address that it goes to."""
        return str(IPv4Address(self.data[16:20]))

    @property
    def to_live(self) -> int:
        """Return how many more routers it may pass."""
        return self.data[8]

    @property
    def is_udp(self) -> bool:
        """Return whether it is a datagram with whole headers."""
        return self.data[9] == UDP and len(self.data) >= self._header + _UDP_HEADER

    @cached_property
    def payload(self) -> bytes:
        """Return what UDP carries."""
        begins = self._header + _UDP_HEADER
        length = int.from_bytes(self.data[begins - 4 : begins - 2], "big")
        return self.data[begins : self._header + length]

    @property
    def way(self) -> bytes:
        """Return what stays the same on its way beside the payload: its number, addresses and ports."""
        return self.data[4:6] + self.data[12:20] + self.data[self._header : self._header + 4]

    @property
    def _header(self) -> int:
        return (self.data[0] & 0x0F) * 4


def frames(content: bytes) -> Iterator[Frame]:
    """Yield the frames of the program's file in their order; one that was cut off is left out."""
    at = 0
    while at + _FRAME.size <= len(content):
        at_ns, goes_out, interface, length = _FRAME.unpack_from(content, at)
        at += _FRAME.size
        data = content[at : at + length]
        at += length
        if len(data) == length >= _IP_MIN:
            yield Frame(at_ns, bool(goes_out), interface, data)
