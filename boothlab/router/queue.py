"""The kernel's packet queue (NFQUEUE), spoken to over netlink.

Only what is needed: packets come in, each gets its verdict when its time has come. The
numbers are those of linux/netfilter/nfnetlink_queue.h.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETLINK_NETFILTER: Final = 12
_SOL_NETLINK: Final = 270
_NO_ENOBUFS: Final = 5
_REQUEST, _ACK = 1, 4
_ERROR: Final = 2
_PACKET, _VERDICT, _CONFIG = (3 << 8 | number for number in range(3))  # 3: the queues' subsystem
_CFG_COMMAND, _CFG_PARAMETERS, _CFG_LENGTH, _CFG_MASK, _CFG_FLAGS = range(1, 6)
_BIND: Final = 1
_COPY_PACKET: Final = 2
_FAIL_OPEN: Final = 1
_ATTRIBUTE_HEADER, _ATTRIBUTE_VERDICT, _ATTRIBUTE_PAYLOAD = 1, 2, 10
_DROP, _ACCEPT = 0, 1

_LENGTH: Final = 16_384
"""How many packets may wait; what comes beyond that passes as if there were no fault."""

_BUFFER_BYTES: Final = 8 * 2**20
_READ_BYTES: Final = 2**17
_WHOLE: Final = 0xFFFF


class Queue:
    """A queue of packets that wait for their verdict.

    Raises:
        OSError: the kernel has no such queues, or another process has this one.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._sequence = 0
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        try:
            self._socket.bind((0, 0))
            self._socket.setsockopt(_SOL_NETLINK, _NO_ENOBUFS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            self._configure()
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def _configure(self) -> None:
        self._ask(_attribute(_CFG_COMMAND, struct.pack("!BxH", _BIND, socket.AF_INET)))
        self._ask(_attribute(_CFG_PARAMETERS, struct.pack("!IB", _WHOLE, _COPY_PACKET)))
        self._ask(
            _attribute(_CFG_LENGTH, struct.pack("!I", _LENGTH))
            + _attribute(_CFG_FLAGS, struct.pack("!I", _FAIL_OPEN))
            + _attribute(_CFG_MASK, struct.pack("!I", _FAIL_OPEN))
        )

    def _ask(self, attributes: bytes) -> None:
        """Configure something, and wait for the kernel's answer.

        Raises:
            OSError: the kernel refused.
        """
        self._send(_CONFIG, attributes, _REQUEST | _ACK)
        for kind, body in _messages(self._socket.recv(_READ_BYTES)):
            if kind == _ERROR and (code := -struct.unpack_from("=i", body)[0]):
                raise OSError(code, os.strerror(code))

    def fileno(self) -> int:
        """Return the descriptor, for select."""
        return self._socket.fileno()

    def read(self) -> list[tuple[int, bytes]]:
        """Return the packets that have come, each with the number for its verdict."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        return [_packet(body) for kind, body in _messages(data) if kind == _PACKET]

    def accept(self, packet: int, data: bytes | None = None) -> None:
        """Let a packet go on, with other content if any is given."""
        payload = b"" if data is None else _attribute(_ATTRIBUTE_PAYLOAD, data)
        self._send(_VERDICT, _verdict(_ACCEPT, packet) + payload, _REQUEST)

    def drop(self, packet: int) -> None:
        """Let a packet vanish."""
        self._send(_VERDICT, _verdict(_DROP, packet), _REQUEST)

    def close(self) -> None:
        """Give the queue up; the kernel drops what still waits."""
        self._socket.close()

    def _send(self, kind: int, attributes: bytes, flags: int) -> None:
        self._sequence += 1
        body = struct.pack("!BBH", 0, 0, self._number) + attributes
        self._socket.send(struct.pack("=IHHII", 16 + len(body), kind, flags, self._sequence, 0) + body)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def _verdict(verdict: int, packet: int) -> bytes:
    return _attribute(_ATTRIBUTE_VERDICT, struct.pack("!II", verdict, packet))


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the body of each netlink message."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        yield kind, data[at + 16 : at + length]
        at += (length + 3) & ~3


def _packet(body: bytes) -> tuple[int, bytes]:
    """Return a packet's number and content from a message's body: 4 bytes, then attributes."""
    number, payload, at = 0, b"", 4
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, at)
        if kind & 0x3FFF == _ATTRIBUTE_HEADER:
            (number,) = struct.unpack_from("!I", body, at + 4)
        elif kind & 0x3FFF == _ATTRIBUTE_PAYLOAD:
            payload = body[at + 4 : at + length]
        at += (length + 3) & ~3
    return number, payload
