"""The Booth layer: its header, what follows it, which packets answer which, and a line that says so."""

from __future__ import annotations

import struct
import time
from typing import Any, ClassVar, Final

from scapy.config import conf
from scapy.fields import IntField, XIntField
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet

from boothlab.core import auth, wire
from boothlab.core.clock import US_PER_S
from boothlab.core.codes import (
    ATTRIBUTE_COMMANDS,
    CLIENT_COMMANDS,
    MAGIC,
    OPTS_AUTHENTICATED,
    VERSION,
    Command,
    Reason,
    Result,
    code_text,
)
from boothlab.packets.bodies import (
    ATTRIBUTE_BODY,
    TICKET_BODY,
    BoothAttribute,
    BoothHMAC,
    BoothText,
    BoothTicket,
)
from boothlab.packets.fields import CodeField, MemberField, OptionsField, member_text

_MAGIC_AT: Final = 12
_LENGTH_AT: Final = 24
_SHA1: Final = b"\0\0\0\2"
_NAME_SIZE: Final = 64

_TEXT_ANSWERS: Final = {
    Command.LIST: Command.LIST_REPLY,
    Command.PEERS: Command.LIST_REPLY,
    Command.ATTR_GET: Command.ATTR_GET,
    Command.ATTR_LIST: Command.ATTR_LIST,
}


class Booth(Packet):
    """A message of Booth.

    ``length``, and of a signed one ``opts``, ``secs``, ``usecs`` and the digest, are filled in
    when it is built, unless they are given.
    """

    name = "Booth"
    fields_desc: ClassVar = [
        XIntField("opts", None),
        IntField("secs", None),
        IntField("usecs", None),
        XIntField("magic", MAGIC),
        XIntField("version", VERSION),
        MemberField("sender", 0),
        IntField("length", None),
        CodeField("cmd", Command.STATUS, Command),
        CodeField("request", 0, Command),
        OptionsField("options", 0),
        CodeField("reason", 0, Reason),
        CodeField("result", 0, Result),
    ]

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *_args: Any, **_fields: Any) -> type[Packet]:  # noqa: ANN401 - scapy's
        """Return what these bytes are: not everything on Booth's port is Booth's."""
        raw: type[Packet] = conf.raw_layer
        return raw if _pkt and not is_message(bytes(_pkt)) else cls

    @classmethod
    def tcp_reassemble(
        cls,
        data: bytes,
        _metadata: dict[str, Any],
        _session: dict[str, Any],
    ) -> Packet | None:
        """Return the first message of a stream, once it is complete; for scapy's ``TCPSession``."""
        if len(data) < wire.HEADER_SIZE:
            return None
        return cls(data) if not is_message(data) or len(data) >= length_of(data) else None

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Return what belongs to this message, and what follows it on the stream."""
        size = (self.length or 0) - wire.HEADER_SIZE
        return (s[:size], s[size:]) if size >= 0 else (s, None)

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """Return the body's kind, from the command, or the size where that is not clear."""
        raw: type[Packet] = conf.raw_layer
        if self.cmd == Command.LIST_REPLY or _is_attributes_text(self.cmd, payload):
            return BoothHMAC if self._is_signed(payload) else BoothText
        if len(payload) == auth.HMAC_SIZE:
            return BoothHMAC
        if self.cmd in ATTRIBUTE_COMMANDS:
            return BoothAttribute if len(payload) >= ATTRIBUTE_BODY else raw
        return BoothTicket if len(payload) >= TICKET_BODY else raw

    def _is_signed(self, payload: bytes) -> bool:
        """Return whether a signature stands before an answer's text."""
        says_so = bool(self.opts & OPTS_AUTHENTICATED) or payload.startswith(_SHA1)
        return says_so and len(payload) >= auth.HMAC_SIZE

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Return the message with its length, its stamp and its signature."""
        signature = self.getlayer(BoothHMAC)
        head = self._filled(pkt, len(pay), signed=signature is not None)
        if signature is None or signature.key is None or signature.digest is not None:
            return head + pay
        at = len(pay) - auth.HMAC_SIZE - len(signature.payload)
        digest_at = at + len(_SHA1)
        digest = auth.sign(head + pay[:at], signature.key)[len(_SHA1) : -len(_SHA1)]
        return head + pay[:digest_at] + digest + pay[digest_at + len(digest) :]

    def _filled(self, header: bytes, body_size: int, *, signed: bool) -> bytes:
        """Return the header with what was left open: opts, secs, usecs, length."""
        secs, usecs = divmod(time.time_ns() // 1000, US_PER_S) if signed else (0, 0)
        length = len(header) + body_size
        first = zip(
            (OPTS_AUTHENTICATED * signed, secs, usecs), (self.opts, self.secs, self.usecs), strict=True
        )
        start = struct.pack("!3I", *(default if given is None else given for default, given in first))
        end = struct.pack("!I", length if self.length is None else self.length)
        return start + header[_MAGIC_AT:_LENGTH_AT] + end + header[_LENGTH_AT + len(end) :]

    def answers(self, other: Packet) -> int:
        """Return whether this message answers another one: 1 or 0."""
        if not isinstance(other, Booth) or not self._fits(other):
            return 0
        mine, asked = self.ticket_name(), other.ticket_name()
        return int(mine is None or mine == asked)

    def _fits(self, other: Booth) -> bool:
        if other.cmd not in CLIENT_COMMANDS:
            return bool(self.request == other.cmd and self.sender != other.sender)
        is_text = self.cmd == _TEXT_ANSWERS.get(other.cmd) and BoothAttribute not in self
        return bool(self.cmd == Command.RESULT or is_text)

    def ticket_name(self) -> str | bytes | None:
        """Return the name of the ticket that this is about; None without a body that has one."""
        body = self.payload
        found: str | bytes | None = body.ticket if isinstance(body, BoothTicket | BoothAttribute) else None
        return found

    def mysummary(self) -> tuple[str, list[type[Packet]]]:  # type: ignore[override] # scapy takes both
        """Return the message in one line."""
        return _line(self), [UDP, TCP]


def is_message(data: bytes) -> bool:
    """Return whether these bytes begin with a header of Booth."""
    return len(data) >= wire.HEADER_SIZE and data[_MAGIC_AT:].startswith(MAGIC.to_bytes(4, "big"))


def length_of(data: bytes) -> int:
    """Return the length in bytes that a message claims; at least that of its header."""
    return max(int.from_bytes(data[_LENGTH_AT : _LENGTH_AT + 4], "big"), wire.HEADER_SIZE)


def is_signed_with(packet: Packet, key: bytes) -> bool:
    """Return whether a packet's Booth message is signed with this key."""
    message = packet[Booth]
    signature = message.getlayer(BoothHMAC)
    if signature is None:
        return False
    data = bytes(message)[: message.length]
    try:
        auth.verify(data, key, at=len(data) - auth.HMAC_SIZE - len(signature.payload))
    except auth.AuthError:
        return False
    return True


def _is_attributes_text(command: int, payload: bytes) -> bool:
    """Return whether this answers about attributes; its command is that of the request.

    A request has zeros behind its ticket's name, and no text has any; the signature that
    stands before a text begins with its hash's number.
    """
    if command not in {Command.ATTR_GET, Command.ATTR_LIST}:
        return False
    is_request = b"\0" in payload[:_NAME_SIZE] and not payload.startswith(_SHA1)
    return not is_request or len(payload) not in {ATTRIBUTE_BODY, ATTRIBUTE_BODY + auth.HMAC_SIZE}


def _line(message: Booth) -> str:
    """Return ``HrtB ticketA leader 192.168.101.100 term 3 valid 599``."""
    words = [code_text(message.cmd)]
    if message.request:
        words += ["to", code_text(message.request)]
    name = message.ticket_name()
    if name:
        words.append(str(name))
    body = message.payload
    if isinstance(body, BoothTicket) and message.cmd not in CLIENT_COMMANDS:
        leader = member_text(body.leader, _nearby(message))
        words += ["leader", leader, "term", str(body.term), "valid", str(body.valid)]
    if isinstance(body, BoothAttribute):
        words.append(f"{body.attribute}={body.value}" if body.value else str(body.attribute))
    if BoothText in message:
        words.append(f"text of {len(message[BoothText].text)} bytes")
    words += [f"{name} {code_text(value)}" for name, value in _said(message) if value]
    return " ".join(filter(None, words))


def _said(message: Booth) -> tuple[tuple[str, int], ...]:
    return ("reason", message.reason), ("result", message.result)


def _nearby(message: Booth) -> list[str]:
    """Return the addresses that this packet itself names."""
    transport = message.underlayer
    network = transport.underlayer if transport is not None else None
    return [] if network is None else [network.src, network.dst]
