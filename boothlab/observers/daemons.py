"""What becomes of members' daemons: from how a process was and is, to records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from boothlab.history.observations import Why
from boothlab.history.records import Life, Process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.history.recorder import Recorder
    from boothlab.observers.attachment import Absence
    from boothlab.observers.lives import Lives


class Daemon(NamedTuple):
    """A daemon's process in a node."""

    pid: int
    started: int
    """In clock ticks since the machine's boot: two with the same pid differ in it."""
    paused: bool = False

    @property
    def identity(self) -> tuple[int, int]:
        """Return what one process has in common with itself alone."""
        return self.pid, self.started


def changes(before: Daemon | None, after: Daemon | None) -> list[Life]:
    """Return what became of the daemon that was and the one that is: KILLED stands for any end."""
    found = []
    same = before and after and before.identity == after.identity
    if before and not same:
        found.append(Life.KILLED)
    if after and not same:
        found.append(Life.STARTED)
    was_paused = bool(same and before and before.paused)
    if after and after.paused != was_paused:
        found.append(Life.PAUSED if after.paused else Life.CONTINUED)
    return found


@dataclass
class NodesDaemon:
    """Follows the daemon of one node, and records what becomes of it."""

    recorder: Recorder
    lives: Lives
    member: str
    node: str
    daemon: Daemon | None = None
    known: bool = False
    """Whether it has been looked for at all."""
    _heard_ns: int = 0
    _frozen: bool = False
    """Whether the whole node is paused."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's: how the daemon is."""
        found = Daemon(**line["daemon"]) if line["daemon"] else None
        # What a new watcher sees may have come about before it began to look.
        began_ns = line["began_ns"]
        if line["first"] and self._heard_ns:
            began_ns = min(self._heard_ns, began_ns)
        self._become(found, began_ns, line["ended_ns"], asked_to=line["asked_to"])

    def alive(self, at_ns: int) -> None:
        """The node was heard: what it has not told has not happened."""
        if at_ns <= self._heard_ns:
            return  # from before it fell silent
        if self._frozen and self.daemon:
            self._record(Life.CONTINUED, self.daemon.pid, self._heard_ns, at_ns)
        self._frozen = False
        self._heard_ns = at_ns

    def absent(self, absence: Absence) -> None:
        """The node was not heard: it does not run, or all of its processes are frozen."""
        heard_ns = max(absence.heard_ns, self._heard_ns)
        if absence.why is Why.DOWN:
            self._become(None, heard_ns, max(absence.lost_ns, heard_ns))
        elif absence.paused and self.daemon and not self._frozen:
            self._record(Life.PAUSED, self.daemon.pid, heard_ns, self.recorder.now_ns())
        if absence.is_sure:
            self._frozen = absence.paused
            self._heard_ns = absence.asked_ns

    def _become(self, found: Daemon | None, began_ns: int, ended_ns: int, *, asked_to: bool = False) -> None:
        before, self.daemon = self.daemon, found
        first, self.known = not self.known, True
        if first and found:
            before = found._replace(paused=False)  # as every history begins
        for each in changes(before, found):
            process = found if each is not Life.KILLED else before
            pid = process.pid if process else None
            self._record(each, pid, began_ns, ended_ns, asked_to=asked_to)

    def _record(
        self, life: Life, pid: int | None, began_ns: int, ended_ns: int, *, asked_to: bool = False
    ) -> None:
        by, began_ns = self.lives.blame(self.member, began_ns, ended_ns)
        if life is Life.KILLED and asked_to:
            life = Life.STOPPED
        elif life is Life.KILLED and not by:
            life = Life.DIED
        self.recorder.add(
            Process(
                member=self.member,
                life=life,
                node=self.node,
                pid=pid,
                by=by,
                began_ns=began_ns,
                ended_ns=ended_ns,
            )
        )
