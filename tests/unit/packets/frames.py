"""Frames made of the recorded packets of ClusterLabs booth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from unit.recordings import packets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scapy.packet import Packet
    from unit.recordings import Json


def frames(recording: Json) -> Iterator[Packet]:
    """Yield the frames that a capture of a recording would hold."""
    sent: dict[tuple[str, str], int] = {}
    for each in packets(recording):
        data = bytes.fromhex(each["hex"] + each.get("trailing_hex_beyond_length", ""))
        source, destination = each["src"], each["dst"]
        (from_host, from_port), (to_host, to_port) = _end(source), _end(destination)
        if each["transport"] == "udp":
            transport: Packet = UDP(sport=from_port, dport=to_port)
        else:
            seq = sent.get((source, destination), 1000)
            transport = TCP(sport=from_port, dport=to_port, seq=seq, flags="PA")
            sent[source, destination] = seq + len(data)
        network = IPv6 if ":" in from_host else IP
        frame = Ether(bytes(framed() / network(src=from_host, dst=to_host) / transport / data))
        frame.time = recording["t0_unix"] + each["t"]
        yield frame


def framed() -> Packet:
    """Return a frame's head. With both ends named scapy does not look for them on the network."""
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def _end(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
