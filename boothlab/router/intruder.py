"""Faults of packets at work: forged ones, copies of members' packets, floods. A process for each.

What is to be done is data, its name under ``do``; ``boothlab.faults.intrusions`` writes it.
"""

from __future__ import annotations

import heapq
import json
import select
import socket
import time
from contextlib import suppress
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from boothlab.router import capture
from boothlab.router.jobs import Job, StopWork, end_on_sigterm
from boothlab.router.packet import Packet, parse
from boothlab.router.sending import Letter, Outbox
from boothlab.router.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

FRAMES: Final = "frames"
"""The file of what was sent, in the job's folder."""

_NS_PER_MS: Final = 1_000_000
_IDLE_S: Final = 60.0
_CONNECT_LIMIT_S: Final = 2.0
_HALF_A_HEADER: Final = bytes(24)


def run(words: Sequence[str]) -> None:
    """Do it until it is done or told to stop.

    Args:
        words: the job's folder, and what is to be done as JSON.
    """
    job, data = Job(Path(words[0])), json.loads(words[1])
    end_on_sigterm()
    ways: dict[str, Callable[[Mapping[str, Any], Outbox, Job], None]] = {
        "letters": _letters,
        "copies": _copies,
        "flood": _flood,
        "connections": _connections,
    }
    with (job.folder / FRAMES).open("wb", buffering=0) as file, suppress(StopWork):
        outbox = Outbox(int(data["port"]), file)
        ways[data["do"]](data, outbox, job)


def _letters(data: Mapping[str, Any], outbox: Outbox, job: Job) -> None:
    """Send ``letters``, all of them ``count`` times, ``every_ms``."""
    letters = [Letter.of(each) for each in data["letters"]]
    job.ready()
    for _ in _beats(data["every_ms"] / 1000, data["count"]):
        for letter in letters:
            outbox.post(letter)


def _flood(data: Mapping[str, Any], outbox: Outbox, job: Job) -> None:
    """Send ``letters`` by turns, ``per_s``, ``most`` at most; one without a body carries what chance says."""
    random = Random(data["seed"])  # noqa: S311 - chance that can be repeated
    letters = cycle([Letter.of(each) for each in data["letters"]])
    ports = (int(data["port"]), int(data["port"]))
    job.ready()
    for letter, _ in zip(letters, _beats(1 / data["per_s"], data["most"]), strict=False):
        if letter.body:
            outbox.post(letter)
        else:
            outbox.send(letter.source, letter.target, random.randbytes(1 + random.randrange(1024)), ports)


def _connections(data: Mapping[str, Any], _outbox: Outbox, job: Job) -> None:
    """Open connections to ``targets`` by turns, ``per_s``, ``most`` at most; say half a header, and stay."""
    job.ready()
    kept = []
    for target, _ in zip(cycle(data["targets"]), _beats(1 / data["per_s"], data["most"]), strict=False):
        with suppress(OSError):
            kept.append(socket.create_connection((target, int(data["port"])), _CONNECT_LIMIT_S))
            kept[-1].sendall(_HALF_A_HEADER)
    while True:
        time.sleep(_IDLE_S)


def _beats(every_s: float, most: int) -> Iterator[None]:
    """Yield again and again, at the same pace however long it takes what is done in between."""
    due_s = time.monotonic()
    for _ in range(most):
        time.sleep(max(0.0, due_s - time.monotonic()))
        yield
        due_s += every_s


# copies


def _copies(data: Mapping[str, Any], outbox: Outbox, job: Job) -> None:
    """Send again what was passed on, ``after_ms`` later, ``times`` times, ``every_ms``.

    With ``bytes`` only so much of it; with a ``source`` from there. A capture that runs
    tells what was passed on before.
    """
    traffic, due = Traffic(data), _Due(data)
    with capture.opened(int(data["port"])) as tap:
        job.ready()
        for at_ns, packet in _recorded(time.monotonic_ns() - data["after_ms"] * _NS_PER_MS):
            if packet in traffic:
                due.add(at_ns, packet)
        while True:
            if select.select([tap], [], [], due.wait_s())[0]:
                for at_ns, packet in _passed_on(tap):
                    if packet in traffic:
                        due.add(at_ns, packet)
            for packet in due.now():
                _send_again(packet, data, outbox)


def _send_again(packet: Packet, data: Mapping[str, Any], outbox: Outbox) -> None:
    payload = packet.data[packet.payload_at :][: data["bytes"] or None]
    source = data["source"] or socket.inet_ntoa(packet.source.to_bytes(4, "big"))
    target = socket.inet_ntoa(packet.target.to_bytes(4, "big"))
    outbox.send(source, target, payload, (packet.source_port, packet.target_port))


class _Due:
    """Copies that wait for their time."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._after_ms, self._times, self._every_ms = data["after_ms"], data["times"], data["every_ms"]
        self._waiting: list[tuple[int, int, Packet]] = []
        self._order = count()

    def add(self, at_ns: int, packet: Packet) -> None:
        """Let a packet wait that was passed on at ``at_ns``, once for each copy."""
        for number in range(self._times):
            due_ns = at_ns + (self._after_ms + number * self._every_ms) * _NS_PER_MS
            heapq.heappush(self._waiting, (due_ns, next(self._order), packet))

    def wait_s(self) -> float:
        """Return how many seconds there are until the next one."""
        left_ns = self._waiting[0][0] - time.monotonic_ns() if self._waiting else 0
        return max(0, left_ns) / 1e9 if self._waiting else _IDLE_S

    def now(self) -> Iterator[Packet]:
        """Yield those whose time has come."""
        while self._waiting and self._waiting[0][0] <= time.monotonic_ns():
            yield heapq.heappop(self._waiting)[2]


def _passed_on(tap: socket.socket) -> Iterator[tuple[int, Packet]]:
    """Yield what the router passed on just now."""
    while frame := capture.received(tap):
        yield from _packets(frame)


def _recorded(since_ns: int) -> Iterator[tuple[int, Packet]]:
    """Yield what a capture that runs saw passed on since then."""
    if Job(capture.HOME).runs():
        content = (capture.HOME / capture.FRAMES).read_bytes()
        yield from ((at_ns, packet) for at_ns, packet in _packets(content) if at_ns >= since_ns)


def _packets(content: bytes) -> Iterator[tuple[int, Packet]]:
    at = 0
    while at + capture.FRAME.size <= len(content):
        at_ns, goes_out, _, length = capture.FRAME.unpack_from(content, at)
        at += capture.FRAME.size + length
        packet = parse(content[at - length : at])
        if goes_out and packet.payload_at and packet.was_passed_on:
            yield at_ns, packet
