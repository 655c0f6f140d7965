"""Messages to bytes and back: the layout of Booth's wire format.

All numbers are unsigned 32 bit, big-endian. A message is a header, a body, and with a key
a trailer that signs everything before it; in text replies the trailer stands between
header and text, and the text is not signed.
"""

from __future__ import annotations

import struct
from typing import Final

from boothlab.core import auth
from boothlab.core.clock import US_PER_S
from boothlab.core.codes import MAGIC, OPTS_AUTHENTICATED, VERSION
from boothlab.core.config.model import TimeScale
from boothlab.core.messages import (
    AttributeMessage,
    Header,
    HeaderMessage,
    Message,
    TextMessage,
    TicketMessage,
)

_HEADER: Final = struct.Struct("!12I")
_TICKET: Final = struct.Struct("!64s3I")
_ATTRIBUTE: Final = struct.Struct("!64s64s128s")
_SENDER: Final = struct.Struct("!20xI")

HMAC_SIZE: Final = auth.HMAC_SIZE
HEADER_SIZE: Final = _HEADER.size
TICKET_SIZE: Final = HEADER_SIZE + _TICKET.size
ATTRIBUTE_SIZE: Final = HEADER_SIZE + _ATTRIBUTE.size
MAX_SIZE: Final = 1024
"""Bytes; no datagram and no request is longer. Text replies are as long as they need."""

_NAME_SIZE: Final = 64
_VALUE_SIZE: Final = 128
_U32_MAX: Final = 0xFFFFFFFF
_SECOND_MS: Final = 1000
_WRAP: Final = 1 << 32
_LEFT_MAX_MS: Final = {TimeScale.SECONDS: _U32_MAX, TimeScale.MILLISECONDS: _U32_MAX // _SECOND_MS}


class WireError(ValueError):
    """These bytes are no message, or this message does not fit into bytes; it says why."""


def encode(message: Message, *, key: bytes | None = None, stamp_us: int = 0) -> bytes:
    """Return a message as bytes, signed when there is a key.

    Args:
        message: What to send. Its header's ``stamp_us`` is not used.
        key: The key to sign with; none when authentication is off.
        stamp_us: The signature's moment: wall clock, microseconds since the epoch. Without
            a key 0 is sent, as ClusterLabs booth does.

    Raises:
        WireError: a name or a value does not fit into its field.
    """
    body, text = _encode_body(message)
    trailer_size = 0 if key is None else HMAC_SIZE
    length = HEADER_SIZE + len(body) + trailer_size + len(text)
    stamp = None if key is None else max(stamp_us, 0)
    head = _encode_header(message.header, length, stamp) + body
    return head + (b"" if key is None else auth.sign(head, key)) + text


def _encode_header(header: Header, length: int, stamp_us: int | None) -> bytes:
    secs, usecs = divmod(stamp_us or 0, US_PER_S)
    opts = header.opts & ~OPTS_AUTHENTICATED if stamp_us is None else header.opts | OPTS_AUTHENTICATED
    return _HEADER.pack(
        *(opts, secs & _U32_MAX, usecs, MAGIC, VERSION, header.sender, length),
        *(header.command, header.request, header.options, header.reason, header.result),
    )


def _encode_body(message: Message) -> tuple[bytes, bytes]:
    """Return what a signature covers behind the header, and what comes after it."""
    match message:
        case TicketMessage():
            name = _encode_text(message.ticket, _NAME_SIZE, "ticket name", "ascii")
            return _TICKET.pack(name, message.leader, message.term, message.valid), b""
        case AttributeMessage():
            ticket = _encode_text(message.ticket, _NAME_SIZE, "ticket name", "ascii")
            name = _encode_text(message.name, _NAME_SIZE, "attribute name", "ascii")
            value = _encode_text(message.value, _VALUE_SIZE, "attribute value", "utf-8")
            return _ATTRIBUTE.pack(ticket, name, value), b""
        case TextMessage():
            return b"", message.text
        case HeaderMessage():
            return b"", b""


def peek_sender(data: bytes) -> int | None:
    """Return who says that it sent this, before anything is checked; None when it is too short."""
    if len(data) < _SENDER.size:
        return None
    (sender,) = _SENDER.unpack_from(data)
    return int(sender)


def decode_header(data: bytes) -> tuple[Header, int]:
    """Return the header of a message, and the length in bytes that it claims for the whole.

    Raises:
        WireError: too short, not Booth's magic or version, or a length below a header's.
    """
    if len(data) < HEADER_SIZE:
        raise WireError(f"{len(data)} bytes are too few for a header of {HEADER_SIZE}")
    opts, secs, usecs, magic, version, sender, length, *rest = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise WireError(f"this is no Booth message: magic {magic:#010x}, expected {MAGIC:#010x}")
    if version != VERSION:
        raise WireError(f"unsupported Booth version {version:#010x}, expected {VERSION:#010x}")
    if length < HEADER_SIZE:
        raise WireError(f"its length field says {length}, less than a header's {HEADER_SIZE}")
    command, request, options, reason, result = rest
    return Header(
        command=command,
        sender=sender,
        request=request,
        options=options,
        reason=reason,
        result=result,
        opts=opts,
        stamp_us=secs * US_PER_S + usecs,
    ), length


def decode_ticket(data: bytes) -> TicketMessage:
    """Return a whole message about a ticket; more bytes behind its body are let be.

    Raises:
        WireError: as ``decode_header``; the body is short, or its name is no ASCII text
            with an end.
    """
    header, _ = decode_header(data)
    _need(data, TICKET_SIZE, "about a ticket")
    name, leader, term, valid = _TICKET.unpack_from(data, HEADER_SIZE)
    ticket = _decode_text(name, "ticket name", "ascii")
    return TicketMessage(header, ticket, leader=leader, term=term, valid=valid)


def decode_attribute(data: bytes) -> AttributeMessage:
    """Return a whole message about an attribute; more bytes behind its body are let be.

    Raises:
        WireError: as ``decode_header``; the body is short, or one of its texts has no end,
            is not ASCII (names) or not UTF-8 (the value).
    """
    header, _ = decode_header(data)
    _need(data, ATTRIBUTE_SIZE, "about an attribute")
    ticket, name, value = _ATTRIBUTE.unpack_from(data, HEADER_SIZE)
    return AttributeMessage(
        header,
        ticket=_decode_text(ticket, "ticket name", "ascii"),
        name=_decode_text(name, "attribute name", "ascii"),
        value=_decode_text(value, "attribute value", "utf-8"),
    )


def decode_text(data: bytes, *, signed: bool) -> TextMessage:
    """Return a whole text reply; the text ends where the header's length says.

    Args:
        data: The message; more bytes behind it are let be.
        signed: Whether a signature stands between header and text.

    Raises:
        WireError: as ``decode_header``; it is shorter than its length field says, or than
            header and signature.
    """
    header, length = decode_header(data)
    start = HEADER_SIZE + (HMAC_SIZE if signed else 0)
    _need(data, max(length, start), "with text")
    if length < start:
        raise WireError(f"its length field says {length}, but a signature ends at {start}")
    return TextMessage(header, data[start:length])


def valid_to_wire(left_ms: int, scale: TimeScale) -> int:
    """Return what is left of a lease in the unit of the wire, rounded down.

    In milliseconds the plain value is sent. ClusterLabs booth sends a wrapped number from
    2 147 484 ms on; its receivers, and ours, decode both to the same. What no receiver
    could decode (49 days, or 4294 s in milliseconds) becomes the most that it can.
    """
    left_ms = min(max(left_ms, 0), _LEFT_MAX_MS[scale])
    return left_ms if scale is TimeScale.MILLISECONDS else left_ms // _SECOND_MS


def valid_from_wire(value: int, scale: TimeScale) -> int:
    """Return what is left of a lease in milliseconds, also when a C sender's number wrapped."""
    wrapped_ms = value * _SECOND_MS % _WRAP
    return wrapped_ms // _SECOND_MS if scale is TimeScale.MILLISECONDS else wrapped_ms


def _need(data: bytes, size: int, what: str) -> None:
    if len(data) < size:
        raise WireError(f"{len(data)} bytes are too few for a message {what}: it needs {size}")


def _encode_text(text: str, size: int, what: str, encoding: str) -> bytes:
    """Return a text for a field of ``size`` bytes, of which one ends it."""
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError as error:
        raise WireError(f"the {what} {text!r} cannot be sent: {error.reason}") from None
    if len(raw) >= size:
        raise WireError(f"the {what} {text!r} is longer than {size - 1} bytes")
    if b"\0" in raw:
        raise WireError(f"the {what} {text!r} contains a NUL")
    return raw


def _decode_text(field: bytes, what: str, encoding: str) -> str:
    raw, end, _ = field.partition(b"\0")
    if not end:
        raise WireError(f"the {what} fills its {len(field)} bytes without an end")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise WireError(f"the {what} {raw!r} is not text: {error.reason}") from None
