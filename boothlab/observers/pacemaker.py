"""What is seen in the nodes of a lab with Pacemaker, as records.

Two sources complete each other. The nodes' pacemaker.log tells every change, and when. The
tools, asked now and then, tell how it is: at the begin, at the end, and should a log be wrong.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import handlers
from boothlab.engine.parsers import cib, crm_mon
from boothlab.engine.parsers.errors import ParseError
from boothlab.history.observations import ResourceView, Watched, Why
from boothlab.observers import pacemaker_log
from boothlab.observers.booth_answers import wall_ahead_ns
from boothlab.observers.node import Node
from boothlab.observers.pacemaker_site import SiteLog
from boothlab.observers.subjects import cib_at, resources_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from boothlab.engine.topology.model import Topology
    from boothlab.observers.attachment import Absence
    from boothlab.observers.site_records import SiteRecords

_PACEMAKER_LOG: Final = "pacemaker"
_HANDLER_LOG: Final = "handler"
_OF_INTEREST: Final = (
    r" pacemaker-(based|controld) .*(Diff: |ticket|/cib/status$|Completed |Starting Pacemaker CIB manager"
    r"|Exiting pacemaker-based|Requesting local execution of|Result of )"
)
_EVERY_S: Final = 2.0
"""How often a site's tools are asked, its nodes in turn."""
_LAG_NS: Final = 2_000_000_000
"""How late crm_mon may tell what an agent has done."""
_UNDER_WAY: Final = ("Starting", "Stopping")


def task(topology: Topology, site: str | None, node: str) -> dict[str, Any]:
    """Return what a watcher is to do in a node; ``site``: None at an arbitrator."""
    found: dict[str, Any] = {
        "pid_file": f"/run/booth/{topology.booth.name}.pid",
        "logs": {},
        "whole": {},
        "journal": True,
        "cib": "",
        "commands": {},
    }
    if site is None:
        return found
    nodes = list(topology.site(site).nodes)
    every_s = _EVERY_S * len(nodes)
    return found | {
        "logs": {_PACEMAKER_LOG: pacemaker_log.PATH, _HANDLER_LOG: handlers.LOG},
        "whole": {_PACEMAKER_LOG: _OF_INTEREST},
        "commands": {"cib": cib.COMMAND.split(), "crm_mon": crm_mon.COMMAND.split()},
        "every_s": every_s,
        "after_s": every_s * (nodes.index(node) + 1) / len(nodes),
    }


@dataclass
class Site:
    """A site's cluster, as its nodes tell of it. For one thread a node."""

    records: SiteRecords
    nodes: tuple[str, ...]
    resources: frozenset[str]
    """Those that hang on tickets, and all others of the topology."""
    saw: Callable[[str], None]
    _down: dict[str, int] = field(default_factory=dict)
    """Nodes without a cluster, and when that was seen last."""
    _absent: dict[str, Absence] = field(default_factory=dict)
    """Nodes that do not run or are paused."""
    _lock: Lock = field(default_factory=Lock)
    _log: SiteLog = field(init=False)

    def __post_init__(self) -> None:
        """Begin with logs that nobody has read."""
        names = self.records.names
        self._log = SiteLog(
            self.records.site,
            self.nodes,
            lambda number: names.by_number.get(number, ""),
            cib_at(self.records.site),
            resources_at(self.records.site),
            self.records.since_ns,
        )

    def read(self, node: str, text: str, at_ns: int) -> None:
        """Take a line of a node's pacemaker.log."""
        with self._lock:
            self._add(self._log.read(node, text, at_ns, -wall_ahead_ns()))

    def present(self, node: str) -> None:
        """Take that a node was heard."""
        with self._lock:
            self._absent.pop(node, None)

    def looked(self, node: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
        """Take what a node's tools said."""
        with self._lock:
            with suppress(ParseError):  # the logs go on, and somebody looks again
                self._see(node, answers)
            self._add(self._log.settle(self.records.recorder.now_ns()))
            self._saw_all()

    def _see(self, node: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
        told, tickets = answers["crm_mon"], answers["cib"]
        if told["code"] is None or tickets["code"] is None:
            return  # it hangs; the logs go on
        cluster = crm_mon.parse(told["text"], told["code"])
        if isinstance(cluster, crm_mon.ClusterDown):
            self._down[node] = told["began_ns"]
            self._tell_if_all_down(f"no node has a cluster: {cluster.reason}", told["ended_ns"])
            return
        self._down.pop(node, None)
        if not cluster.quorum:
            return  # what it knows may be old, and Pacemaker does not act on it
        if tickets["code"] == 0 or tickets["code"] in cib.NOT_THERE:
            self.records.tickets(cib.parse_tickets(tickets["text"]), tickets)
        self._see_resources(cluster, told)

    def _see_resources(self, cluster: crm_mon.Cluster, told: Mapping[str, Any]) -> None:
        began_ns = max(told["began_ns"] - _LAG_NS, self.records.since_ns)
        gone = {node for node, absence in self._absent.items() if absence.why is Why.DOWN}
        for name in self.resources:
            instances = [each for each in cluster.resources if each.name == name]
            if any(_is_unclear(each) for each in instances):
                continue  # the logs tell when it has come, or gone
            self.records.recorder.add(
                ResourceView(
                    observer=resources_at(self.records.site),
                    began_ns=began_ns,
                    ended_ns=told["ended_ns"],
                    site=self.records.site,
                    resource=name,
                    nodes=tuple(node for each in instances for node in each.nodes if node not in gone),
                    failed=any(each.failed for each in instances),
                )
            )

    def absent(self, node: str, absence: Absence) -> None:
        """Take that a node was not heard."""
        with self._lock:
            now_ns = self.records.recorder.now_ns()
            if absence.why is Why.DOWN and self._absent.get(node, absence).why is not Why.DOWN:
                self._absent.pop(node)
            if absence.why is Why.DOWN and node not in self._absent:
                self._add(self._log.lost(node, absence.heard_ns, max(absence.lost_ns, absence.heard_ns)))
            if absence.is_sure:
                self._absent[node] = absence
            if absence.why is Why.DOWN:
                self._down[node] = absence.asked_ns
                self._tell_if_all_down("all nodes are down", now_ns)
            during = {"began_ns": absence.asked_ns, "ended_ns": now_ns}
            if self._absent.keys() == set(self.nodes):
                self._tell_all_absent(during)

    def _tell_if_all_down(self, text: str, now_ns: int) -> None:
        if self._down.keys() == set(self.nodes):
            during = {"began_ns": min(self._down.values()), "ended_ns": now_ns}
            self.records.missed(Watched.CIB, Why.DOWN, text, during)

    def _tell_all_absent(self, during: Mapping[str, Any]) -> None:
        """Tell that all nodes are down, or that some are and the others are paused."""
        if all(each.why is Why.DOWN for each in self._absent.values()):
            if self.resources:
                self.records.missed(Watched.RESOURCES, Why.DOWN, "all nodes are down", during)
        else:
            self.records.missed(Watched.CIB, Why.SILENT, "no node answers", during)
            if self.resources:
                self.records.missed(Watched.RESOURCES, Why.SILENT, "no node answers", during)
        self._saw_all()

    def _saw_all(self) -> None:
        self.saw(cib_at(self.records.site))
        self.saw(resources_at(self.records.site))

    def close(self) -> None:
        """Record what the logs have left open."""
        with self._lock:
            self._add(self._log.close(self.records.recorder.now_ns()))

    def _add(self, found: Iterable[Any]) -> None:
        for each in found:
            self.records.recorder.add(each)


def _is_unclear(resource: crm_mon.Resource) -> bool:
    """Return whether a resource may run or not: Pacemaker names its node as if it did."""
    return resource.role in _UNDER_WAY or (resource.failed and bool(resource.nodes))


@dataclass
class PacemakerNode(Node):
    """Records what the watcher in a node of a cluster, or in an arbitrator's, tells."""

    site: Site | None
    """None at an arbitrator."""

    def present(self) -> None:
        """Take that the node was heard."""
        if self.site:
            self.site.present(self.daemon.node)

    def hear_of_site(self, line: Mapping[str, Any]) -> None:
        """Take what Pacemaker's tools said."""
        if self.site:
            self.site.looked(self.daemon.node, line["answers"])

    def hear_log(self, log: str, line: Mapping[str, Any]) -> None:
        """Take a line of Pacemaker's, or a handler's run."""
        if self.site and log == _PACEMAKER_LOG:
            self.site.read(self.daemon.node, line["text"], line["at_ns"])
        elif self.site:
            self.site.records.handler(line["text"])

    def absent(self, absence: Absence) -> None:
        """Take that there are no lines: the node does not run, or is paused, or is late."""
        self.daemon.absent(absence)
        if self.site:
            self.site.absent(self.daemon.node, absence)
        if absence.is_sure:
            self.saw(self.daemon.node)
