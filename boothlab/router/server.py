"""The loop that holds packets: out of the kernel's queue, past the rules, and on when they are due."""

from __future__ import annotations

import heapq
import json
import os
import select
import socket
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.queue import Queue
from boothlab.router.rules import Path

if TYPE_CHECKING:
    from pathlib import Path as FilePath

QUEUE: Final = 9929
"""Number of the kernel's queue."""

_IDLE_S: Final = 60.0
_ASK_LIMIT_S: Final = 10.0
_NICENESS: Final = -10
_MESSAGE_BYTES: Final = 2**16


class Server:
    """Holds packets until it is told to stop; then it lets all go that still wait.

    Args:
        control: the socket over which it is told its rules, one JSON object a connection.

    Raises:
        OSError: there is no queue, or no socket.
    """

    def __init__(self, control: FilePath) -> None:
        self._queue = Queue(QUEUE)
        self._copies = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        control.unlink(missing_ok=True)
        self._control = socket.socket(socket.AF_UNIX)
        self._control.bind(str(control))
        self._control.listen()
        self._path = Path()
        self._held: list[tuple[float, int, int | None, bytes | None, bytes]] = []
        self._order = count()
        self._stopping = False

    def run(self) -> None:
        """Hold packets until told to stop."""
        with suppress(OSError):  # a busy host must not make packets later than asked, if that can be helped
            os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
        watched: list[Queue | socket.socket] = [self._queue, self._control]
        while not self._stopping:
            wait_s = max(0.0, self._held[0][0] - time.monotonic()) if self._held else _IDLE_S
            ready, _, _ = select.select(watched, [], [], wait_s)
            if self._queue in ready:
                self._take()
            if self._control in ready:
                self._answer()
            self._release(time.monotonic())
        self._release(float("inf"))
        self._queue.close()
        self._control.close()  # last: who sees it closed knows that the queue is free

    def _take(self) -> None:
        for number, data in self._queue.read():
            copies = self._path.through(data, time.monotonic())
            if not copies:
                self._queue.drop(number)
            for index, copy in enumerate(copies):
                first = number if index == 0 else None
                changed = copy.data if copy.data != data else None
                heapq.heappush(self._held, (copy.due_s, next(self._order), first, changed, copy.data))

    def _release(self, now_s: float) -> None:
        while self._held and self._held[0][0] <= now_s:
            _, _, number, changed, data = heapq.heappop(self._held)
            if number is not None:
                self._queue.accept(number, changed)
            else:
                with suppress(OSError):  # e.g. no route any more: a lost packet
                    self._copies.sendto(data, (socket.inet_ntoa(data[16:20]), 0))

    def _answer(self) -> None:
        connection, _ = self._control.accept()
        with connection, suppress(OSError, ValueError, KeyError):  # a caller that left, or is not ours
            connection.settimeout(1)
            request = json.loads(_read(connection))
            if "set" in request:
                self._path.set(request["set"], time.monotonic())
            self._stopping = bool(request.get("stop"))
            answer = {"counts": self._path.counts(), "held": len(self._held)}
            connection.sendall(json.dumps(answer).encode())


def ask(control: FilePath, request: dict[str, Any]) -> dict[str, Any]:
    """Tell the server something; return what it answers.

    Raises:
        OSError: no server answers.
    """
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(_ASK_LIMIT_S)
        caller.connect(str(control))
        caller.sendall(json.dumps(request).encode())
        caller.shutdown(socket.SHUT_WR)
        answer: dict[str, Any] = json.loads(_read(caller) or b"{}")
    return answer


def _read(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(_MESSAGE_BYTES):
        parts.append(part)
    return b"".join(parts)
