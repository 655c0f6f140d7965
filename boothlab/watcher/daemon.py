"""The daemon's process: whether it runs, since when, and whether it is stopped by a signal."""

from __future__ import annotations

import os
import re
import select
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_PROGRAM: Final = "boothd"
_SEEKERS: Final = ("grep", "pgrep", "pkill")
"""Who has the daemon's name on his command line, maybe with the pid that it had before a node's restart."""
_STOPPED: Final = ("T", "t")
_ENDED: Final = ("Z", "X")
_PID: Final = re.compile(r"(?:booth_pid=)?(\d{1,9})\b")
_STATE, _START = 0, 19
"""Places in /proc/PID/stat behind the program's name: the state, and when it was started."""


class Daemon(NamedTuple):
    """A process."""

    pid: int
    started: int
    """In clock ticks since the machine's boot: two with the same pid differ in it."""
    paused: bool


def at(pid: int) -> Daemon | None:
    """Return Booth's daemon of this pid; None when there is none, or it is something else."""
    with suppress(OSError, ValueError, IndexError):
        folder = Path("/proc") / str(pid)
        if _PROGRAM not in (folder / "cmdline").read_bytes().decode(errors="replace"):
            return None
        name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        words = rest.split()
        if words[_STATE] not in _ENDED and name not in _SEEKERS:
            return Daemon(pid, int(words[_START]), words[_STATE] in _STOPPED)
    return None


class Finder:
    """Finds the daemon by a file with its pid: a number alone, or Booth's lock file."""

    def __init__(self, pid_file: str) -> None:
        self._pid_file = Path(pid_file)
        self._latest: Daemon | None = None

    def find(self) -> Daemon | None:
        """Return the daemon as it is now; one that lives stays it, also while the file is written anew."""
        known = at(self._latest.pid) if self._latest else None
        self._latest = known or self._found()
        return self._latest

    def _found(self) -> Daemon | None:
        with suppress(OSError, UnicodeDecodeError):
            if found := _PID.match(self._pid_file.read_text()):
                return at(int(found[1]))
        return None


def wait(daemon: Daemon | None, limit_s: float) -> None:
    """Wait so long, or until the daemon ends: what comes next is then seen at once."""
    try:
        descriptor = os.pidfd_open(daemon.pid) if daemon else None
    except OSError:  # it has ended, or this kernel cannot tell
        descriptor = None
    if descriptor is None:
        time.sleep(limit_s)
        return
    try:
        select.select([descriptor], [], [], limit_s)
    finally:
        os.close(descriptor)
