"""What the tests of the daemon's parts share: a place for events, and programs to run."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

from boothlab.daemon import logs

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from boothlab.core.events import Event
    from boothlab.core.notes import Level

PATIENCE_S = 10


class Inbox:
    """Takes events as the shell would, and hands them out in order."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    def post(self, event: Event) -> None:
        self._events.put_nowait(event)

    async def next(self) -> Event:
        return await asyncio.wait_for(self._events.get(), PATIENCE_S)

    @property
    def empty(self) -> bool:
        return self._events.empty()


class Lines:
    """A log's lines, in memory."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, level: Level, text: str) -> None:
        self.lines.append(f"{level.value}: {text}")

    def log(self) -> logs.Log:
        return logs.Log(self)


def run(main: Coroutine[object, object, None]) -> None:
    """Run a test's coroutine, never for ever."""
    asyncio.run(asyncio.wait_for(main, PATIENCE_S))


HANGS = "while kill -0 $PPID 2> /dev/null; do sleep 0.1; done"
"""A script that ends no sooner than who started it, and does not outlive it by much."""


def script(path: Path, text: str) -> str:
    """Make a shell script and return its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def python_script(path: Path, text: str) -> str:
    """Make a Python script and return its path."""
    path.write_text(f"#!{sys.executable} -IS\n{text}\n")
    path.chmod(0o755)
    return str(path)


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port of which neither UDP nor TCP is taken now."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(type=socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind((address, 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind((address, port))
            except OSError:
                continue
            return port
