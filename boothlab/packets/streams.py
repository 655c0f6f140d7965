"""Booth's messages out of TCP segments: in order, once, each one whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from boothlab.packets.header import is_message, length_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scapy.layers.inet import TCP

_WRAP: Final = 1 << 32
_HALF: Final = _WRAP // 2


@dataclass(slots=True)
class Stream:
    """One direction of a connection."""

    next_seq: int | None = None
    """What the next byte is numbered; None before the first segment."""
    early: dict[int, bytes] = field(default_factory=dict)
    """Segments that came before their turn."""
    rest: bytes = b""

    def add(self, segment: TCP) -> Iterator[bytes]:
        """Yield the messages that are whole with this segment."""
        data = bytes(segment.payload.original or segment.payload)
        seq = int(segment.seq)
        if segment.flags.S:
            self.next_seq = (seq + 1) % _WRAP
        elif data:
            self.next_seq = seq if self.next_seq is None else self.next_seq
            self.early[seq] = max(data, self.early.get(seq, b""), key=len)
            self._take_what_is_due()
        yield from self._cut()

    def _take_what_is_due(self) -> None:
        """Move segments whose turn it is to the rest, without what was there already."""
        while due := [seq for seq in self.early if self._known(seq) >= 0]:
            seq = min(due, key=self._known)
            known, data = self._known(seq), self.early.pop(seq)
            self.rest += data[known:]
            self.next_seq = (seq + max(len(data), known)) % _WRAP

    def _known(self, seq: int) -> int:
        """Return how many bytes from ``seq`` on are there already; negative: some are missing."""
        distance = ((self.next_seq or 0) - seq) % _WRAP
        return distance if distance < _HALF else distance - _WRAP

    def _cut(self) -> Iterator[bytes]:
        """Yield whole messages; C's clients send a few zeros behind theirs, which are none."""
        while is_message(self.rest) and len(self.rest) >= length_of(self.rest):
            length = length_of(self.rest)
            message, self.rest = self.rest[:length], self.rest[length:]
            yield message
