"""Work that goes on when a command of the router's program has ended: a process with a folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_START_LIMIT_S: Final = 10.0
_STOP_LIMIT_S: Final = 10.0
_CHECK_S: Final = 0.01


class Job:
    """One process in the background. What it leaves in its folder stays when it has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid = folder / "pid"
        self._log = folder / "log"
        self._ready = folder / "ready"

    def start(self, command: str, words: Sequence[str] = ()) -> None:
        """Start it with an empty folder, and wait until it is ready; one that runs already is ended.

        Args:
            command: the command of this program that does the work; it gets the folder, then ``words``.
            words: what else it needs to know.

        Raises:
            OSError: it does not start; its last words are the message.
        """
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-IS", sys.argv[0], command, str(self.folder), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid.write_text(str(process.pid))
        deadline = time.monotonic() + _START_LIMIT_S
        while not self._ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise OSError(self.said() or f"{command} does not start")
            time.sleep(_CHECK_S)

    def ready(self) -> None:
        """Say, from within, that the work begins."""
        self._ready.touch()

    def runs(self) -> bool:
        """Return whether it is still there."""
        return self._running_pid() is not None

    def said(self) -> str:
        """Return what it printed: why it ended, if it did not end well."""
        return self._log.read_text(errors="replace").strip() if self._log.exists() else ""

    def stop(self) -> None:
        """End it, and wait until it is gone; fine when it is."""
        deadline = time.monotonic() + _STOP_LIMIT_S
        sign = signal.SIGTERM
        while (pid := self._running_pid()) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
            time.sleep(_CHECK_S)
            if time.monotonic() > deadline:
                sign = signal.SIGKILL

    def _running_pid(self) -> int | None:
        """Return its process, if that is there and still the one that was started."""
        try:
            pid = int(self._pid.read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.folder) in words else None


class StopWork(BaseException):
    """The job was told to end."""


def end_on_sigterm() -> None:
    """Let SIGTERM raise ``StopWork`` in this process."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is done at the end is done in peace
        raise StopWork

    signal.signal(signal.SIGTERM, end)
