"""How packets that no member sent are made and sent, and how it is told which those were."""

from __future__ import annotations

import hmac
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.capture import FRAME
from boothlab.router.packet import datagram

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

TOLD_MAX: Final = 20_000
"""How many packets are told of, each with its content; what comes beyond that is sent all the same."""

_STAMP: Final = struct.Struct("!II")
_STAMP_AT: Final = 4
_TRAILER: Final = struct.Struct("!I20s4x")
_US_PER_S: Final = 1_000_000


@dataclass(frozen=True)
class Letter:
    """A datagram to be made: from whom to whom, and what it says."""

    source: str
    target: str
    body: bytes
    key: bytes = b""
    """What it is signed with; empty: it is not signed."""
    hash_id: int = 0
    """What its signature says that it is."""
    cut: int = 0
    """How many bytes are missing at its end."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Letter:
        """Return a letter from JSON."""
        texts = {"body": bytes.fromhex(data["body"]), "key": bytes.fromhex(data.get("key", ""))}
        return cls(**{**data, **texts})

    def payload(self, now_us: int) -> bytes:
        """Return what the datagram carries when it is sent now: stamped, and signed if it is to be.

        Args:
            now_us: the wall clock, in microseconds since the epoch.
        """
        if not self.key:
            return self.body
        stamp = _STAMP.pack(*divmod(now_us, _US_PER_S))
        signed = self.body[:_STAMP_AT] + stamp + self.body[_STAMP_AT + _STAMP.size :]
        whole = signed + _TRAILER.pack(self.hash_id, hmac.digest(self.key, signed, "sha1"))
        return whole[: len(whole) - self.cut]


class Outbox:
    """Sends datagrams with any source address, and writes down which: frames, as of a capture.

    A frame that did not go out says so: the kernel refused it, as a partition lets it do.

    Raises:
        OSError: there is no raw socket.
    """

    def __init__(self, port: int, file: BinaryIO) -> None:
        self._port = port
        self._file = file
        self._told = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def post(self, letter: Letter) -> None:
        """Make a datagram and send it from Booth's port to Booth's port."""
        payload = letter.payload(time.time_ns() // 1000)
        self.send(letter.source, letter.target, payload, (self._port, self._port))

    def send(self, source: str, target: str, payload: bytes, ports: tuple[int, int]) -> None:
        """Send a datagram."""
        packet = datagram(source, target, ports, payload)
        at_ns, went_out = time.monotonic_ns(), False
        with suppress(OSError):
            self._socket.sendto(packet, (target, 0))
            went_out = True
        self._told += 1
        if self._told <= TOLD_MAX:
            self._file.write(FRAME.pack(at_ns, went_out, 0, len(packet)) + packet)

    def close(self) -> None:
        """Send no more."""
        self._socket.close()
