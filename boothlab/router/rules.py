"""Rules: which packets a fault is about, and what becomes of them. Pure, and repeatable from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.packet import Packet, flip, parse
from boothlab.router.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAME_HEADER: Final = 14
"""Bytes of Ethernet before a packet: a rate counts them, as the kernel does."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A packet on its way: what leaves, and when."""

    data: bytes
    due_s: float
    """On the clock that ``Path.through`` was told."""


class Rule:
    """One fault's effect on some packets.

    Args:
        data: ``id``, ``seed``, ``pairs`` (of networks: from, to), ``only``, ``port``
            (Booth's), ``effect`` with its name under ``do`` and its numbers.
        now_s: when it begins.
    """

    def __init__(self, data: Mapping[str, Any], now_s: float) -> None:
        self.data = data
        self.matched = 0
        """How many packets it was about."""
        self.hit = 0
        """To how many of them it did something."""
        self._traffic = Traffic(data)
        self._numbers = {name: value for name, value in data["effect"].items() if name != "do"}
        effects: dict[str, Callable[..., list[Copy]]] = {
            "loss": self._loss,
            "delay": self._delay,
            "duplicate": self._duplicate,
            "reorder": self._reorder,
            "corrupt": self._corrupt,
            "rate": self._rate,
            "flap": self._flap,
        }
        self._act = effects[data["effect"]["do"]]
        # From all that the fault is, so that two with the same seed do not hit the same packets.
        told = sorted((name, str(value)) for name, value in data.items() if name != "id")
        self._random = Random(repr(told))  # noqa: S311 - chance that can be repeated
        self._began_s = now_s
        self._free_s: dict[int, float] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many packets it was about, and to how many it did something."""
        return {"matched": self.matched, "hit": self.hit}

    def concerns(self, packet: Packet) -> bool:
        """Return whether the rule is about this packet."""
        return packet in self._traffic

    def pass_on(self, copy: Copy, packet: Packet) -> list[Copy]:
        """Return what becomes of a packet that it is about: none, one or two."""
        self.matched += 1
        copies = self._act(copy, packet, **self._numbers)
        self.hit += copies != [copy]
        return copies

    # effects

    def _chance(self, percent: float) -> bool:
        return self._random.random() * 100 < percent

    def _loss(self, copy: Copy, _packet: Packet, *, percent: float) -> list[Copy]:
        return [] if self._chance(percent) else [copy]

    def _duplicate(self, copy: Copy, _packet: Packet, *, percent: float) -> list[Copy]:
        return [copy, copy] if self._chance(percent) else [copy]

    def _reorder(self, copy: Copy, _packet: Packet, *, percent: float, by_ms: float) -> list[Copy]:
        return [replace(copy, due_s=copy.due_s + by_ms / 1000) if self._chance(percent) else copy]

    def _delay(self, copy: Copy, _packet: Packet, *, delay_ms: float, jitter_ms: float) -> list[Copy]:
        late_ms = delay_ms + jitter_ms * (2 * self._random.random() - 1)
        return [replace(copy, due_s=copy.due_s + late_ms / 1000)]

    def _corrupt(self, copy: Copy, packet: Packet, *, percent: float) -> list[Copy]:
        bits = (len(packet.data) - packet.payload_at) * 8 if packet.payload_at else 0
        if not bits or not self._chance(percent):
            return [copy]
        return [replace(copy, data=flip(parse(copy.data), int(self._random.random() * bits)))]

    def _rate(self, copy: Copy, packet: Packet, *, kbit_s: float, queue_ms: float) -> list[Copy]:
        way = self._traffic.way(packet) or 0
        begins_s = max(copy.due_s, self._free_s.get(way, 0.0))
        if (begins_s - copy.due_s) * 1000 > queue_ms:
            return []
        self._free_s[way] = begins_s + (len(copy.data) + FRAME_HEADER) * 8 / (kbit_s * 1000)
        return [replace(copy, due_s=self._free_s[way])]

    def _flap(self, copy: Copy, _packet: Packet, *, down_ms: float, up_ms: float) -> list[Copy]:
        since_ms = (copy.due_s - self._began_s) * 1000
        return [] if since_ms % (down_ms + up_ms) < down_ms else [copy]


class Path:
    """All rules, one after the other: the way of a packet through the router."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def set(self, rules: Sequence[Mapping[str, Any]], now_s: float) -> None:
        """Have these rules from now on; those that were there already go on as they are."""
        old = {str(rule.data): rule for rule in self.rules}
        self.rules = [old.get(str(data)) or Rule(data, now_s) for data in rules]

    def through(self, data: bytes, now_s: float) -> list[Copy]:
        """Return what becomes of a packet that comes now."""
        packet = parse(data)
        copies = [Copy(data, now_s)]
        for rule in self.rules:
            if rule.concerns(packet):
                copies = [after for copy in copies for after in rule.pass_on(copy, packet)]
        return copies

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the rules' counts by the fault's id."""
        return {str(rule.data["id"]): rule.counts for rule in self.rules}
