"""Under which circumstances something happened: faults in effect, who was down, who could reach whom.

Two answers to each question, for applying a fault takes time: ``surely`` and ``maybe``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from boothlab.checkers.spans import NS_PER_MS, Span, Spans, around, complement, covered, union
from boothlab.checkers.tracks import Point, Track, track
from boothlab.history.records import Edge, Family, Fault, Life, Phase, Process, Verb

if TYPE_CHECKING:
    from boothlab.history.calls import Call
    from boothlab.history.history import History

_UP = (Life.STARTED, Life.CONTINUED)
_EVERYBODY = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """A fault from its begin to its end."""

    fault: Fault
    surely: Spans
    maybe: Span


@dataclass(frozen=True)
class Circumstances:
    """What a history tells about faults and daemons. Daemons run from the start unless it says otherwise."""

    history: History

    @property
    def whole(self) -> Span:
        """Return from when to when something is known at all."""
        return Span(self.history.header.started_ns, self.history.ended_ns)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Return all faults; one that was never undone lasts to the end."""
        ends = {each.id: each for each in self.history.of(Fault) if each.edge is Edge.END}
        begins = [each for each in self.history.of(Fault) if each.edge is Edge.BEGIN]
        return tuple(self._effect(each, ends.get(each.id)) for each in begins)

    def _effect(self, begin: Fault, end: Fault | None) -> Effect:
        if begin.instant:
            return Effect(begin, (), Span(begin.began_ns, begin.ended_ns + 1))
        undone = end if end and not end.failed else None
        surely = Span(begin.ended_ns, end.began_ns if end else self.whole.end)
        maybe = Span(begin.began_ns, (undone.ended_ns if undone else self.whole.end) + 1)
        return Effect(begin, union([surely]) if not begin.failed else (), maybe)

    def faults(self, *families: Family, at: tuple[str, ...] = _EVERYBODY) -> Spans:
        """Return when a fault may be in effect, of these families, at one of these names. Left out: any."""
        return union(
            each.maybe
            for each in self.effects
            if (not families or each.fault.family in families)
            and (not at or not each.fault.targets or set(at) & set(each.fault.targets))
        )

    @cached_property
    def _down(self) -> dict[str, Track]:
        lives: dict[str, list[Point]] = {
            each.name: [Point(False, self.whole.start, self.whole.start, -1)]
            for each in self.history.header.members
        }
        for each in self.history.of(Process):
            is_down = each.life not in _UP
            point = Point(is_down, each.began_ns, each.ended_ns, each.index, change=True)
            lives.setdefault(each.member, []).append(point)
        return {name: track(_to_the_end(points, self.whole.end), None) for name, points in lives.items()}

    def down(self, member: str, *, surely: bool) -> Spans:
        """Return when a member's daemon does not run, or is paused."""
        found = self._down[member]
        return found.sure if surely else complement(found.never, self.whole)

    def cut(self, one: str, other: str, *, surely: bool) -> Spans:
        """Return when nothing passes between two members, in at least one direction."""
        directions = {(one, other), (other, one)}
        hit = [each for each in self.effects if directions & set(each.fault.cuts)]
        return union(*(each.surely if surely else [each.maybe] for each in hit))

    def without_majority(self, member: str) -> Spans:
        """Return when a member surely reached no majority: cut off, or not running."""
        names = [each.name for each in self.history.header.members]
        missing = len(names) - self.history.header.majority + 1
        return union(self.down(member, surely=True), covered(self._lost(member, surely=True), missing))

    def with_majority(self, member: str) -> Spans:
        """Return when a member surely ran, and reached a majority in both directions."""
        names = [each.name for each in self.history.header.members]
        missing = len(names) - self.history.header.majority + 1
        lost = covered(self._lost(member, surely=False), missing)
        return complement(union(self.down(member, surely=False), lost), self.whole)

    def well_until_ns(self, member: str, lost_ns: int) -> int:
        """Return until when a member surely had its majority that it had surely lost at a moment."""
        maybe = around(complement(self.with_majority(member), self.whole), lost_ns)
        return maybe.start if maybe else lost_ns

    def _lost(self, member: str, *, surely: bool) -> list[Spans]:
        others = [each.name for each in self.history.header.members if each.name != member]
        return [
            union(self.cut(member, other, surely=surely), self.down(other, surely=surely)) for other in others
        ]

    @cached_property
    def calm(self) -> Spans:
        """Return when nothing disturbed: no fault, all daemons running, no grant or revoke under way."""
        down = (self.down(each.name, surely=False) for each in self.history.header.members)
        calls = (Span(each.began_ns, self.acts_until_ns(each)) for each in self.moves())
        return complement(union(self.faults(), calls, *down), self.whole)

    def moves(self, ticket: str | None = None) -> tuple[Call, ...]:
        """Return the grants and revokes that happened or may have happened; of one ticket, or of all."""
        return tuple(
            each
            for each in self.history.calls
            if each.asked.verb in (Verb.GRANT, Verb.REVOKE)
            and each.outcome is not Phase.FAIL
            and ticket in (None, each.asked.ticket)
        )

    def acts_until_ns(self, call: Call) -> int:
        """Return until when a grant or revoke may still have effects of its own.

        What may have happened goes on as long as a daemon goes on trying: ``expire``,
        acquire-after and all retries, from when it has surely got the request.
        """
        if call.outcome is Phase.OK and call.ended_ns is not None:
            return call.ended_ns + 1
        ticket = self.history.header.ticket(call.asked.ticket)
        if ticket is None or call.ended_ns is None:
            return self.whole.end
        tries_ms = ticket.expire_ms + ticket.acquire_after_ms + ticket.timeout_ms * (ticket.retries + 1)
        return call.ended_ns + tries_ms * NS_PER_MS + 1


def _to_the_end(points: list[Point], end_ns: int) -> list[Point]:
    latest = max(points, key=lambda point: (point.ended_ns, point.began_ns))
    return [*points, Point(latest.value, end_ns, end_ns, latest.index)]
