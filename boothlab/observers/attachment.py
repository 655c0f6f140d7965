"""The program that looks, kept running in one node whatever becomes of it, and heard."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, Protocol

from boothlab.engine import pyz
from boothlab.engine.files import File
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.history.observations import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.engine.runtime import Runtime
    from boothlab.engine.stream import Stream

PROGRAM: Final = "/usr/lib/boothlab/watcher.pyz"
"""Its path in the router and in nodes."""

_LISTEN_S: Final = 0.25
_SILENT_NS: Final = 1_000_000_000
"""A watcher that runs is heard four times a second."""
_LOOK_NS: Final = 500_000_000
"""How often the engine is asked why a node is silent."""
_DEAD_NS: Final = 10_000_000_000
"""One that is silent for so long in a node that runs is replaced."""
_AGAIN_S: Final = 0.3
"""Between two looks at a node that does not run."""
_LAST_WORDS_S: Final = 5.0
_CLOCKS_NS: Final = 1_000_000
"""How much clocks may seem to differ that are one."""
_WORDS: Final = {"running": "the watcher there is silent", "paused": "the node is paused"}

# Rocky's python3 is older, and the system's own.
_START: Final = f"""for python in /usr/bin/python3.11 /usr/bin/python3; do
    [ -x $python ] && exec $python -IS {PROGRAM} "$@"
done
echo "there is no Python here" >&2; exit 1"""


@dataclass(frozen=True)
class Absence:
    """A node was not heard."""

    why: Why
    paused: bool
    """Whether all of its processes are frozen."""
    text: str
    heard_ns: int
    """When it was heard last."""
    lost_ns: int
    """When it was clear that it was not heard any more."""
    asked_ns: int
    """When the engine was asked what it does; it is so at some moment from then to now."""

    @property
    def is_sure(self) -> bool:
        """Return whether it is known why; else the node may only be late."""
        return self.paused or self.why is Why.DOWN


class Listener(Protocol):
    """Who makes something of what is heard."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's."""

    def absent(self, absence: Absence) -> None:
        """Take that there are no lines; told again and again while it is so."""


def put_program(runtime: Runtime, node: str) -> None:
    """Put the program into a node, running or not."""
    program = pyz.pack("/usr/bin/python3 -IS", ("watcher", "core"))
    runtime.put_once(node, [File(PROGRAM, program, mode=0o755)])


class Attachment:
    """Hears one node in a thread of its own, from ``start`` to ``join``."""

    def __init__(
        self,
        runtime: Runtime,
        node: str,
        command: str,
        task: Callable[[dict[str, Any]], dict[str, Any]],
        listener: Listener,
    ) -> None:
        """Prepare.

        Args:
            runtime: the engine.
            node: where to look.
            command: of the watcher.
            task: what it is to do, given how far it has read which log.
            listener: who is told.
        """
        self.node = node
        self.failed = ""
        """Why nothing is heard any more; empty when all is well."""
        self.said = ""
        """The end of what watchers wrote to standard error."""
        self._runtime = runtime
        self._command = command
        self._task = task
        self._listener = listener
        self._positions: dict[str, Any] = {}
        self._heard_ns = self._lost_ns = time.monotonic_ns()
        self._ending = Event()
        self._thread = Thread(target=self._run, name=f"watch {node}", daemon=True)

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def end(self) -> None:
        """Ask for a last look."""
        self._ending.set()

    def join(self, limit_s: float) -> bool:
        """Wait until the last look was heard; return whether it was."""
        self._thread.join(limit_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                self._attend()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not go unnoticed
            self.failed = f"{type(error).__name__}: {error}"

    def _attend(self) -> None:
        """Hear one watcher until it ends, and find out why it did."""
        argv = ["sh", "-c", _START, "sh", self._command, json.dumps(self._task(self._positions))]
        began_ns = time.monotonic_ns()
        over = False
        try:
            with self._runtime.stream(self.node, argv) as stream:
                over = self._follow(stream, began_ns)
                self.said = stream.said or self.said
        except NodeUnreachableError as error:
            self.said = error.message
        if self._lost_ns < self._heard_ns:
            self._lost_ns = time.monotonic_ns()
        if not over:
            self._look_why()
            self._ending.wait(_AGAIN_S)

    def _follow(self, stream: Stream, began_ns: int) -> bool:
        """Hear until the watcher ends; return whether that was its last look."""
        finishing = False
        look_ns, dead_ns = began_ns + _SILENT_NS, began_ns + _DEAD_NS
        while (lines := stream.read(_LISTEN_S)) is not None:
            now_ns = time.monotonic_ns()
            for line in lines:
                self._hear(json.loads(line), began_ns)
            if lines:
                look_ns, dead_ns = now_ns + _SILENT_NS, now_ns + _DEAD_NS
            elif now_ns > look_ns:
                self._lost_ns = now_ns
                paused = self._look_why(attached=True)
                if finishing or (now_ns > dead_ns and not paused):
                    return finishing
                look_ns = now_ns + _LOOK_NS
            if self._ending.is_set() and not finishing:
                finishing = True
                stream.finish()
        return finishing

    def _hear(self, line: dict[str, Any], began_ns: int) -> None:
        if line["kind"] == "hello":
            self._check_clock(line["at_ns"], began_ns)
        if line["kind"] == "line":
            self._positions[line["log"]] = line["position"]
        self._heard_ns = line.get("at_ns") or line["ended_ns"]
        self._listener.hear(line)

    def _check_clock(self, at_ns: int, began_ns: int) -> None:
        """See that the node's clock is ours.

        Raises:
            RuntimeError: what was told lies outside of the time in which it was asked and heard.
        """
        now_ns = time.monotonic_ns()
        if not began_ns - _CLOCKS_NS <= at_ns <= now_ns + _CLOCKS_NS:
            raise RuntimeError(
                f"its CLOCK_MONOTONIC is not this machine's ({at_ns} there, {began_ns} to {now_ns} here): "
                "the container engine runs on another machine"
            )

    def _look_why(self, *, attached: bool = False) -> bool:
        """Ask the engine what the node does, and tell; return whether it is paused.

        While a command is attached to the node it is not down, whatever the engine says: it
        is just starting, or the end of the command will tell.
        """
        asked_ns = time.monotonic_ns()
        state = self._runtime.states().get(self.node, "absent")
        down = state not in _WORDS and not attached
        text = f"the node is {state}" if down else _WORDS.get(state, _WORDS["running"])
        paused = state == "paused"
        why = Why.DOWN if down else Why.SILENT
        self._listener.absent(Absence(why, paused, text, self._heard_ns, self._lost_ns, asked_ns))
        return paused
