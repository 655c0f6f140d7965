"""The kernel's packet queue (NFQUEUE), spoken to over netlink.

Only what is needed: packets come in, each gets its verdict when its time has come. The
numbers are those of linux/netfilter/nfnetlink_queue.h.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from boothlab.router.netlink import ACK, READ_BYTES, REQUEST, attribute, attributes, check, message, messages

_NETLINK_NETFILTER: Final = 12
_SOL_NETLINK: Final = 270
_NO_ENOBUFS: Final = 5
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
        self._ask(attribute(_CFG_COMMAND, struct.pack("!BxH", _BIND, socket.AF_INET)))
        self._ask(attribute(_CFG_PARAMETERS, struct.pack("!IB", _WHOLE, _COPY_PACKET)))
        self._ask(
            attribute(_CFG_LENGTH, struct.pack("!I", _LENGTH))
            + attribute(_CFG_FLAGS, struct.pack("!I", _FAIL_OPEN))
            + attribute(_CFG_MASK, struct.pack("!I", _FAIL_OPEN))
        )

    def _ask(self, attributes: bytes) -> None:
        """Configure something, and wait for the kernel's answer.

        Raises:
            OSError: the kernel refused.
        """
        self._send(_CONFIG, attributes, REQUEST | ACK)
        check(self._socket.recv(READ_BYTES))

    def fileno(self) -> int:
        """Return the descriptor, for select."""
        return self._socket.fileno()

    def read(self) -> list[tuple[int, bytes]]:
        """Return the packets that have come, each with the number for its verdict."""
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return []
        return [_packet(body) for kind, body in messages(data) if kind == _PACKET]

    def accept(self, packet: int, data: bytes | None = None) -> None:
        """Let a packet go on, with other content if any is given."""
        payload = b"" if data is None else attribute(_ATTRIBUTE_PAYLOAD, data)
        self._send(_VERDICT, _verdict(_ACCEPT, packet) + payload, REQUEST)

    def drop(self, packet: int) -> None:
        """Let a packet vanish."""
        self._send(_VERDICT, _verdict(_DROP, packet), REQUEST)

    def close(self) -> None:
        """Give the queue up; the kernel drops what still waits."""
        self._socket.close()

    def _send(self, kind: int, attributes: bytes, flags: int) -> None:
        self._sequence += 1
        body = struct.pack("!BBH", 0, 0, self._number) + attributes
        self._socket.send(message(kind, flags, self._sequence, body))


def _verdict(verdict: int, packet: int) -> bytes:
    return attribute(_ATTRIBUTE_VERDICT, struct.pack("!II", verdict, packet))


def _packet(body: bytes) -> tuple[int, bytes]:
    """Return a packet's number and content from a message's body: 4 bytes, then attributes."""
    told = attributes(body[4:])
    (number,) = struct.unpack_from("!I", told[_ATTRIBUTE_HEADER])
    return number, told.get(_ATTRIBUTE_PAYLOAD, b"")
