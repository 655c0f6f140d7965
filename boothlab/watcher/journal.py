"""Following the daemon's lines in a node's journal."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMAND: Final = (
    *("journalctl", "--follow", "--output=json", "_COMM=boothd"),
    "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID,_TRANSPORT",
)
_LEVELS: Final = {"3": "error", "4": "warning", "6": "info", "7": "debug"}
_WHOLE: Final = re.compile(r"\w{3} [ \d]\d [\d:]{8} \S+ \S+: \[\d+\]: ")
"""How ClusterLabs' daemon begins lines on standard error: they are copies of what it sends to syslog."""
_OWN_PID: Final = re.compile(r"\[\d+\]: ")
_QUIET_S: Final = 0.3
_LAST_LINES_S: Final = 3.0


class Journal:
    """Tells lines in the form in which the daemons write them without a journal."""

    def __init__(self, since: str | None, tell: Callable[[str, str], None]) -> None:
        """Follow.

        Args:
            since: the cursor behind which to begin; None: at the present end.
            tell: is told each line, and its cursor.
        """
        self._tell = tell
        begin = f"--after-cursor={since}" if since else "--lines=0"
        self._program = subprocess.Popen(
            [*_COMMAND, begin], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._heard_s = time.monotonic()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for data in self._program.stdout or ():
            self._heard_s = time.monotonic()
            with suppress(ValueError, KeyError):  # a line that was cut off
                entry = json.loads(data)
                if text := line(entry):
                    self._tell(text, entry["__CURSOR"])

    def end(self) -> None:
        """Follow until no more lines come, and end."""
        limit_s = time.monotonic() + _LAST_LINES_S
        asked_s = time.monotonic()
        while time.monotonic() < min(limit_s, max(self._heard_s, asked_s) + _QUIET_S):
            time.sleep(_QUIET_S / 3)
        self._program.terminate()
        self._program.wait()
        self._thread.join()


def line(entry: dict[str, Any]) -> str:
    """Return an entry of the journal as a line; empty when it is a copy of another entry."""
    message = entry["MESSAGE"]
    if not isinstance(message, str):  # bytes that are no text
        message = bytes(message).decode(errors="replace")
    if entry.get("_TRANSPORT") == "stdout" and _WHOLE.match(message):
        return ""
    ident = entry.get("SYSLOG_IDENTIFIER", "boothd")
    if _OWN_PID.match(message):
        return f"{ident}: {message}"
    level = _LEVELS.get(entry.get("PRIORITY", ""), "info")
    return f"{ident}: [{entry['_PID']}]: {level}: {message}"
