"""What is seen in a node of a standalone lab, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import handlers
from boothlab.engine.parsers import cib
from boothlab.engine.parsers.errors import ParseError
from boothlab.history.observations import CibWrite, Watched, Why
from boothlab.observers import crm_ticket_log
from boothlab.observers.node import BOOTH_LOG, Node
from boothlab.observers.subjects import cib_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Topology
    from boothlab.observers.attachment import Absence
    from boothlab.observers.site_records import SiteRecords

_CIB_LOG: Final = "cib"
_HANDLER_LOG: Final = "handler"
_CIB: Final = "/var/lib/booth-cib"


def task(topology: Topology, *, is_site: bool) -> dict[str, Any]:
    """Return what a watcher is to do in a node."""
    logs = {BOOTH_LOG: "/var/log/booth.log"}
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
class StandaloneNode(Node):
    """Records what the watcher in a node of a lab without Pacemaker tells."""

    site: SiteRecords | None
    """None at an arbitrator."""

    def hear_of_site(self, line: Mapping[str, Any]) -> None:
        """Take what is in the CIB."""
        if self.site:
            _see_cib(self.site, line)
            self.saw(cib_at(self.site.site))

    def hear_log(self, log: str, line: Mapping[str, Any]) -> None:
        """Take a call of crm_ticket, or a handler's run."""
        if self.site and log == _CIB_LOG:
            _see_call(self.site, line["text"])
        elif self.site:
            self.site.handler(line["text"])

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
