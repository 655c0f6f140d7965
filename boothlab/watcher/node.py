"""What is seen in a node: the daemon's process, logs, and the files that stand for the CIB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boothlab.watcher import daemon
from boothlab.watcher.output import now_ns
from boothlab.watcher.tail import Position, Tail

if TYPE_CHECKING:
    from threading import Event

    from boothlab.watcher.output import Output

_LOOK_S: Final = 0.05
_ALIVE_NS: Final = 250_000_000
_CIB_NS: Final = 1_000_000_000
_CAUGHT: Final = "caught signal"
"""What a daemon says before it ends because it was asked to; ClusterLabs' and ours."""


class Node:
    """Looks at a node until told to end, and once more then."""

    def __init__(self, task: dict[str, Any], output: Output) -> None:
        """Begin.

        Args:
            task: ``pid_file``: of the daemon; ``logs``: names to paths; ``positions``: where
                reading of them stopped before, if it did; ``cib``: the folder with tickets, or "".
            output: who is told.
        """
        self._output = output
        since = task["positions"]
        self._logs = {
            name: Tail(path, Position(*since[name]) if name in since else None)
            for name, path in task["logs"].items()
        }
        self._cib = Path(task["cib"]) if task["cib"] else None
        self._finder = daemon.Finder(task["pid_file"])
        self._daemon: daemon.Daemon | None = None
        self._looked_ns = now_ns()
        self._caught: set[int] = set()
        """Daemons that have said that they will end."""

    def run(self, ending: Event) -> None:
        """Look until it is time to end."""
        self._output.tell("hello", at_ns=now_ns())
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
        self._look_at_daemon()
        self._look_at_cib()
        self._read_logs()
        self._output.tell("bye", at_ns=now_ns())

    def _look_at_daemon(self, *, first: bool = False) -> None:
        """Tell how the daemon is if that changed since the latest look."""
        before, began_ns = self._daemon, self._looked_ns
        found, self._looked_ns = self._finder.find(), now_ns()
        if found == before and not first:
            return
        self._read_logs()  # its last words
        self._output.tell(
            "daemon",
            began_ns=began_ns,
            ended_ns=self._looked_ns,
            first=first,
            daemon=found and found._asdict(),
            asked_to=before is not None and before.pid in self._caught,
        )
        self._daemon = found

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
            for text in tail.lines():
                if self._daemon and _CAUGHT in text and f"[{self._daemon.pid}]" in text:
                    self._caught.add(self._daemon.pid)
                self._output.tell("line", log=name, text=text, at_ns=now_ns(), position=tail.position)
