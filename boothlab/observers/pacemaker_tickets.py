"""A site's tickets, as the logs of its nodes tell them together.

Each node logs each write into its copy of the CIB. It is one write, which came about between
the first node's having it and the last one's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from boothlab.history.observations import CibView, CibWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from boothlab.observers.pacemaker_log import CibEnded, TicketWrite

HOLD_NS: Final = 2_000_000_000
"""For how long a write waits for the other nodes to tell it."""

_NS_PER_S: Final = 1_000_000_000

Key = tuple[str, str]
"""A ticket, and the CIB's version after a write."""


@dataclass
class _Write:
    """A write that some nodes have told."""

    told: TicketWrite
    ended_ns: int
    nodes: set[str]


@dataclass
class SiteTickets:
    """Makes one write of what several nodes tell."""

    site: str
    nodes: tuple[str, ...]
    name_of: Callable[[int], str]
    """A member's name by its site id; nothing for nobody's."""
    observer: str
    offset_ns: int = 0
    """What to add to the nodes' wall clock for the run's clock."""
    latest: dict[str, CibWrite] = field(default_factory=dict)
    """The latest write of each ticket that the CIB has."""
    _with_cib: set[str] = field(default_factory=set)
    """Nodes that hold a copy of the CIB."""
    _writes: dict[Key, _Write] = field(default_factory=dict)
    _told: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Expect every node to tell."""
        self._with_cib = set(self.nodes)

    def write(self, told: TicketWrite) -> Iterator[CibWrite]:
        """Yield a write as soon as every node has told it."""
        key = (told.ticket, told.version)
        self._with_cib.add(told.node)
        if key in self._told or self._known(told):  # a node that comes late, or joins again
            return
        write = self._writes.setdefault(key, _Write(told, told.ended_ns, set()))
        write.told = replace(write.told, began_ns=min(write.told.began_ns, told.began_ns))
        write.ended_ns = max(write.ended_ns, told.ended_ns)
        write.nodes.add(told.node)
        if write.nodes >= self._with_cib:
            yield from self._tell(key)

    def _known(self, told: TicketWrite) -> bool:
        """Return whether the CIB already had it so."""
        latest = self.latest.get(told.ticket)
        if latest is None or any(ticket == told.ticket for ticket, _ in self._writes):
            return False
        return replace(latest, began_ns=0, ended_ns=0) == self._observed(told.ticket, told.attributes, 0, 0)

    def settle(self, now_ns: int) -> Iterator[CibWrite]:
        """Yield the writes that some nodes have not told for so long that they will not."""
        for key, write in list(self._writes.items()):
            if now_ns - write.ended_ns > HOLD_NS:
                yield from self._tell(key)

    def close(self) -> Iterator[CibWrite]:
        """Yield the writes that not all nodes have told."""
        for key in list(self._writes):
            yield from self._tell(key)

    def ended(self, told: CibEnded) -> Iterator[CibWrite]:
        """Yield what it means that a copy of the CIB is gone: with the last one, no ticket is granted."""
        if told.node not in self._with_cib:
            return
        self._with_cib.discard(told.node)
        for key in [key for key, write in self._writes.items() if write.nodes >= self._with_cib]:
            yield from self._tell(key)
        if self._with_cib:
            return
        for ticket in self.latest:
            if found := self._observed(ticket, {}, told.began_ns, told.ended_ns):
                yield found
        self._told.clear()
        self.latest.clear()

    def views(self, began_ns: int, ended_ns: int) -> Iterator[CibView]:
        """Yield how the tickets are."""
        for each in self.latest.values():
            yield CibView(
                began_ns=began_ns,
                ended_ns=ended_ns,
                observer=self.observer,
                site=self.site,
                ticket=each.ticket,
                granted=each.granted,
                owner=each.owner,
                term=each.term,
                expires_ns=each.expires_ns,
            )

    def _tell(self, key: Key) -> Iterator[CibWrite]:
        write = self._writes.pop(key)
        self._told.add(key)
        told = write.told
        if found := self._observed(told.ticket, told.attributes, told.began_ns, write.ended_ns):
            self.latest[told.ticket] = found
            yield found

    def _observed(
        self, ticket: str, attributes: Mapping[str, str], began_ns: int, ended_ns: int
    ) -> CibWrite | None:
        """Return a write as an observation; None when the log begins too late to know all of the ticket."""
        if attributes and "granted" not in attributes:
            return None
        expires_s = _number(attributes.get("expires"))
        return CibWrite(
            began_ns=began_ns,
            ended_ns=ended_ns,
            observer=self.observer,
            site=self.site,
            ticket=ticket,
            granted=attributes.get("granted") == "true",
            owner=self.name_of(_number(attributes.get("owner")) or 0) or None,
            term=_number(attributes.get("term")),
            expires_ns=None if expires_s is None else expires_s * _NS_PER_S + self.offset_ns,
        )


def _number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None
