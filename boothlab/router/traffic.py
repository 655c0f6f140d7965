"""Which packets something is about: from where, to where, and of which kind. Pure."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from boothlab.router.packet import TCP, UDP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.router.packet import Packet


class Traffic:
    """Some packets.

    Args:
        data: ``pairs`` (of networks: from, to), ``only`` (all, udp, tcp, or a message's letters)
            and ``port`` (Booth's).
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._pairs = [tuple(_range(network) for network in pair) for pair in data["pairs"]]
        self._only, self._port = str(data["only"]), int(data["port"])

    def __contains__(self, packet: Packet) -> bool:
        return self._is_kind(packet) and self.way(packet) is not None

    def _is_kind(self, packet: Packet) -> bool:
        if self._only == "all":
            return True
        if self._port not in (packet.source_port, packet.target_port):
            return False
        if self._only == "tcp":
            return packet.protocol == TCP
        return packet.protocol == UDP and (self._only == "udp" or packet.command == self._only.encode())

    def way(self, packet: Packet) -> int | None:
        """Return the first address of the network to which a packet goes, or None."""
        for (source, source_end), (target, target_end) in self._pairs:
            if source <= packet.source <= source_end and target <= packet.target <= target_end:
                return target
        return None


def _range(network: str) -> tuple[int, int]:
    parsed = IPv4Network(network)
    return int(parsed.network_address), int(parsed.broadcast_address)
