"""The network between members: every direction of every pair for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random


@dataclass(slots=True)
class Link:
    """One direction between two members. Packets overtake each other by their latency."""

    latency_us: tuple[int, int] = (200, 1_500)
    loss: float = 0.0
    duplicate: float = 0.0
    late: float = 0.0
    """How many packets are held back for up to ``late_us``."""
    late_us: int = 0
    cut: bool = False


class Network:
    """All links, and the dice that decide about packets."""

    def __init__(self, random: Random, members: Iterable[str]) -> None:
        self._random = random
        names = list(members)
        self.links = {(a, b): Link() for a in names for b in names if a != b}

    def delays_us(self, sender: str, to: str) -> list[int]:
        """Return after how long each copy of a packet arrives; none when it is lost."""
        link, dice = self.links[sender, to], self._random
        if link.cut or (link.loss and dice.random() < link.loss):
            return []
        copies = 1 + bool(link.duplicate and dice.random() < link.duplicate)
        return [self._delay_us(link) for _ in range(copies)]

    def _delay_us(self, link: Link) -> int:
        held = bool(link.late and self._random.random() < link.late)
        return self._random.randint(*link.latency_us) + held * self._random.randint(0, link.late_us)

    def cut(self, some: Iterable[str], others: Iterable[str], *, both_ways: bool = True) -> None:
        """Let nothing pass from these to those; nor back, unless told."""
        for a in some:
            for b in others:
                self.links[a, b].cut = True
                self.links[b, a].cut |= both_ways

    def split(self, *groups: Iterable[str]) -> None:
        """Cut all groups from each other."""
        sides = [list(group) for group in groups]
        for i, side in enumerate(sides):
            for other in sides[i + 1 :]:
                self.cut(side, other)

    def heal(self) -> None:
        """Let everything pass again, soon and once."""
        self.links = {pair: Link() for pair in self.links}
