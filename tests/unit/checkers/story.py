"""A history by hand, told in a few lines. All times are milliseconds after the start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from boothlab.checkers.context import Context
from boothlab.checkers.judge import ask
from boothlab.core.config.model import Role
from boothlab.history.header import Header, Member, Observer, Ticket
from boothlab.history.history import History
from boothlab.history.observations import (
    BoothView,
    CibView,
    CibWrite,
    HandlerRun,
    Missed,
    PeerCounters,
    PeersView,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)
from boothlab.history.records import (
    Edge,
    Family,
    Fate,
    Fault,
    Life,
    LogLine,
    Mark,
    Operation,
    Origin,
    Packet,
    Phase,
    Process,
    Record,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.checkers.verdict import Checker, Verdict

MS = 1_000_000
START_NS = 7_000 * MS
"""Not 0, so that nobody mixes up moments and lengths."""

TICKET = Ticket(
    "ticketA", expire_ms=2_000, acquire_after_ms=1_000, timeout_ms=100, retries=3, renewal_ms=1_000
)
BOUNDS = Context(
    observation_gap_ms=500,
    revoke_ms=200,
    failover_ms=1_000,
    placement_ms=1_000,
    agreement_ms=1_000,
)


def ns(at_ms: float) -> int:
    """Return a moment on the run's clock."""
    return START_NS + round(at_ms * MS)


class Story:
    """Three members A, B and C, of which C is an arbitrator; one ticket that nobody has at first."""

    def __init__(self, ticket: Ticket = TICKET, *, end: float = 20_000, authenticated: bool = False) -> None:
        self.ticket = ticket
        self.end = end
        self.members = (
            *(Member(name, Role.SITE, f"10.0.0.{name}", "python", nodes=(f"{name}1",)) for name in "AB"),
            Member("C", Role.ARBITRATOR, "10.0.0.3", "python"),
        )
        self.authenticated = authenticated
        self.records: list[Record] = []
        self.observers = [Observer(f"{what}@{site}") for what in ("cib", "rsc") for site in "AB"]
        self.silent: set[str] = set()
        self.clients = 0

    # --- what is seen

    def held(self, site: str, since: float, until: float | None = None, term: int | None = None) -> Self:
        """A CIB has the ticket granted, each write at one moment."""
        self.write(since, since, site, granted=True, term=term)
        return self if until is None else self.write(until, until, site, granted=False, term=term)

    def write(
        self,
        began: float,
        ended: float,
        site: str,
        *,
        granted: bool,
        term: int | None = None,
        owner: str = "",
    ) -> Self:
        """A CIB is written, some time in an interval."""
        owner = owner or (site if granted else "")
        return self.add(
            CibWrite(
                **span(began, ended),
                observer=f"cib@{site}",
                site=site,
                ticket=self.ticket.name,
                granted=granted,
                owner=owner or None,
                term=term,
            )
        )

    def polled(self, site: str, *seen: tuple[float, float, bool], period: int = 100) -> Self:
        """A CIB is looked at: from, to, and whether it had the ticket granted."""
        self.silent.add(f"cib@{site}")
        self.observers = [
            replace(each, period_ms=period) if each.name == f"cib@{site}" else each for each in self.observers
        ]
        for began, ended, granted in seen:
            self.add(
                CibView(
                    **span(began, ended),
                    observer=f"cib@{site}",
                    site=site,
                    ticket=self.ticket.name,
                    granted=granted,
                )
            )
        return self

    def polled_often(
        self, site: str, *held: tuple[float, float], until: float, period: int = 100, takes: float = 10
    ) -> Self:
        """A CIB is looked at all the time, and has the ticket granted in these intervals."""
        looks = [
            (at, at + takes, any(since <= at < to for since, to in held))
            for at in range(0, round(until), period)
        ]
        return self.polled(site, *looks, period=period)

    def missed(
        self,
        began: float,
        ended: float,
        site: str,
        why: Why,
        what: Watched = Watched.CIB,
        about: str = "",
        node: str = "",
    ) -> Self:
        """An observer sees nothing."""
        times = span(began, ended)
        return self.add(
            Missed(**times, observer=f"cib@{site}", at=site, what=what, why=why, about=about, node=node)
        )

    def runs(
        self, site: str, resource: str, since: float, until: float | None = None, node: str = ""
    ) -> Self:
        """A resource agent starts a resource, and stops it; each takes 10 ms."""
        self._resource(since, site, resource, node or f"{site}1", running=True)
        return (
            self
            if until is None
            else self._resource(until, site, resource, node or f"{site}1", running=False)
        )

    def _resource(self, at: float, site: str, resource: str, node: str, *, running: bool) -> Self:
        return self.add(
            ResourceChange(
                **span(at, at + 10),
                observer=f"rsc@{site}",
                site=site,
                node=node,
                resource=resource,
                running=running,
            )
        )

    def says(
        self, at: float, member: str, leader: str | None, *, term: int | None = None, **more: object
    ) -> Self:
        """A member's daemon tells what it knows of the ticket."""
        self._observer(f"booth@{member}")
        return self.add(
            BoothView(
                **span(at, at + 5),
                observer=f"booth@{member}",
                member=member,
                ticket=self.ticket.name,
                leader=leader,
                term=term,
                **more,
            )
        )

    def all_say(self, since: float, until: float, leader: str | None) -> Self:
        """All daemons tell the same, again and again."""
        for at in range(round(since), round(until), 100):
            for member in "ABC":
                self.says(at, member, leader)
        return self

    def counters(self, at: float, member: str, peer: str, **counts: int) -> Self:
        """A member tells what it counted."""
        self._observer(f"peers@{member}")
        seen = (PeerCounters(peer, **counts),)
        return self.add(PeersView(**span(at, at + 5), observer=f"peers@{member}", member=member, peers=seen))

    def handler(self, began: float, ended: float, site: str, status: int = 0) -> Self:
        """The before-acquire-handler runs."""
        self._observer(f"handler@{site}")
        return self.add(
            HandlerRun(
                **span(began, ended),
                observer=f"handler@{site}",
                site=site,
                ticket=self.ticket.name,
                status=status,
            )
        )

    # --- what is done

    def asks(
        self, at: float, verb: Verb, site: str, until: float | None, phase: Phase = Phase.OK, **more: object
    ) -> Self:
        """A client asks, and is told the outcome; ``until`` None: it never is."""
        self.clients += 1
        result = more.pop("result", None)
        asked = Operation(
            at_ns=ns(at),
            process=f"client-{self.clients}",
            phase=Phase.INVOKE,
            verb=verb,
            ticket=self.ticket.name,
            site=site,
            **more,
        )
        self.add(asked)
        return (
            self if until is None else self.add(replace(asked, at_ns=ns(until), phase=phase, result=result))
        )

    def grants(self, at: float, site: str, until: float | None = None, **more: object) -> Self:
        """An administrator grants the ticket."""
        return self.asks(at, Verb.GRANT, site, at + 50 if until is None else until, **more)

    def revokes(self, at: float, site: str, until: float | None = None, **more: object) -> Self:
        """An administrator revokes the ticket."""
        return self.asks(at, Verb.REVOKE, site, at + 50 if until is None else until, **more)

    # --- what goes wrong

    def fault(
        self,
        since: float,
        until: float | None,
        family: Family,
        *targets: str,
        cuts: Sequence[tuple[str, str]] = (),
        takes: float = 20,
        **more: object,
    ) -> Self:
        """A fault is applied, and undone unless ``until`` is None."""
        fault_id = f"f{len(self.records)}"
        common: dict[str, Any] = {"id": fault_id, "family": family, "name": family.value, "targets": targets}
        self.add(Fault(**span(since, since + takes), edge=Edge.BEGIN, cuts=tuple(cuts), **common, **more))
        return (
            self if until is None else self.add(Fault(**span(until, until + takes), edge=Edge.END, **common))
        )

    def isolated(self, member: str, since: float, until: float | None = None) -> Self:
        """A member is cut off from all others, in both directions."""
        others = [each.name for each in self.members if each.name != member]
        cuts = [pair for other in others for pair in ((member, other), (other, member))]
        return self.fault(since, until, Family.NETWORK, member, cuts=cuts)

    def daemon(self, at: float, member: str, life: Life, *, by: str = "harness", status: str = "") -> Self:
        """Something becomes of a daemon."""
        return self.add(Process(**span(at, at + 5), member=member, life=life, by=by, status=status))

    def sends(self, at: float, sender: str, receiver: str, command: str, term: int, **more: object) -> Self:
        """A packet is seen."""
        more.setdefault("leader", sender)
        return self.add(
            Packet(
                at_ns=ns(at),
                sender=sender,
                receiver=receiver,
                command=command,
                ticket=self.ticket.name,
                term=term,
                **more,
            )
        )

    def forges(self, at: float, sender: str, receiver: str, term: int, **more: object) -> Self:
        """Somebody without the key sends a packet in a member's name, and it arrives."""
        more.setdefault("fate", Fate.DELIVERED)
        more.setdefault("origin", Origin.FORGED)
        return self.sends(at, sender, receiver, "HrtB", term, **more)

    # --- the whole

    def add(self, record: Record) -> Self:
        self.records.append(record)
        return self

    def _observer(self, name: str) -> None:
        if all(each.name != name for each in self.observers):
            self.observers.append(Observer(name))

    def header(self) -> Header:
        return Header(
            testbed="simulation",
            topology="three",
            members=self.members,
            tickets=(self.ticket,),
            clock="virtual",
            started_ns=START_NS,
            started_utc="2026-01-01T00:00:00Z",
            observers=tuple(self.observers),
            authenticated=self.authenticated,
        )

    def history(self) -> History:
        """Return it: nothing granted and nothing running at first, unless something else was told."""
        first: list[Record] = [
            CibView(**span(0, 0), observer=f"cib@{site}", site=site, ticket=self.ticket.name, granted=False)
            for site in "AB"
            if f"cib@{site}" not in self.silent
        ]
        first += [
            ResourceView(**span(0, 0), observer=f"rsc@{site}", site=site, resource=resource, nodes=())
            for site in "AB"
            for resource in self.ticket.resources
        ]
        if not self.ticket.resources:
            self.observers = [each for each in self.observers if not each.name.startswith("rsc")]
        told = sorted([*first, *self.records], key=lambda each: each.ended_ns)
        told.append(Mark(at_ns=max(ns(self.end), told[-1].ended_ns), name="end"))
        return History(self.header(), tuple(replace(each, index=at) for at, each in enumerate(told)))


def span(began: float, ended: float) -> dict[str, Any]:
    return {"began_ns": ns(began), "ended_ns": ns(ended)}


def judged(checker: Checker, story: Story, **bounds: object) -> Verdict:
    """Return a checker's word about a story."""
    return ask(checker, story.history(), replace(BOUNDS, **bounds))


def shown(verdict: Verdict, story: Story) -> list[Record]:
    """Return the records that a verdict names as evidence."""
    history = story.history()
    return [history.record(index) for index in verdict.evidence]


__all__ = ["BOUNDS", "MS", "TICKET", "LogLine", "Story", "judged", "ns", "shown", "span"]
