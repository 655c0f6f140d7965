"""What is seen in a node: the daemon's process, logs, and the CIB: its files, or what its tools say."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from boothlab.watcher import daemon
from boothlab.watcher.commands import Commands
from boothlab.watcher.journal import Journal
from boothlab.watcher.output import now_ns
from boothlab.watcher.tail import Position, Tail

if TYPE_CHECKING:
    from boothlab.watcher.output import Output

BOOTH: Final = "booth"
"""The name of the daemon's log, in a file or in the journal."""

_LOOK_S: Final = 0.05
_ALIVE_NS: Final = 250_000_000
_CIB_NS: Final = 1_000_000_000
_CAUGHT: Final = "caught signal"
"""What a daemon says before it ends because it was asked to; ClusterLabs' and ours."""
_CAUGHT_NS: Final = 1_500_000_000
"""How long its last words may take to come through a journal."""


class Node:
    """Looks at a node until told to end, and once more then."""

    def __init__(self, task: dict[str, Any], output: Output) -> None:
        """Begin.

        Args:
            task: ``pid_file``: of the daemon; ``logs``: names to paths; ``whole``: for those that
                are read from their first line on, what lines must contain; ``journal``: whether
                the daemon's lines are there; ``positions``: where reading stopped before, if it
                did; ``cib``: the folder with tickets, or ""; ``commands``: names to argument
                lists, with ``every_s`` and ``after_s``.
            output: who is told.
        """
        self._output = output
        self._task = task
        self._whole = {name: re.compile(text) for name, text in task["whole"].items()}
        self._logs = {name: Tail(path, self._since(name)) for name, path in task["logs"].items()}
        self._cib = Path(task["cib"]) if task["cib"] else None
        self._finder = daemon.Finder(task["pid_file"])
        self._daemon: daemon.Daemon | None = None
        self._looked_ns = now_ns()
        self._caught: set[int] = set()
        """Daemons that have said that they will end."""
        self._untold: list[dict[str, Any]] = []
        """What became of the daemon, until its last words are there."""

    def _since(self, name: str) -> Position | None:
        if name in self._task["positions"]:
            return Position(*self._task["positions"][name])
        return Position() if name in self._whole else None

    def run(self, ending: Event) -> None:
        """Look until it is time to end."""
        self._output.tell("hello", at_ns=now_ns())
        journal = self._journal() if self._task["journal"] else None
        commands = self._commands(ending)
        self._look_at_daemon(first=True)
        alive_ns = cib_ns = 0
        while not ending.is_set():
            if now_ns() >= cib_ns:
                self._look_at_cib()
                cib_ns = now_ns() + _CIB_NS
            if now_ns() >= alive_ns:
                self._output.tell("alive", at_ns=now_ns())
                alive_ns = now_ns() + _ALIVE_NS
            daemon.wait(self._daemon, _LOOK_S)
            self._look_at_daemon()
            self._read_logs()
        if journal:
            journal.end()
        self._look_at_daemon(last=True)
        self._look_at_cib()
        if commands:
            commands.join()
        self._read_logs()
        self._output.tell("bye", at_ns=now_ns())

    def _journal(self) -> Journal:
        return Journal(self._task["positions"].get(BOOTH), self._tell_daemons_line)

    def _commands(self, ending: Event) -> Thread | None:
        if not self._task["commands"]:
            return None
        commands = Commands(self._task["commands"], self._output)
        times = (self._task["every_s"], self._task["after_s"])
        thread = Thread(target=commands.run, args=[ending, *times], daemon=True)
        thread.start()
        return thread

    def _look_at_daemon(self, *, first: bool = False, last: bool = False) -> None:
        """Tell how the daemon is if that changed since the latest look."""
        before, began_ns = self._daemon, self._looked_ns
        found, self._looked_ns = self._finder.find(), now_ns()
        if found != before or first:
            self._read_logs()  # its last words
            self._untold.append(
                {
                    "began_ns": began_ns,
                    "ended_ns": self._looked_ns,
                    "first": first,
                    "daemon": found and found._asdict(),
                    "before": before and before.pid,
                }
            )
            self._daemon = found
        while self._untold and (last or self._is_clear(self._untold[0])):
            line = self._untold.pop(0)
            self._output.tell("daemon", **line, asked_to=line["before"] in self._caught)

    def _is_clear(self, line: dict[str, Any]) -> bool:
        """Return whether it is known why the daemon that was before is not there any more."""
        if not self._task["journal"] or line["before"] is None:
            return True
        same = line["daemon"] and line["daemon"]["pid"] == line["before"]
        return same or line["before"] in self._caught or now_ns() - line["ended_ns"] > _CAUGHT_NS

    def _look_at_cib(self) -> None:
        if self._cib is None:
            return
        began_ns = now_ns()
        try:
            tickets = [path.read_text(errors="replace") for path in self._cib.glob("*.xml")]
        except OSError as error:  # just being removed; or for good
            told: dict[str, Any] = {"missed": str(error)}
        else:
            told = {"tickets": tickets}
        self._output.tell("cib", began_ns=began_ns, ended_ns=now_ns(), **told)

    def _read_logs(self) -> None:
        for name, tail in self._logs.items():
            wanted = self._whole.get(name)
            for text in tail.lines():
                if name == BOOTH:
                    self._tell_daemons_line(text, tail.position)
                elif wanted is None or wanted.search(text):
                    self._tell_line(name, text, tail.position)

    def _tell_daemons_line(self, text: str, position: object) -> None:
        if _CAUGHT in text and (said_by := re.search(r"\[(\d+)\]", text)):
            self._caught.add(int(said_by[1]))
        self._tell_line(BOOTH, text, position)

    def _tell_line(self, log: str, text: str, position: object) -> None:
        self._output.tell("line", log=log, text=text, at_ns=now_ns(), position=position)
