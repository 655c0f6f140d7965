"""What is seen in a node of a standalone lab, as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import handlers
from boothlab.engine.parsers import cib
from boothlab.engine.parsers.errors import ParseError
from boothlab.history.observations import CibView, CibWrite, HandlerRun, Missed, Watched, Why
from boothlab.observers import crm_ticket_log, handler_log
from boothlab.observers.booth_answers import on_runs_clock, wall_ahead_ns
from boothlab.observers.log_lines import log_line
from boothlab.observers.subjects import Names, cib_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.engine.topology.model import Topology
    from boothlab.history.recorder import Recorder
    from boothlab.observers.attachment import Absence
    from boothlab.observers.daemons import NodesDaemon

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
        "cib": _CIB if is_site else "",
    }


@dataclass
class StandaloneNode:
    """Records what the watcher in a member's node tells."""

    recorder: Recorder
    names: Names
    daemon: NodesDaemon
    since_ns: int
    """When the recording began: what began before is not recorded."""
    saw: Callable[[str], None]
    """Told the name of the observer that has looked."""

    @property
    def _member(self) -> str:
        return self.daemon.member

    @property
    def _is_site(self) -> bool:
        return self._member in self.names.sites

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's."""
        match line["kind"]:
            case "daemon":
                self.daemon.hear(line)
                self.saw(self.daemon.node)
            case "cib":
                self._see_cib(line)
                self.saw(cib_at(self._member))
            case "line" if line["log"] == _BOOTH_LOG:
                self.recorder.add(log_line(self._member, line["text"], line["at_ns"]))
            case "line" if line["log"] == _CIB_LOG:
                self._see_call(line["text"])
            case "line":
                self._see_handler(line["text"])
            case "hello":
                return
            case _:
                pass
        self.daemon.alive(line.get("at_ns") or line["ended_ns"])

    def absent(self, absence: Absence) -> None:
        """Take that there are no lines: the node does not run, or is paused."""
        self.daemon.absent(absence)
        if self._is_site:
            self._miss(absence.why, absence.text, absence.asked_ns, self.recorder.now_ns())
        if absence.why is Why.DOWN or absence.paused:  # else it is only late
            self.saw(cib_at(self._member))
            self.saw(self.daemon.node)

    def _see_cib(self, line: Mapping[str, Any]) -> None:
        try:
            found = {each.name: each for text in line.get("tickets", ()) for each in cib.parse_tickets(text)}
        except ParseError as error:
            self._miss(Why.ERROR, str(error), line["began_ns"], line["ended_ns"])
            return
        if "missed" in line:
            self._miss(Why.ERROR, line["missed"], line["began_ns"], line["ended_ns"])
            return
        ahead_ns = wall_ahead_ns()
        for name in self.names.topology.tickets:
            state = found.get(name, cib.TicketState(name, granted=False))
            expires = None if state.expires is None else datetime.fromtimestamp(state.expires, UTC)
            self.recorder.add(
                CibView(
                    observer=cib_at(self._member),
                    began_ns=line["began_ns"],
                    ended_ns=line["ended_ns"],
                    site=self._member,
                    ticket=name,
                    granted=state.granted,
                    owner=self.names.owner(state.owner),
                    term=state.term,
                    expires_ns=on_runs_clock(expires, ahead_ns),
                    standby=state.standby,
                )
            )

    def _see_call(self, text: str) -> None:
        try:
            write = crm_ticket_log.parse(text)
        except ValueError:
            return  # a line that was cut off, e.g. with the log: views tell what came of it
        if write is None or write.began_ns < self.since_ns:
            return
        self.recorder.add(
            CibWrite(
                observer=cib_at(self._member),
                began_ns=write.began_ns,
                ended_ns=write.ended_ns,
                site=self._member,
                ticket=write.ticket,
                granted=write.granted,
                owner=self.names.owner(write.owner),
                term=write.term,
                expires_ns=write.expires_ns,
            )
        )

    def _see_handler(self, text: str) -> None:
        try:
            run = handler_log.parse(text)
        except ValueError:
            return
        if run.began_ns < self.since_ns:
            return
        self.recorder.add(
            HandlerRun(
                observer=cib_at(self._member),
                began_ns=run.began_ns,
                ended_ns=run.ended_ns,
                site=self._member,
                ticket=run.ticket,
                status=run.status,
            )
        )

    def _miss(self, why: Why, text: str, began_ns: int, ended_ns: int) -> None:
        self.recorder.add(
            Missed(
                observer=cib_at(self._member),
                began_ns=began_ns,
                ended_ns=ended_ns,
                at=self._member,
                what=Watched.CIB,
                why=why,
                text=text,
            )
        )
