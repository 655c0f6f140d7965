"""Netlink's format: messages to and from the kernel, and the attributes in them."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST: Final = 1
ACK: Final = 4
READ_BYTES: Final = 2**17
"""As much as one read may bring."""

DONE: Final = 3
"""Kind of the message that ends a list."""

_ERROR: Final = 2
_TYPE_MASK: Final = 0x3FFF


def message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    """Return a message to the kernel."""
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the body of each message."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        yield kind, data[at + 16 : at + length]
        at += (length + 3) & ~3


def attribute(kind: int, value: bytes) -> bytes:
    """Return an attribute, as it stands in a message's body."""
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def attributes(data: bytes) -> dict[int, bytes]:
    """Return the attributes in a part of a message by their kinds."""
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        found[kind & _TYPE_MASK] = data[at + 4 : at + length]
        at += (max(length, 4) + 3) & ~3
    return found


def check(data: bytes) -> None:
    """Check the kernel's answer to a request.

    Raises:
        OSError: it refused.
    """
    for kind, body in messages(data):
        if kind == _ERROR and (code := -struct.unpack_from("=i", body)[0]):
            raise OSError(code, os.strerror(code))
