"""What a node's pacemaker.log tells: writes into its CIB, and what was done to resources there.

Pacemaker writes the file line by line, at level info, without being asked to. Each node logs
what happens to its own copy of the CIB, and what its own agents do. A line's time is that of
its writing at the latest: the clock behind it moves in ticks, and some builds tell whole seconds.

Only the standard library is needed here.
"""

from __future__ import annotations

import re
from calendar import timegm
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PATH: Final = "/var/log/pacemaker/pacemaker.log"

_NS_PER_S: Final = 1_000_000_000
_TICK_NS: Final = 10_000_000
"""The longest tick of a kernel's coarse clock, which libqb reads."""
_MS_NS: Final = 1_000_000

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINE: Final = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d+) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?:\.(?P<ms>\d{3}))? +\S+ +(?P<daemon>pacemaker-(?:based|controld))"
    r" *\[(?P<pid>\d+)\] +\([^)]*\)\s+\w+: (?P<text>.*)"
)
_CHANGED: Final = re.compile(
    r"(?:\+ |--) /cib/status/tickets/ticket_state\[@id='(?P<ticket>[^']+)'\]:\s+(?P<rest>@.*)"
)
_REMOVED: Final = re.compile(
    r"-- /cib/status(?P<tickets>/tickets(?:/ticket_state\[@id='(?P<ticket>[^']+)'\])?)?$"
)
_CREATED: Final = re.compile(r"\+\+ .*<ticket_state (?P<rest>.*)")
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_OPERATION: Final = re.compile(
    r"(?P<what>Requesting local execution|Result) of (?P<action>start|stop|monitor|probe) operation"
    r" for (?P<resource>\S+?)(?::\d+)? on (?P<node>[^\s:]+)(?:: (?P<outcome>.*?))?(?: \|.*)?$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the CIB manager or the controller. It was written at some moment of the interval."""

    began_ns: int
    ended_ns: int
    daemon: str
    pid: int
    text: str


@dataclass(frozen=True, slots=True)
class TicketWrite:
    """A ticket was written into a node's copy of the CIB, at some moment of the interval."""

    began_ns: int
    ended_ns: int
    node: str
    ticket: str
    version: str
    """The CIB's after it: ``0.6.40``. All nodes of a cluster give it the same."""
    attributes: Mapping[str, str]
    """All of the ticket's, after it; empty: the CIB has no such ticket any more."""


@dataclass(frozen=True, slots=True)
class CibEnded:
    """A node's CIB manager ended, or was found to have: that copy of the CIB holds no ticket any more."""

    began_ns: int
    ended_ns: int
    node: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A node was told to start, stop, monitor or probe a resource."""

    began_ns: int
    ended_ns: int
    node: str
    resource: str
    action: str


@dataclass(frozen=True, slots=True)
class Done:
    """Such an operation ended; it began at the interval's begin at the earliest."""

    began_ns: int
    ended_ns: int
    node: str
    resource: str
    action: str
    outcome: str
    """As Pacemaker says it: ``ok``, ``not running``, ``error (...)``, ``Timed Out after 20s (...)``."""


Told = TicketWrite | CibEnded | Asked | Done


def parse_line(text: str, read_ns: int, offset_ns: int) -> Line | None:
    """Return a line of interest; None when it is another one.

    Args:
        text: the line.
        read_ns: when it was read, on the run's clock. It was written earlier than that.
        offset_ns: what to add to the node's wall clock, in UTC, for the run's clock.
    """
    found = _LINE.match(text)
    if found is None:
        return None
    wall_ns = _wall_ns(found, read_ns - offset_ns)
    if wall_ns is None:
        return None
    blur_ns = _TICK_NS + (_MS_NS if found["ms"] else _NS_PER_S)
    began_ns = min(wall_ns + offset_ns, read_ns)
    ended_ns = min(began_ns + blur_ns, read_ns)
    return Line(began_ns, ended_ns, found["daemon"], int(found["pid"]), found["text"].rstrip())


def _wall_ns(found: re.Match[str], near_ns: int) -> int | None:
    """Return a line's time in nanoseconds since 1970, in the year that fits best: it tells none."""
    try:
        month = _MONTHS.index(found["month"]) + 1
        day, hour, minute, second = (int(found[each]) for each in ("day", "hour", "minute", "second"))
        year = datetime.fromtimestamp(near_ns / _NS_PER_S, UTC).year
    except ValueError:
        return None
    fraction_ns = int(found["ms"] or 0) * _MS_NS
    every = (timegm((year + more, month, day, hour, minute, second)) for more in (-1, 0, 1))
    return min((s * _NS_PER_S + fraction_ns for s in every), key=lambda ns: abs(ns - near_ns))


@dataclass
class NodeLog:
    """Reads one node's log, from its first line on: only changes are logged, so what was before counts."""

    node: str
    tickets: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    """The tickets of this node's CIB, with their attributes."""
    _version: str = ""
    _writing: dict[str, int] = field(default_factory=dict)
    """Tickets of the change that is being logged, and when its lines began."""
    _asked: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _first_ns: int | None = None
    _pid: int = 0
    _latest_ns: int = 0

    def read(self, line: Line) -> Iterator[Told]:
        """Yield what a line tells."""
        if self._first_ns is None:
            self._first_ns = line.began_ns
        if line.daemon == "pacemaker-controld":
            yield from self._operation(line)
        else:
            yield from self._cib(line)

    def _cib(self, line: Line) -> Iterator[Told]:
        text = line.text
        if text.startswith("Starting Pacemaker CIB manager") and self._pid:
            yield from self._ended(self._latest_ns, line.ended_ns)
        elif text.startswith("Exiting pacemaker-based"):
            yield from self._ended(line.began_ns, line.ended_ns)
        elif text.startswith("Diff: +++ "):
            self._version = text.split()[2]
        elif text.startswith(("Completed ", "Diff: --- ")):  # should the first be missing
            yield from self._written(line)
        else:
            for ticket in self._changed(text):
                self._writing.setdefault(ticket, line.began_ns)
        self._pid, self._latest_ns = line.pid, line.began_ns

    def _ended(self, began_ns: int, ended_ns: int) -> Iterator[CibEnded]:
        if self._pid:
            yield CibEnded(began_ns, ended_ns, self.node)
        self.tickets.clear()
        self._writing.clear()
        self._pid = 0

    def _changed(self, text: str) -> Iterable[str]:
        """Apply a line of a change; return the tickets that it is about."""
        if found := _CREATED.match(text):
            attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found["rest"])}
            ticket = attributes.pop("id", "")
            self.tickets[ticket] = attributes
            return (ticket,)
        if found := _CHANGED.match(text):
            self._change(found["ticket"], found["rest"].split(", @"), gone=text.startswith("--"))
            return (found["ticket"],)
        if found := _REMOVED.match(text):
            gone = (found["ticket"],) if found["ticket"] else tuple(self.tickets)
            for ticket in gone:
                self.tickets.pop(ticket, None)
            return gone
        return ()

    def _change(self, ticket: str, words: list[str], *, gone: bool) -> None:
        attributes = self.tickets.setdefault(ticket, {})
        for word in words:
            name, _, value = word.removeprefix("@").partition("=")
            if gone:
                attributes.pop(name, None)
            else:
                attributes[name] = value

    def _written(self, line: Line) -> Iterator[TicketWrite]:
        for ticket, began_ns in self._writing.items():
            attributes = dict(self.tickets.get(ticket, {}))
            yield TicketWrite(began_ns, line.ended_ns, self.node, ticket, self._version, attributes)
        self._writing.clear()

    def _operation(self, line: Line) -> Iterator[Told]:
        found = _OPERATION.match(line.text)
        if found is None:
            return
        what = (found["node"], found["resource"], found["action"])
        if found["outcome"] is None:
            self._asked[what] = line.began_ns
            yield Asked(line.began_ns, line.ended_ns, *what)
        else:  # a recurring monitor is asked for once and tells again when it finds a change
            began_ns = self._asked.pop(what, self._first_ns or 0)
            yield Done(began_ns, line.ended_ns, *what, found["outcome"])
