"""Recording Booth's packets in the router: each where it comes in, and again where it goes out.

A copy is taken beside the packets' way (AF_PACKET), so nothing is later for it. The file
has frames one after the other: ``FRAME``, then the IP packet.
"""

from __future__ import annotations

import base64
import ctypes
import json
import select
import socket
import struct
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.router.jobs import Job, StopWork, end_on_sigterm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

HOME: Final = Path("/run/boothlab/capture")

FRAMES: Final = "frames"
"""The file, in this folder."""

FRAME: Final = struct.Struct("!QBBH")
"""Nanoseconds of CLOCK_MONOTONIC; 1 when it goes out, else 0; number of the interface; bytes that follow."""

LIMIT_BYTES: Final = 64 * 2**20
"""How long the file may become; what comes beyond that is counted only."""

_STATS: Final = "stats.json"

_ALL_PROTOCOLS: Final = 3
_ATTACH_FILTER: Final = 26
_RECEIVE_BUFFER_FORCE: Final = 33
_TIMESTAMP_NS: Final = 35
_SOL_PACKET: Final = 263
_STATISTICS: Final = 6
_TIMESPEC: Final = struct.Struct("@ll")
_BUFFER_BYTES: Final = 8 * 2**20
_PACKET_BYTES: Final = 2**16
_BATCH: Final = 256
_NS_PER_S: Final = 1_000_000_000

# Instructions of the kernel's packet filter: code, how far to jump if so, and if not, number.
_LOAD_HALF, _LOAD_BYTE, _LOAD_HALF_INDEXED, _INDEX_IP_LENGTH = 0x28, 0x30, 0x48, 0xB1
_IF_EQUAL, _IF_ANY_BIT, _ANSWER = 0x15, 0x45, 0x06
_PROTOCOL: Final = 0xFFFFF000
"""Where the filter finds which protocol it is, before the packet itself."""


def start(words: Sequence[str]) -> None:
    """Begin to record in the background; what was recorded before is gone.

    Args:
        words: Booth's port, and after how many seconds to stop at the latest.
    """
    Job(HOME).start("capture-run", words)


def stop() -> dict[str, object]:
    """End it; return its ``stats``, and what was recorded as ``frames``, compressed and in base64.

    The statistics tell how many ``frames`` there are, and how many were ``left_out`` for room and
    ``missed``. None: it did not come to a good end, and what it recorded may lack the last.
    """
    Job(HOME).stop()
    stats, frames = HOME / _STATS, HOME / FRAMES
    content = frames.read_bytes() if frames.exists() else b""
    return {
        "stats": json.loads(stats.read_text()) if stats.exists() else None,
        "frames": base64.b64encode(zlib.compress(content, 1)).decode(),
    }


def run(words: Sequence[str]) -> None:
    """Record until told to stop.

    Args:
        words: the job's folder, Booth's port, and seconds.
    """
    job, port, limit_s = Job(Path(words[0])), int(words[1]), float(words[2])
    end_on_sigterm()
    with opened(port) as tap, (job.folder / FRAMES).open("wb", buffering=0) as file:
        recording = _Recording(tap, file)
        try:
            job.ready()
            recording.go_on(time.monotonic() + limit_s)
        except StopWork:
            recording.take()
        (job.folder / _STATS).write_text(json.dumps(recording.stats()))


def opened(port: int) -> socket.socket:
    """Return a socket that gets a copy of each UDP and TCP packet of a port, in and out.

    Raises:
        OSError: the kernel refused.
    """
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
    try:
        program = ctypes.create_string_buffer(b"".join(_filter(port)))
        length = len(program.raw) // 8
        tap.setsockopt(
            socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("@HP", length, ctypes.addressof(program))
        )
        tap.setsockopt(socket.SOL_SOCKET, _TIMESTAMP_NS, 1)
        tap.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, _BUFFER_BYTES)
    except OSError:
        tap.close()
        raise
    tap.setblocking(False)
    while received(tap):  # what came before there was a filter
        pass
    return tap


def _filter(port: int) -> list[bytes]:
    """Return the kernel's filter: IPv4, UDP or TCP, no later fragment, this port on either side."""
    lines = [
        (_LOAD_HALF, 0, 0, _PROTOCOL),
        (_IF_EQUAL, 0, 11, 0x0800),
        (_LOAD_BYTE, 0, 0, 9),
        (_IF_EQUAL, 1, 0, socket.IPPROTO_UDP),
        (_IF_EQUAL, 0, 8, socket.IPPROTO_TCP),
        (_LOAD_HALF, 0, 0, 6),
        (_IF_ANY_BIT, 6, 0, 0x1FFF),
        (_INDEX_IP_LENGTH, 0, 0, 0),
        (_LOAD_HALF_INDEXED, 0, 0, 0),
        (_IF_EQUAL, 2, 0, port),
        (_LOAD_HALF_INDEXED, 0, 0, 2),
        (_IF_EQUAL, 0, 1, port),
        (_ANSWER, 0, 0, _PACKET_BYTES - 1),
        (_ANSWER, 0, 0, 0),
    ]
    return [struct.pack("=HBBI", *line) for line in lines]


class _Recording:
    """Frames on their way from the socket to the file."""

    def __init__(self, tap: socket.socket, file: BinaryIO) -> None:
        self._tap = tap
        self._file = file
        self._size = self._frames = self._left_out = 0

    def go_on(self, until_s: float) -> None:
        """Record until a moment of the monotonic clock."""
        while (left_s := until_s - time.monotonic()) > 0:
            if select.select([self._tap], [], [], left_s)[0]:
                self.take()

    def take(self) -> None:
        """Write down what has come."""
        frames: list[bytes] = []
        while len(frames) < _BATCH and (frame := received(self._tap)):
            frames.append(frame)
        content = b"".join(frames)
        if self._size + len(content) > LIMIT_BYTES:
            self._left_out += len(frames)
            return
        self._file.write(content)
        self._size += len(content)
        self._frames += len(frames)

    def stats(self) -> dict[str, int]:
        """Return how much there was."""
        _, missed = struct.unpack("@II", self._tap.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        return {"frames": self._frames, "left_out": self._left_out, "missed": missed}


def received(tap: socket.socket) -> bytes:
    """Return the next frame; nothing when there is none."""
    try:
        packet, told, _, (name, _, kind, *_) = tap.recvmsg(_PACKET_BYTES, 64)
    except BlockingIOError:
        return b""
    goes_out = kind == socket.PACKET_OUTGOING
    return FRAME.pack(_at_ns(told), goes_out, socket.if_nametoindex(name) & 0xFF, len(packet)) + packet


def _at_ns(told: list[tuple[int, int, bytes]]) -> int:
    """Return when a packet came, by the monotonic clock; the kernel says it by the wall clock."""
    now_ns, wall_ns = time.monotonic_ns(), time.time_ns()
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMP_NS):
            seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
            ago_ns: int = wall_ns - seconds * _NS_PER_S - nanoseconds
            return now_ns - max(0, ago_ns)
    return now_ns
