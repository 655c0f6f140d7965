"""What the logs of a site's nodes tell together, as observations for a history."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from boothlab.observers.pacemaker_log import Asked, CibEnded, NodeLog, TicketWrite, parse_line
from boothlab.observers.pacemaker_resources import SiteResources
from boothlab.observers.pacemaker_tickets import SiteTickets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from boothlab.history.observations import CibView, CibWrite, Missed, ResourceChange, ResourceView
    from boothlab.observers.pacemaker_log import Told

    Found = CibWrite | ResourceChange | Missed


@dataclass
class SiteLog:
    """Puts the logs of a site's nodes together.

    Give it each node's log from its first line on, or from a node's start: only changes are logged,
    so what was before the run explains what is in it. Ask for ``views`` when what was there is read.
    """

    site: str
    nodes: tuple[str, ...]
    name_of: Callable[[int], str]
    """A member's name by its site id; nothing for nobody's."""
    cib_observer: str = ""
    """Who tells of tickets."""
    resources_observer: str = ""
    """Who tells of resources."""
    since_ns: int = 0
    """When the run began; what ended earlier is not told."""
    _logs: dict[str, NodeLog] = field(init=False)
    _tickets: SiteTickets = field(init=False)
    _resources: SiteResources = field(init=False)

    def __post_init__(self) -> None:
        """Begin with what an empty log tells: nothing."""
        self._logs = {node: NodeLog(node) for node in self.nodes}
        self._tickets = SiteTickets(self.site, self.nodes, self.name_of, self.cib_observer)
        self._resources = SiteResources(self.site, self.resources_observer)

    def read(self, node: str, text: str, read_ns: int, offset_ns: int) -> Iterator[Found]:
        """Yield what a line of a node's log tells, as far as it is known by now.

        Args:
            node: whose log it is.
            text: the line.
            read_ns: when it was read, on the run's clock.
            offset_ns: what to add to the node's wall clock for the run's clock.
        """
        self._tickets.offset_ns = offset_ns
        line = parse_line(text, read_ns, offset_ns)
        for each in self._logs[node].read(line) if line else ():
            yield from self._within(self._found(each))
        yield from self.settle(read_ns)

    def _found(self, told: Told) -> Iterator[Found]:
        if isinstance(told, TicketWrite):
            return self._tickets.write(told)
        if isinstance(told, CibEnded):
            return self._tickets.ended(told)
        return self._resources.ask(told) if isinstance(told, Asked) else self._resources.end(told)

    def settle(self, now_ns: int) -> Iterator[Found]:
        """Yield the writes that some nodes have not told for so long that they will not."""
        return self._within(self._tickets.settle(now_ns))

    def lost(self, node: str, began_ns: int, ended_ns: int) -> Iterator[Found]:
        """Yield what a node's sudden end, in this interval, means: no process of it runs any more."""
        self._logs[node] = NodeLog(node)
        yield from self._within(self._tickets.ended(CibEnded(began_ns, ended_ns, node)))
        yield from self._within(self._resources.lost(node, began_ns, ended_ns))

    def close(self, now_ns: int) -> Iterator[Found]:
        """Yield what is left at the end: writes that wait, and operations that have not ended."""
        yield from self._within(self._tickets.close())
        yield from self._within(self._resources.close(now_ns))

    def views(self, began_ns: int, ended_ns: int) -> Iterator[CibView | ResourceView]:
        """Yield how it all is, by what was read so far: that was so at some moment of the interval."""
        yield from self._tickets.views(began_ns, ended_ns)
        yield from self._resources.views(began_ns, ended_ns)

    def _within(self, every: Iterable[Found]) -> Iterator[Found]:
        """Leave out what was before the run, and cut off what began before it."""
        for each in every:
            if each.ended_ns >= self.since_ns:
                yield replace(each, began_ns=max(each.began_ns, self.since_ns))
