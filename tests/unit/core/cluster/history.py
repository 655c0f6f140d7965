"""What happened, and what must never happen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from boothlab.core.codes import Command
from boothlab.core.wire import decode_ticket


@dataclass(slots=True)
class Interval:
    """A time during which something held; still open when ``end_us`` is None."""

    what: str
    ticket: str
    start_us: int
    end_us: int | None = None

    def __str__(self) -> str:
        end = "now" if self.end_us is None else f"{self.end_us / 1000:.3f}"
        return f"{self.what} had {self.ticket} from {self.start_us / 1000:.3f} to {end} ms"


@dataclass(slots=True)
class History:
    """What the members' Pacemakers were told, and what the members told each other."""

    granted: list[Interval] = field(default_factory=list)
    """When which site's CIB said granted (while its Pacemaker ran)."""
    overlaps: list[Interval] = field(default_factory=list)
    """When two sites' did at once."""
    leaders: defaultdict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    """Who sent heartbeats, by ticket and term."""
    backwards: list[str] = field(default_factory=list)
    """Where a leader's term went back. (A candidacy's may: who abandons one has claimed nothing.)"""
    _holders: defaultdict[str, dict[str, Interval]] = field(default_factory=lambda: defaultdict(dict))
    _terms: dict[tuple[str, str], int] = field(default_factory=dict)
    _highest: dict[str, int] = field(default_factory=dict)
    _excused: dict[str, int] = field(default_factory=dict)

    def tell(self, site: str, ticket: str, *, granted: bool, now_us: int) -> None:
        """Take down what a site's Pacemaker acts upon from now on."""
        holders = self._holders[ticket]
        if granted == (site in holders):
            return
        if granted:
            self._begin(site, ticket, now_us)
        else:
            self._end(site, ticket, now_us)

    def _begin(self, site: str, ticket: str, now_us: int) -> None:
        holders = self._holders[ticket]
        if holders:
            self.overlaps.append(Interval("+".join(sorted([*holders, site])), ticket, now_us))
        holders[site] = Interval(site, ticket, now_us)
        self.granted.append(holders[site])

    def _end(self, site: str, ticket: str, now_us: int) -> None:
        self._holders[ticket].pop(site).end_us = now_us
        for overlap in self.overlaps:
            if overlap.end_us is None and overlap.ticket == ticket and site in overlap.what.split("+"):
                overlap.end_us = now_us

    def holders(self, ticket: str) -> set[str]:
        """Return whose Pacemaker acts upon a grant now."""
        return set(self._holders[ticket])

    def rebooted(self, member: str) -> None:
        """Excuse a member that lost its memory: it may go back, and vote again in a term it voted in.

        Then a term can have two leaders, one after the other; leases keep them apart.
        """
        self._excused = dict(self._highest)
        self._terms = {key: term for key, term in self._terms.items() if key[0] != member}

    def sent(self, member: str, data: bytes, now_us: int) -> None:
        """Take down a message on its way to another member."""
        message = decode_ticket(data)
        command, ticket, term = message.header.command, message.ticket, message.term
        self._highest[ticket] = max(term, self._highest.get(ticket, 0))
        if command == Command.HEARTBEAT:
            self.leaders[ticket, term].add(message.header.sender)
        if command in {Command.HEARTBEAT, Command.UPDATE}:
            if term < self._terms.get((member, ticket), 0):
                self.backwards.append(f"{member} went back to term {term} at {now_us / 1000:.3f} ms")
            self._terms[member, ticket] = term

    def complaints(self) -> list[str]:
        """Return everything that must never be: two holders, two leaders in a term, terms that go back."""
        doubles = [
            f"{len(who)} leaders of {ticket} in term {term}"
            for (ticket, term), who in self.leaders.items()
            if len(who) > 1 and term > self._excused.get(ticket, -1)
        ]
        return [*map(str, self.overlaps), *doubles, *self.backwards]
