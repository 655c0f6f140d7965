"""How the clients talk: answers on stdout, everything else on stderr in the log's form."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

from boothlab.core.notes import Level


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things on stderr: ``Nov 25 15:15:25 node booth: [35]: info: grant succeeded!``."""

    program: str
    debugging: bool = False

    def info(self, text: str) -> None:
        """Say what happened."""
        self._say(Level.INFO, text)

    def warning(self, text: str) -> None:
        """Say what is doubtful."""
        self._say(Level.WARNING, text)

    def error(self, text: str) -> None:
        """Say what went wrong."""
        self._say(Level.ERROR, text)

    def debug(self, text: str) -> None:
        """Say what is done, if anybody wants to know."""
        if self.debugging:
            self._say(Level.DEBUG, text)

    def _say(self, level: Level, text: str) -> None:
        now = time.strftime("%b %d %H:%M:%S")
        prefix = f"{now} {os.uname().nodename} {self.program}: [{os.getpid()}]"
        sys.stderr.write(f"{prefix}: {level.value}: {text}\n")


def tell(text: str) -> None:
    """Write an answer to stdout, as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def tell_json(value: object) -> None:
    """Write an answer to stdout as JSON."""
    import json  # noqa: PLC0415 - not everybody wants it

    tell(json.dumps(value, indent=2) + "\n")


def harmless(text: bytes) -> str:
    r"""Return text from the network as it can be shown to people.

    A reply's text is outside of its signature. So that it cannot take over a terminal,
    everything but printable characters, tabs and line ends becomes ``\x1b`` and the like.
    """
    return "".join(map(_shown, text.decode(errors="backslashreplace")))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in "\n\t":
        return letter
    return letter.encode("unicode_escape").decode("ascii")
