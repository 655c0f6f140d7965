"""Who held a ticket when, one after the other or at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.spans import Span, Spans, around, in_ms, intersect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boothlab.checkers.tracks import Track


@dataclass(frozen=True, slots=True)
class Holding:
    """A site held a ticket, or ran its resources, once, for a while."""

    site: str
    maybe: Span
    """It cannot have been longer than this."""
    sure: Spans
    """It surely was then. Empty when there was only a glimpse of it."""
    glimpse: Span
    """At some moment of this it was so."""
    evidence: tuple[int, ...]
    begun: bool = True
    """Whether it began while somebody watched; False: it was so from the first look on."""

    @property
    def known_ns(self) -> int:
        """Return when it had surely begun."""
        return self.sure[0].start if self.sure else self.glimpse.end

    @property
    def last_known_ns(self) -> int:
        """Return until when it surely had not ended."""
        return self.sure[-1].end if self.sure else self.glimpse.start


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two sites held a ticket at once, or may have."""

    first: Holding
    second: Holding
    """Which began later."""
    possible: Span
    proven: bool
    at_least_ms: float
    """How long at least, as far as closed intervals can tell; 0 when it was only glimpsed."""

    @property
    def evidence(self) -> tuple[int, ...]:
        """Return the records that show both."""
        return tuple(sorted({*self.first.evidence, *self.second.evidence}))


def holdings(site: str, track: Track) -> list[Holding]:
    """Return each time that something surely was so at a site, however shortly."""
    found = []
    first_ns = track.seen.start if track.seen else 0
    for maybe in track.maybe:
        sure = intersect(track.sure, [maybe])
        seen = [
            each for each in track.glimpses if maybe.start <= each.ended_ns and each.began_ns <= maybe.end
        ]
        if sure or seen:
            glimpse = Span(seen[0].began_ns, seen[0].ended_ns) if seen else Span(sure[0].start, sure[0].start)
            evidence = track.evidence(maybe) + ((seen[0].index,) if seen else track.evidence(sure[0]))
            begun = maybe.start > first_ns
            found.append(Holding(site, maybe, sure, glimpse, tuple(sorted(set(evidence))), begun))
    return found


def in_order(every: Iterable[Holding]) -> list[Holding]:
    """Return holdings of all sites in the order in which they were known to have begun."""
    return sorted(every, key=lambda each: (each.known_ns, each.maybe))


def overlaps(every: Iterable[Holding]) -> Iterator[Overlap]:
    """Yield each pair of holdings of different sites that were, or may have been, at once."""
    active: list[Holding] = []
    for each in sorted(every, key=lambda each: each.maybe):
        active = [other for other in active if other.maybe.end > each.maybe.start]
        for other in active:
            if other.site != each.site:
                yield _overlap(*in_order([other, each]))
        active.append(each)


def _overlap(first: Holding, second: Holding) -> Overlap:
    possible = intersect([first.maybe], [second.maybe])[0]
    both = intersect(first.sure, second.sure)
    proven = bool(both) or _glimpsed(first, second) or _glimpsed(second, first)
    return Overlap(first, second, possible, proven, max((span.ms for span in both), default=0.0))


def _glimpsed(one: Holding, other: Holding) -> bool:
    """Return whether one was seen while the other surely was, whenever in the glimpse that happened."""
    if one.sure:
        return False
    found = around(other.sure, one.glimpse.start)
    return found is not None and found.start < one.glimpse.start and one.glimpse.end < found.end


def gaps_ms(before: Holding, after: Holding) -> tuple[float, float]:
    """Return how long nobody had it in between: at least, and at most. Negative: an overlap."""
    return in_ms(after.maybe.start - before.maybe.end), in_ms(after.known_ns - before.last_known_ns)
