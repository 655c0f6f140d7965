"""The log: ClusterLabs booth's lines, where it would write them, and never a flood.

In the foreground lines go to stderr, otherwise to syslog. Writing never waits: a line that
the reader has no room for is dropped.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from boothlab.core.notes import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.core.notes import Note

_SEVERITY: Final[Mapping[Level, int]] = {Level.ERROR: 3, Level.WARNING: 4, Level.INFO: 6, Level.DEBUG: 7}
_STDERR: Final = 2
_FACILITIES: Final = {"user": 1, "daemon": 3, **{f"local{number}": 16 + number for number in range(8)}}
_LINE_MAX: Final = 4_000
"""Bytes: a pipe that is ready takes so many without waiting."""
BURST: Final = 50
"""So many lines of a kind are written at once; then two a second."""
REFILL_S: Final = 0.5


class Sink(Protocol):
    """Where lines go."""

    def write(self, level: Level, text: str) -> None:
        """Write one line, or drop it when that would have to wait."""


class Stderr:
    """Lines as people read them: date, host, program, process, level, text."""

    def __init__(self, ident: str) -> None:
        self._ident = ident
        self._host = os.uname().nodename

    def write(self, level: Level, text: str) -> None:
        """Write one line."""
        stamp = time.strftime("%b %d %H:%M:%S")
        _put(f"{stamp} {self._host} {self._ident}: [{os.getpid()}]: {level.value}: {text}")


class Journal:
    """Lines for a stderr that systemd reads: it adds all the rest but the level."""

    def write(self, level: Level, text: str) -> None:
        """Write one line."""
        _put(f"<{_SEVERITY[level]}>{text}")


class Syslog:
    """Lines for syslog; facility daemon, or one of user and local0 to local7."""

    def __init__(self, ident: str, *, path: str = "/dev/log", facility: str = "daemon") -> None:
        self._ident = ident
        self._path = path
        self._facility = _FACILITIES.get(facility, _FACILITIES["daemon"])
        self._socket: socket.socket | None = None
        self._owner = 0

    def write(self, level: Level, text: str) -> None:
        """Send one line; a syslog that was restarted is found again."""
        stamp = time.strftime("%b %e %H:%M:%S")
        priority = self._facility * 8 + _SEVERITY[level]
        line = f"<{priority}>{stamp} {self._ident}[{os.getpid()}]: {text}".encode()[:_LINE_MAX]
        for _ in range(2):
            try:
                self._connected().send(line)
            except BlockingIOError:
                return
            except OSError:
                self._forget()
            else:
                return

    def _connected(self) -> socket.socket:
        if self._socket is not None and self._owner != os.getpid():
            self._socket.detach()  # our parent's: whatever has its number here is not it
            self._socket = None
        if self._socket is None:
            new = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            try:
                new.connect(self._path)
            except OSError:
                new.close()
                raise
            self._socket, self._owner = new, os.getpid()
        return self._socket

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


class AlsoShown:
    """Lines in one place, and those about problems in another one, too."""

    def __init__(self, all_lines: Sink, problems: Sink) -> None:
        self._all_lines = all_lines
        self._problems = problems

    def write(self, level: Level, text: str) -> None:
        """Write one line."""
        self._all_lines.write(level, text)
        if level in {Level.ERROR, Level.WARNING}:
            self._problems.write(level, text)


def to_stderr(ident: str) -> Sink:
    """Return the sink for the foreground: as systemd likes it where it reads, else as people do."""
    return Journal() if _read_by_journal() else Stderr(ident)


@dataclass(slots=True)
class _Kind:
    """How many lines of one kind may still be written, and how many were not."""

    left: float
    at_s: float
    dropped: int = 0


class Log:
    """Writes notes and lines. Of one kind, only so many: garbage from the network cannot flood it.

    Lines are of one kind when they share a note's code and ticket, or are said with the same
    ``kind``. What was left out is counted on the next line of its kind.
    """

    def __init__(self, sink: Sink, *, debug: int = 0, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._sink = sink
        self._debug = debug
        self._clock_s = clock_s
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def write_to(self, sink: Sink) -> None:
        """Write all further lines elsewhere."""
        self._sink = sink

    def note(self, note: Note) -> None:
        """Write a note."""
        self._write(note.code.level, str(note), (note.code.name, note.ticket))

    def error(self, text: str, *, kind: str = "") -> None:
        """Write a line about something that went wrong."""
        self._write(Level.ERROR, text, (kind, ""))

    def warning(self, text: str, *, kind: str = "") -> None:
        """Write a line about something that may be wrong."""
        self._write(Level.WARNING, text, (kind, ""))

    def info(self, text: str, *, kind: str = "") -> None:
        """Write a line."""
        self._write(Level.INFO, text, (kind, ""))

    def debug(self, text: str, *, kind: str = "") -> None:
        """Write a line that only ``-D`` shows."""
        self._write(Level.DEBUG, text, (kind, ""))

    def _write(self, level: Level, text: str, kind: tuple[str, str]) -> None:
        if level is Level.DEBUG and not self._debug:
            return
        dropped = self._dropped_before(kind) if any(kind) else 0
        if dropped is None:
            return
        more = f" ({dropped} more like this were not logged)" if dropped else ""
        self._sink.write(level, _one_line(text) + more)

    def _dropped_before(self, key: tuple[str, str]) -> int | None:
        """Return how many lines of a kind were dropped before this one; None when this one must be."""
        now_s = self._clock_s()
        kind = self._kinds.setdefault(key, _Kind(BURST, now_s))
        kind.left = min(BURST, kind.left + (now_s - kind.at_s) / REFILL_S)
        kind.at_s = now_s
        if kind.left < 1:
            kind.dropped += 1
            return None
        kind.left -= 1
        dropped, kind.dropped = kind.dropped, 0
        return dropped


def _one_line(text: str) -> str:
    """Return a text without control characters: what comes from the network must not forge lines."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _put(line: str) -> None:
    """Write a line to stderr if it takes one now."""
    data = line.encode(errors="backslashreplace")[:_LINE_MAX] + b"\n"
    with contextlib.suppress(OSError):  # closed, or its reader is gone
        ready = select.poll()
        ready.register(_STDERR, select.POLLOUT)
        if ready.poll(0):
            os.write(_STDERR, data)


def _read_by_journal() -> bool:
    """Return whether systemd reads our stderr: it says so by the descriptor's device and inode."""
    with contextlib.suppress(OSError):
        status = os.fstat(_STDERR)
        return os.environ.get("JOURNAL_STREAM", "") == f"{status.st_dev}:{status.st_ino}"
    return False
