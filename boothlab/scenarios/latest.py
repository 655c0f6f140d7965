"""What was last seen of a cluster, while a history is being recorded."""

from __future__ import annotations

from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING

from boothlab.history.observations import (
    BoothView,
    CibView,
    CibWrite,
    HandlerRun,
    Missed,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)
from boothlab.history.records import Life, Process
from boothlab.scenarios.errors import NotSoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.history.records import Record


class Latest:
    """The newest of each observation. It is told every record, by any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._booth: dict[tuple[str, str], BoothView] = {}
        self._silent: set[str] = set()
        self._cib: dict[tuple[str, str], CibView | CibWrite] = {}
        self._writes: dict[tuple[str, str], int] = {}
        self._handled: dict[tuple[str, str], int] = {}
        self._nodes: dict[tuple[str, str], set[str]] = {}
        self._starts: dict[str, int] = {}

    def append(self, record: Record) -> None:
        """Take a record in."""
        with self._changed:
            self._take(record)
            self._changed.notify_all()

    def _take(self, record: Record) -> None:
        match record:
            case BoothView():
                self._booth[record.member, record.ticket] = record
                self._silent.discard(record.member)
            case CibView() | CibWrite():
                self._take_grant(record)
            case HandlerRun():
                key = record.site, record.ticket
                self._handled[key] = self._handled.get(key, 0) + 1
            case ResourceView():
                self._nodes[record.site, record.resource] = set(record.nodes)
            case ResourceChange():
                nodes = self._nodes.setdefault((record.site, record.resource), set())
                (nodes.add if record.running else nodes.discard)(record.node)
            case Process(life=Life.STARTED):
                self._starts[record.member] = self._starts.get(record.member, 0) + 1
            case Missed():
                self._take_miss(record)
            case _:
                pass

    def _take_grant(self, record: CibView | CibWrite) -> None:
        """Take what is newer: logs may be read after the CIB that they tell of was seen."""
        key = record.site, record.ticket
        if isinstance(record, CibWrite):
            self._writes[key] = self._writes.get(key, 0) + 1
        known = self._cib.get(key)
        if known is None or record.ended_ns >= known.ended_ns:
            self._cib[key] = record

    def _take_miss(self, record: Missed) -> None:
        if record.what is Watched.BOOTH:
            self._silent.add(record.at)
        elif record.why is Why.DOWN and record.what is Watched.CIB:
            for key in [key for key in self._cib if key[0] == record.at]:
                del self._cib[key]
        elif record.why is Why.DOWN:
            for key in [key for key in self._nodes if key[0] == record.at]:
                self._nodes[key] = set()

    # questions; hold the lock so that an answer is of one moment

    def holders(self, ticket: str) -> frozenset[str]:
        """Return the sites whose CIB has a ticket granted."""
        with self._changed:
            return frozenset(
                site for (site, name), each in self._cib.items() if name == ticket and each.granted
            )

    def leaders(self, ticket: str) -> dict[str, str | None]:
        """Return whom each member that answers names as a ticket's leader."""
        with self._changed:
            return {
                member: each.leader
                for (member, name), each in self._booth.items()
                if name == ticket and member not in self._silent
            }

    def terms(self, ticket: str) -> dict[str, int]:
        """Return the term that each site's CIB tells."""
        with self._changed:
            return {
                site: each.term
                for (site, name), each in self._cib.items()
                if name == ticket and each.term is not None
            }

    def writes(self, site: str, ticket: str) -> int:
        """Return how often a ticket was written into a site's CIB."""
        with self._changed:
            return self._writes.get((site, ticket), 0)

    def handler_runs(self, site: str, ticket: str) -> int:
        """Return how often a site's handler for a ticket has run."""
        with self._changed:
            return self._handled.get((site, ticket), 0)

    def starts(self, member: str) -> int:
        """Return how often a member's daemon was started."""
        with self._changed:
            return self._starts.get(member, 0)

    def running(self, resource: str) -> dict[str, frozenset[str]]:
        """Return the nodes that run a resource, by site; sites that run it nowhere are left out."""
        with self._changed:
            return {
                site: frozenset(nodes)
                for (site, name), nodes in self._nodes.items()
                if name == resource and nodes
            }

    def wait(self, condition: Callable[[Latest], bool], what: str, limit_s: float) -> None:
        """Wait until a condition holds; it is asked whenever something was recorded.

        Raises:
            NotSoError: it did not hold in time.
        """
        deadline = monotonic() + limit_s
        with self._changed:
            while not condition(self):
                left_s = deadline - monotonic()
                if left_s <= 0:
                    raise NotSoError(f"{what}: still not so after {limit_s:g} s; {self}")
                self._changed.wait(left_s)

    def __str__(self) -> str:
        with self._changed:
            tickets = sorted({name for _, name in self._cib} | {name for _, name in self._booth})
            told = [
                f"{name}: granted at {', '.join(sorted(self.holders(name))) or 'nobody'}; "
                + ", ".join(f"{member} names {leader}" for member, leader in self.leaders(name).items())
                for name in tickets
            ]
            return "; ".join(told) or "nothing was seen"
