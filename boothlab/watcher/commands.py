"""Asking a node's own tools again and again, without ever waiting for one that hangs."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, Final

from boothlab.watcher.output import now_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from boothlab.watcher.output import Output

_LIMIT_S: Final = 5.0


def ask(command: Sequence[str]) -> dict[str, Any]:
    """Return what a command says: ``began_ns``, ``ended_ns``, ``code`` (null: it hung) and ``text``."""
    began_ns = now_ns()
    code: int | None = None
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT_S,
            check=False,
        )
        code, text = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        text = f"{command[0]}: no answer within {_LIMIT_S:g} s"
    except OSError as error:
        text = str(error)
    return {"began_ns": began_ns, "ended_ns": now_ns(), "code": code, "text": text}


class Commands:
    """Asks all of some commands, one after the other, until told to end, and once more then."""

    def __init__(self, commands: Mapping[str, Sequence[str]], output: Output) -> None:
        """``commands``: names to argument lists."""
        self._commands = commands
        self._output = output

    def run(self, ending: Event, every_s: float, after_s: float) -> None:
        """Ask at once, then after so many seconds, then so often."""
        self._ask()
        pause_s = after_s
        while not ending.wait(pause_s):
            self._ask()
            pause_s = every_s
        self._ask()

    def _ask(self) -> None:
        answers = {name: ask(command) for name, command in self._commands.items()}
        self._output.tell("cluster", ended_ns=now_ns(), answers=answers)
