"""What is recorded of a site, whoever saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boothlab.engine.parsers.cib import TicketState
from boothlab.history.observations import CibView, HandlerRun, Missed, Watched, Why
from boothlab.observers import handler_log
from boothlab.observers.booth_answers import on_runs_clock, wall_ahead_ns
from boothlab.observers.subjects import Names, cib_at, resources_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boothlab.history.recorder import Recorder


@dataclass(frozen=True)
class SiteRecords:
    """Makes records of a site."""

    recorder: Recorder
    names: Names
    site: str
    since_ns: int
    """When the recording began: what began before is not recorded."""

    def tickets(self, states: Iterable[TicketState], during: Mapping[str, Any]) -> None:
        """Record the tickets of the site's CIB; one that is not there is granted to nobody."""
        found = {each.name: each for each in states}
        ahead_ns = wall_ahead_ns()
        for name in self.names.topology.tickets:
            state = found.get(name, TicketState(name, granted=False))
            expires = None if state.expires is None else datetime.fromtimestamp(state.expires, UTC)
            self.recorder.add(
                CibView(
                    observer=cib_at(self.site),
                    began_ns=during["began_ns"],
                    ended_ns=during["ended_ns"],
                    site=self.site,
                    ticket=name,
                    granted=state.granted,
                    owner=self.names.owner(state.owner),
                    term=state.term,
                    expires_ns=on_runs_clock(expires, ahead_ns),
                    standby=state.standby,
                )
            )

    def missed(self, what: Watched, why: Why, text: str, during: Mapping[str, Any]) -> None:
        """Record that somebody looked at the site, and could not tell."""
        observer = {Watched.CIB: cib_at, Watched.RESOURCES: resources_at}[what](self.site)
        self.recorder.add(
            Missed(
                observer=observer,
                began_ns=during["began_ns"],
                ended_ns=during["ended_ns"],
                at=self.site,
                what=what,
                why=why,
                text=text,
            )
        )

    def handler(self, text: str) -> None:
        """Record a line of the handlers' log; what is none is passed over."""
        try:
            run = handler_log.parse(text)
        except ValueError:
            return
        if run.began_ns < self.since_ns:
            return
        self.recorder.add(
            HandlerRun(
                observer=cib_at(self.site),
                began_ns=run.began_ns,
                ended_ns=run.ended_ns,
                site=self.site,
                ticket=run.ticket,
                status=run.status,
            )
        )
