"""On which ports scapy looks for Booth."""

from __future__ import annotations

from typing import Final

from scapy.layers.inet import TCP, UDP
from scapy.packet import bind_bottom_up, bind_top_down

from boothlab.packets.header import Booth

PORT: Final = 9929
"""Booth's port, UDP between members and TCP from clients."""


def bind(port: int = PORT) -> None:
    """Let scapy read what comes from or goes to this port as Booth, and send there what is built."""
    for transport in (UDP, TCP):
        bind_bottom_up(transport, Booth, dport=port)
        bind_bottom_up(transport, Booth, sport=port)
    bind_top_down(UDP, Booth, sport=port, dport=port)
    bind_top_down(TCP, Booth, dport=port)
