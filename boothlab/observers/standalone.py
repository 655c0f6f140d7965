"""What is seen in a node of a standalone lab, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import handlers
from boothlab.engine.parsers import cib
from boothlab.engine.parsers.errors import ParseError
from boothlab.history.observations import CibWrite, Watched, Why
from boothlab.observers import crm_ticket_log
from boothlab.observers.log_lines import log_line
from boothlab.observers.subjects import cib_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.engine.topology.model import Topology
    from boothlab.observers.attachment import Absence
    from boothlab.observers.daemons import NodesDaemon
    from boothlab.observers.site_records import SiteRecords

_BOOTH_LOG: Final = "booth"
_CIB_LOG: Final = "cib"
_HANDLER_LOG: Final = "handler"
_CIB: Final = "/var/lib/booth-cib"


def task(topology: Topology, *, is_site: bool) -> dict[str, Any]:
    """Return what a watcher is to do in a node."""
    logs = {_BOOTH_LOG: "/var/log/booth.log"}
    if is_site:
        logs |= {_CIB_LOG: "/var/log/crm_ticket.log", _HANDLER_LOG: handlers.LOG}
    return {
        "pid_file": f"/run/booth-service.{topology.booth.name}.pid",
        "logs": logs,
        "whole": {},
        "journal": False,
        "cib": _CIB if is_site else "",
        "commands": {},
    }


@dataclass
class StandaloneNode:
    """Records what the watcher in a member's node tells."""

    daemon: NodesDaemon
    site: SiteRecords | None
    """None at an arbitrator."""
    saw: Callable[[str], None]
    """Told the name of the observer that has looked, and the node's."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's."""
        if line["kind"] == "hello":
            return
        if line["kind"] == "daemon":
            self.daemon.hear(line)
            self.saw(self.daemon.node)
        elif line["kind"] == "line" and line["log"] == _BOOTH_LOG:
            self.daemon.recorder.add(log_line(self.daemon.member, line["text"], line["at_ns"]))
        elif self.site:
            self._hear_of_site(self.site, line)
        self.daemon.alive(line.get("at_ns") or line["ended_ns"])

    def _hear_of_site(self, site: SiteRecords, line: Mapping[str, Any]) -> None:
        if line["kind"] == "cib":
            _see_cib(site, line)
            self.saw(cib_at(site.site))
        elif line["kind"] == "line" and line["log"] == _CIB_LOG:
            _see_call(site, line["text"])
        elif line["kind"] == "line":
            site.handler(line["text"])

    def absent(self, absence: Absence) -> None:
        """Take that there are no lines: the node does not run, or is paused, or is late."""
        self.daemon.absent(absence)
        if not absence.is_sure:
            return  # nothing is lost: what the logs say meanwhile is read later
        if self.site:
            during = {"began_ns": absence.asked_ns, "ended_ns": self.daemon.recorder.now_ns()}
            self.site.missed(Watched.CIB, absence.why, absence.text, during)
            self.saw(cib_at(self.site.site))
        self.saw(self.daemon.node)


def _see_cib(site: SiteRecords, line: Mapping[str, Any]) -> None:
    if "missed" in line:
        site.missed(Watched.CIB, Why.ERROR, line["missed"], line)
        return
    try:
        site.tickets([each for text in line["tickets"] for each in cib.parse_tickets(text)], line)
    except ParseError as error:
        site.missed(Watched.CIB, Why.ERROR, str(error), line)


def _see_call(site: SiteRecords, text: str) -> None:
    try:
        write = crm_ticket_log.parse(text)
    except ValueError:
        return  # a line that was cut off, e.g. with the log: views tell what came of it
    if write is None or write.began_ns < site.since_ns:
        return
    site.recorder.add(
        CibWrite(
            observer=cib_at(site.site),
            began_ns=write.began_ns,
            ended_ns=write.ended_ns,
            site=site.site,
            ticket=write.ticket,
            granted=write.granted,
            owner=site.names.owner(write.owner),
            term=write.term,
            expires_ns=write.expires_ns,
        )
    )
