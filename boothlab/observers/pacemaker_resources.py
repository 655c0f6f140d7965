"""A site's resources, as the logs of its nodes tell them: each node logs what its agents do.

Where an operation failed or never ended, nobody knows whether the resource runs, and that is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from boothlab.history.observations import Missed, ResourceChange, ResourceView, Watched, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.observers.pacemaker_log import Asked, Done

_OK: Final = "ok"
_STOPPED: Final = "not running"
_CANCELLED: Final = "Cancelled"
_LOOKS: Final = ("monitor", "probe")

Key = tuple[str, str]
"""A node and a resource."""


@dataclass(frozen=True)
class _Belief:
    """How a resource is on a node; None: nobody knows."""

    runs: bool | None
    since_ns: int
    """Until then it surely had not become otherwise."""


@dataclass
class SiteResources:
    """Makes changes of what nodes were asked to do, and what came of it."""

    site: str
    observer: str
    _asked: dict[Key, Asked] = field(default_factory=dict)
    """Starts and stops that have not ended."""
    _beliefs: dict[Key, _Belief] = field(default_factory=dict)

    def ask(self, asked: Asked) -> Iterator[Missed]:
        """A start or a stop begins; yield what that leaves open."""
        if asked.action in _LOOKS:
            return
        key = (asked.node, asked.resource)
        if before := self._asked.get(key):
            yield self._unended(before, asked.began_ns)
        self._asked[key] = asked

    def end(self, done: Done) -> Iterator[ResourceChange | Missed]:
        """Yield what an operation's end tells."""
        if done.outcome == _CANCELLED:
            return
        key = (done.node, done.resource)
        looked = done.action in _LOOKS
        before = self._asked.get(key) if looked else self._asked.pop(key, None)
        if looked and before:
            yield self._unended(before, done.began_ns)
        belief = self._beliefs.get(key) or _Belief(None, done.began_ns)
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

    def lost(self, node: str, began_ns: int, ended_ns: int) -> Iterator[ResourceChange]:
        """Yield what a node's sudden end means: no process of it runs any more."""
        for key in [each for each in self._asked if each[0] == node]:
            del self._asked[key]
            self._beliefs.setdefault(key, _Belief(None, began_ns))
        for key, belief in list(self._beliefs.items()):
            if key[0] == node and belief.runs is not False:
                yield self._believe(key, began_ns, ended_ns, runs=False)

    def close(self, now_ns: int) -> Iterator[Missed]:
        """Yield what is left open at the end: starts and stops that have not ended."""
        for asked in list(self._asked.values()):
            yield self._unended(asked, now_ns)

    def views(self, began_ns: int, ended_ns: int) -> Iterator[ResourceView]:
        """Yield where the resources run that are known of."""
        for resource in dict.fromkeys(resource for _, resource in self._beliefs):
            beliefs = {node: each.runs for (node, name), each in self._beliefs.items() if name == resource}
            if None not in beliefs.values():
                yield ResourceView(
                    began_ns=began_ns,
                    ended_ns=ended_ns,
                    observer=self.observer,
                    site=self.site,
                    resource=resource,
                    nodes=tuple(node for node, runs in beliefs.items() if runs),
                )

    def _unended(self, asked: Asked, ended_ns: int) -> Missed:
        text = f"{asked.action} of {asked.resource} on {asked.node} was asked for, and not told to have ended"
        key = (asked.node, asked.resource)
        del self._asked[key]
        return self._unknown(key, asked.began_ns, max(ended_ns, asked.began_ns), text)

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
            node=key[0],
            text=text,
        )


def _outcome(done: Done) -> bool | None:
    """Return whether the resource runs after an operation; None when that is not said."""
    if done.outcome == _OK:
        return done.action != "stop"
    return False if done.outcome == _STOPPED and done.action in _LOOKS else None
