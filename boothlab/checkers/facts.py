"""What a history tells about grants and resources, as tracks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from boothlab.checkers.spans import NS_PER_MS
from boothlab.checkers.tracks import Point, Track, any_of, track
from boothlab.history.observations import (
    CibView,
    CibWrite,
    Missed,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.checkers.context import Context
    from boothlab.history.header import Ticket
    from boothlab.history.history import History

Subject = tuple[str, str]
"""A site, and a ticket or a resource."""
Place = tuple[str, str, str]
"""The same with a node; empty: at the site as a whole."""


@dataclass(frozen=True)
class Facts:
    """Tracks of who was granted what, and what ran where. Each is worked out once."""

    history: History
    context: Context

    @cached_property
    def _grants(self) -> dict[Subject, Track]:
        seen: dict[Subject, list[CibView | CibWrite]] = {}
        told: tuple[CibView | CibWrite, ...] = (*self.history.of(CibView), *self.history.of(CibWrite))
        for each in told:
            seen.setdefault((each.site, each.ticket), []).append(each)
        return {
            subject: self._track(
                (*subject, ""),
                Watched.CIB,
                [_granted(each) for each in every],
                {each.observer for each in every},
                tells_all=any(isinstance(each, CibWrite) for each in every),
            )
            for subject, every in seen.items()
        }

    @cached_property
    def _resources(self) -> dict[Subject, Track]:
        seen: dict[Subject, list[ResourceView | ResourceChange]] = {}
        views, changes = self.history.of(ResourceView), self.history.of(ResourceChange)
        told: tuple[ResourceView | ResourceChange, ...] = (*views, *changes)
        for each in told:
            seen.setdefault((each.site, each.resource), []).append(each)
        return {subject: self._runs_somewhere(subject, every) for subject, every in seen.items()}

    def _runs_somewhere(self, subject: Subject, every: list[ResourceView | ResourceChange]) -> Track:
        """Return whether a resource runs on any node: what stopped on one may run on another."""
        observers = {each.observer for each in every}
        tells_all = any(isinstance(each, ResourceChange) for each in every)
        return any_of(
            [
                self._track(
                    (*subject, node),
                    Watched.RESOURCES,
                    list(_running(every, node)),
                    observers,
                    tells_all=tells_all,
                )
                for node in _nodes(every)
            ]
        )

    def granted(self, site: str, ticket: str) -> Track:
        """Return whether a site's CIB has a ticket granted."""
        return self._grants.get((site, ticket), _NOTHING)

    def running(self, site: str, resource: str) -> Track:
        """Return whether a resource runs anywhere at a site."""
        return self._resources.get((site, resource), _NOTHING)

    def running_any(self, site: str, ticket: Ticket) -> Track:
        """Return whether any of a ticket's resources runs at a site."""
        tracks = [self.running(site, each) for each in ticket.resources]
        return any_of([each for each in tracks if each.points])

    def _track(
        self, place: Place, what: Watched, points: list[Point], observers: set[str], *, tells_all: bool
    ) -> Track:
        periods = {each.name: each.period_ms for each in self.history.header.observers}
        tells_all = tells_all or any(name in periods and periods[name] is None for name in observers)
        points += _blank(self.history.of(Missed), place, what, tells_all=tells_all)
        if tells_all and points:
            latest = max(points, key=lambda point: (point.ended_ns, point.began_ns))
            end_ns = self.history.ended_ns
            points.append(Point(latest.value, end_ns, end_ns, latest.index))
        return track(points, None if tells_all else self.context.observation_gap_ms * NS_PER_MS)


_NOTHING = Track((), (), ())


def _granted(each: CibView | CibWrite) -> Point:
    return Point(each.granted, each.began_ns, each.ended_ns, each.index, isinstance(each, CibWrite))


def _nodes(every: Iterable[ResourceView | ResourceChange]) -> list[str]:
    """Return the nodes on which a resource was ever seen; one without a name when it never ran."""
    names: set[str] = set()
    for each in every:
        names.update(each.nodes if isinstance(each, ResourceView) else (each.node,))
    return sorted(names) or [""]


def _running(every: Iterable[ResourceView | ResourceChange], node: str) -> Iterable[Point]:
    """Yield what is told about one node."""
    for each in every:
        if isinstance(each, ResourceView):
            yield Point(node in each.nodes, each.began_ns, each.ended_ns, each.index)
        elif each.node == node:
            yield Point(each.running, each.began_ns, each.ended_ns, each.index, change=True)


def _blank(every: Iterable[Missed], place: Place, what: Watched, *, tells_all: bool) -> Iterable[Point]:
    """Yield what an observer's failures tell: surely nothing when all is down; silence, only of a teller.

    A teller who falls silent had told everything until then.
    """
    site, name, node = place
    for each in every:
        if (each.at, each.what) == (site, what) and each.about in ("", name) and each.node in ("", node):
            if each.why is Why.DOWN:
                yield Point(False, each.began_ns, each.ended_ns, each.index)
            elif tells_all:
                yield Point(None, each.began_ns, each.ended_ns, each.index, change=True)
