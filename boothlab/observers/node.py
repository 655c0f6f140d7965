"""What is heard of a member's node in any kind of lab: its daemon, and the daemon's log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.observers.log_lines import log_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.observers.daemons import NodesDaemon

BOOTH_LOG: Final = "booth"
"""What watchers call the log of Booth's daemon."""
_NOTHING_NEW: Final = ("alive", "bye")


@dataclass
class Node(ABC):
    """Records what the watcher in a member's node tells."""

    daemon: NodesDaemon
    saw: Callable[[str], None]
    """Told the name of the observer that has looked, and the node's."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's."""
        self.present()
        if line["kind"] == "hello":
            return
        if line["kind"] == "daemon":
            self.daemon.hear(line)
            self.saw(self.daemon.node)
        elif line["kind"] == "line" and line["log"] == BOOTH_LOG:
            self.daemon.recorder.add(log_line(self.daemon.member, line["text"], line["at_ns"]))
        elif line["kind"] == "line":
            self.hear_log(line["log"], line)
        elif line["kind"] not in _NOTHING_NEW:
            self.hear_of_site(line)
        self.daemon.alive(line.get("at_ns") or line["ended_ns"])

    def present(self) -> None:
        """Take that the node was heard."""
        return

    @abstractmethod
    def hear_of_site(self, line: Mapping[str, Any]) -> None:
        """Take what is seen of the site's CIB or resources; an arbitrator's node tells nothing."""

    @abstractmethod
    def hear_log(self, log: str, line: Mapping[str, Any]) -> None:
        """Take a line of another log; an arbitrator's node tells none."""
