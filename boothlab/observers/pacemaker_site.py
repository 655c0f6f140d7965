"""What the logs of a site's nodes tell together, as observations.

Each node logs each write into the CIB. It is one write, which came about between the first
node's having it and the last one's. What becomes of a resource only its own node logs. Where
an operation failed or never ended, nobody knows whether the resource runs, and that is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from boothlab.history.observations import CibWrite, Missed, ResourceChange, Watched, Why
from boothlab.observers.pacemaker_log import Asked, CibEnded, Done, NodeLog, TicketWrite, parse_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.history.observations import Observation

HOLD_NS: Final = 2_000_000_000
"""For how long a write waits for the other nodes to tell it."""

_NS_PER_S: Final = 1_000_000_000
_OK: Final = "ok"
_STOPPED: Final = "not running"
_CANCELLED: Final = "Cancelled"
_LOOKS: Final = ("monitor", "probe")

Key = tuple[str, str]
"""A ticket and the CIB's version after a write; or a node and a resource."""


@dataclass
class _Write:
    """A write that some nodes have told."""

    first: TicketWrite
    ended_ns: int
    nodes: set[str]


@dataclass(frozen=True)
class _Belief:
    """How a resource is on a node; None: nobody knows."""

    runs: bool | None
    since_ns: int


@dataclass
class SiteLog:
    """Puts the logs of a site's nodes together. Its observations are for the run's history.

    Give it each node's log from its first line on. What ended before the run began is
    still needed to understand the rest; leave its observations out.
    """

    site: str
    nodes: tuple[str, ...]
    name_of: Callable[[int], str]
    """A member's name by its site id; nothing for nobody's."""
    observer: str = ""
    _logs: dict[str, NodeLog] = field(default_factory=dict)
    _offset_ns: int = 0
    _with_cib: set[str] = field(default_factory=set)
    """Nodes whose CIB manager runs."""
    _writes: dict[Key, _Write] = field(default_factory=dict)
    _told: set[Key] = field(default_factory=set)
    _granted: dict[str, CibWrite] = field(default_factory=dict)
    """The latest write of each ticket."""
    _asked: dict[Key, Asked] = field(default_factory=dict)
    _beliefs: dict[Key, _Belief] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what every node's log tells: nothing."""
        self._logs = {node: NodeLog(node) for node in self.nodes}
        self._with_cib = set(self.nodes)

    def read(self, node: str, text: str, read_ns: int, offset_ns: int) -> Iterator[Observation]:
        """Yield what a line of a node's log tells, as far as it is known by now.

        Args:
            node: whose log it is.
            text: the line.
            read_ns: when it was read, on the run's clock.
            offset_ns: what to add to the node's wall clock for the run's clock.
        """
        self._offset_ns = offset_ns
        line = parse_line(text, read_ns, offset_ns)
        for each in self._logs[node].read(line) if line else ():
            if isinstance(each, TicketWrite):
                yield from self._write(each)
            elif isinstance(each, CibEnded):
                yield from self._cib_ended(each)
            elif isinstance(each, Asked):
                yield from self._ask(each)
            else:
                yield from self._end(each)
        yield from self.settle(read_ns)

    def settle(self, now_ns: int) -> Iterator[Observation]:
        """Yield the writes that some nodes have not told for so long that they will not."""
        for key, write in list(self._writes.items()):
            if now_ns - write.ended_ns > HOLD_NS:
                yield from self._tell(key)

    def lost(self, node: str, began_ns: int, ended_ns: int) -> Iterator[Observation]:
        """Yield what a node's sudden end means: no process of it runs any more."""
        yield from self._cib_ended(CibEnded(began_ns, ended_ns, node))
        self._logs[node] = NodeLog(node)
        for key in [each for each in self._asked if each[0] == node]:
            del self._asked[key]
        for (at, resource), belief in list(self._beliefs.items()):
            if at == node and belief.runs is not False:
                yield self._believe((at, resource), began_ns, ended_ns, runs=False)

    def close(self, now_ns: int) -> Iterator[Observation]:
        """Yield what is left at the end: writes, and operations that have not ended."""
        for key in list(self._writes):
            yield from self._tell(key)
        for asked in list(self._asked.values()):
            yield from self._unended(asked, now_ns)

    # the CIB

    def _write(self, told: TicketWrite) -> Iterator[Observation]:
        key = (told.ticket, told.version)
        self._with_cib.add(told.node)
        if key in self._told or self._known(told):  # a node that comes late, or joins again
            return
        write = self._writes.setdefault(key, _Write(told, told.ended_ns, set()))
        write.first = replace(write.first, began_ns=min(write.first.began_ns, told.began_ns))
        write.ended_ns = max(write.ended_ns, told.ended_ns)
        write.nodes.add(told.node)
        if write.nodes >= self._with_cib:
            yield from self._tell(key)

    def _known(self, told: TicketWrite) -> bool:
        latest = self._granted.get(told.ticket)
        if latest is None or any(ticket == told.ticket for ticket, _ in self._writes):
            return False
        return replace(latest, began_ns=0, ended_ns=0) == self._as_write(told, 0, 0)

    def _tell(self, key: Key) -> Iterator[CibWrite]:
        write = self._writes.pop(key)
        self._told.add(key)
        found = self._as_write(write.first, write.first.began_ns, write.ended_ns)
        if found is not None:
            self._granted[write.first.ticket] = found
            yield found

    def _as_write(self, told: TicketWrite, began_ns: int, ended_ns: int) -> CibWrite | None:
        """Return a write as an observation; None when nobody knows what was there before it."""
        values = told.attributes
        if values and "granted" not in values:
            return None
        expires_s = _number(values.get("expires"))
        return CibWrite(
            began_ns=began_ns,
            ended_ns=ended_ns,
            observer=self.observer,
            site=self.site,
            ticket=told.ticket,
            granted=values.get("granted") == "true",
            owner=self.name_of(_number(values.get("owner")) or 0) or None,
            term=_number(values.get("term")),
            expires_ns=None if expires_s is None else expires_s * _NS_PER_S + self._offset_ns,
        )

    def _cib_ended(self, told: CibEnded) -> Iterator[Observation]:
        """When the last copy of the CIB is gone, no ticket is granted any more."""
        before = set(self._with_cib)
        self._with_cib.discard(told.node)
        for key in [key for key, write in self._writes.items() if write.nodes >= self._with_cib]:
            yield from self._tell(key)
        if self._with_cib or not before:
            return
        self._told.clear()
        for ticket in list(self._granted):
            yield self._blank(ticket, told.began_ns, told.ended_ns)
        self._granted.clear()

    def _blank(self, ticket: str, began_ns: int, ended_ns: int) -> CibWrite:
        return CibWrite(
            began_ns=began_ns,
            ended_ns=ended_ns,
            observer=self.observer,
            site=self.site,
            ticket=ticket,
            granted=False,
        )

    # resources

    def _ask(self, asked: Asked) -> Iterator[Observation]:
        if asked.action in _LOOKS:
            return
        key = (asked.node, asked.resource)
        if before := self._asked.get(key):
            yield from self._unended(before, asked.began_ns)
        self._asked[key] = asked

    def _unended(self, asked: Asked, ended_ns: int) -> Iterator[Observation]:
        text = f"{asked.action} of {asked.resource} on {asked.node} was asked for, and not told to have ended"
        del self._asked[asked.node, asked.resource]
        yield self._unknown((asked.node, asked.resource), asked.began_ns, max(ended_ns, asked.began_ns), text)

    def _end(self, done: Done) -> Iterator[Observation]:
        if done.outcome == _CANCELLED:
            return
        key = (done.node, done.resource)
        belief = self._beliefs.get(key) or _Belief(None, done.began_ns)
        looked = done.action in _LOOKS
        if not looked:
            self._asked.pop(key, None)
        elif before := self._asked.get(key):
            yield from self._unended(before, done.began_ns)
            belief = self._beliefs[key]
        runs = _outcome(done)
        began_ns = belief.since_ns if looked else done.began_ns
        if runs is None:
            text = f"{done.action} of {done.resource} on {done.node}: {done.outcome}"
            yield self._unknown(key, began_ns, done.ended_ns, text)
        elif runs is belief.runs:
            since_ns = done.began_ns if looked else done.ended_ns
            self._beliefs[key] = _Belief(runs, max(belief.since_ns, since_ns))
        else:
            yield self._believe(key, began_ns, done.ended_ns, runs=runs)

    def _believe(self, key: Key, began_ns: int, ended_ns: int, *, runs: bool) -> ResourceChange:
        self._beliefs[key] = _Belief(runs, ended_ns)
        return ResourceChange(
            began_ns=began_ns,
            ended_ns=ended_ns,
            observer=self.observer,
            site=self.site,
            node=key[0],
            resource=key[1],
            running=runs,
        )

    def _unknown(self, key: Key, began_ns: int, ended_ns: int, text: str) -> Missed:
        self._beliefs[key] = _Belief(None, ended_ns)
        return Missed(
            began_ns=began_ns,
            ended_ns=ended_ns,
            observer=self.observer,
            at=self.site,
            what=Watched.RESOURCES,
            why=Why.ERROR,
            about=key[1],
            text=text,
        )


def _outcome(done: Done) -> bool | None:
    """Return whether the resource runs after an operation; None when that is not said."""
    if done.outcome == _OK:
        return done.action != "stop"
    return False if done.outcome == _STOPPED and done.action in _LOOKS else None


def _number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None
