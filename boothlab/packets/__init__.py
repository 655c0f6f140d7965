"""Booth's packets for scapy: ``from boothlab.packets import Booth``, in its shell or in a program.

Needs scapy: ``pip install boothlab[packets]``. Importing this binds Booth's port, 9929.
"""

from boothlab.packets.binding import PORT, bind
from boothlab.packets.bodies import BoothAttribute, BoothHMAC, BoothText, BoothTicket
from boothlab.packets.capture import Spoken, read_capture
from boothlab.packets.fields import know
from boothlab.packets.forge import (
    FLOOD_MAX,
    flood,
    replayed,
    signed,
    truncated,
    unsigned,
    with_hash_id,
    with_sender,
    with_term,
    with_ticket,
)
from boothlab.packets.header import Booth, is_signed_with

__all__ = [
    "FLOOD_MAX",
    "PORT",
    "Booth",
    "BoothAttribute",
    "BoothHMAC",
    "BoothText",
    "BoothTicket",
    "Spoken",
    "bind",
    "flood",
    "is_signed_with",
    "know",
    "read_capture",
    "replayed",
    "signed",
    "truncated",
    "unsigned",
    "with_hash_id",
    "with_sender",
    "with_term",
    "with_ticket",
]

bind()
