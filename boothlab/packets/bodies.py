"""What stands behind the header: a ticket, an attribute, a text, and the signature."""

from __future__ import annotations

from typing import ClassVar, Final

from scapy.config import conf
from scapy.fields import IntField, StrField, StrFixedLenField
from scapy.packet import Packet

from boothlab.core import auth, wire
from boothlab.core.codes import NO_ONE
from boothlab.packets.fields import KeyField, MemberField, TextField

_NAME_SIZE: Final = 64
_VALUE_SIZE: Final = 128
_DIGEST_SIZE: Final = 20
_SHA1: Final = 2

TICKET_BODY: Final = wire.TICKET_SIZE - wire.HEADER_SIZE
ATTRIBUTE_BODY: Final = wire.ATTRIBUTE_SIZE - wire.HEADER_SIZE


class _Body(Packet):
    """A part of a message; the summary is the header's."""

    show_summary = False

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """Return what follows: a signature, if it is as long as one."""
        return BoothHMAC if len(payload) == auth.HMAC_SIZE else _raw()


class BoothTicket(_Body):
    """The body of a message about a ticket."""

    name = "Booth ticket"
    fields_desc: ClassVar = [
        TextField("ticket", b"", _NAME_SIZE),
        MemberField("leader", NO_ONE),
        IntField("term", 0),
        IntField("valid", 0),
    ]


class BoothAttribute(_Body):
    """The body of a client's request about an attribute of a ticket."""

    name = "Booth attribute"
    fields_desc: ClassVar = [
        TextField("ticket", b"", _NAME_SIZE),
        TextField("attribute", b"", _NAME_SIZE),
        TextField("value", b"", _VALUE_SIZE),
    ]


class BoothText(Packet):
    """The text of a daemon's answer. It is not signed."""

    name = "Booth text"
    show_summary = False
    fields_desc: ClassVar = [StrField("text", b"")]

    def lines(self) -> list[str]:
        """Return the text line by line."""
        return bytes(self.text).decode(errors="replace").splitlines()


class BoothHMAC(Packet):
    """The signature of all that stands before it.

    With a ``key`` it is made when the packet is built; with a ``digest`` it is that.
    """

    name = "Booth HMAC"
    show_summary = False
    fields_desc: ClassVar = [
        IntField("hash_id", _SHA1),
        StrFixedLenField("digest", None, _DIGEST_SIZE),
        StrFixedLenField("padding", b"\0" * 4, 4),
        KeyField("key"),
    ]

    def guess_payload_class(self, payload: bytes) -> type[Packet]:  # noqa: ARG002 - scapy's
        """Return what follows: an answer's text, or nothing that Booth knows."""
        header_only = self.underlayer is not None and self.underlayer.name == "Booth"
        return BoothText if header_only else _raw()


def _raw() -> type[Packet]:
    found: type[Packet] = conf.raw_layer
    return found
