"""From frames to passages: each datagram that came in, and where and how it went out again. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boothlab.engine.parsers.frames import Frame

_TRAILER_PADDING: Final = 4
"""Bytes at the end of a signed message that no signature covers, and nobody reads."""


@dataclass
class Passage:
    """A datagram on its way through the router."""

    came: Frame
    left: Frame | None = None
    """Where it went out for the first time; None: it was not seen to."""
    copies: int = 0
    """How often it went out again after that."""

    @property
    def is_altered(self) -> bool:
        """Return whether something else went out than came in, of what anybody reads."""
        if self.left is None or self.left.payload == self.came.payload:
            return False
        return self.left.payload[:-_TRAILER_PADDING] != self.came.payload[:-_TRAILER_PADDING]


def passages(every: Iterable[Frame]) -> list[Passage]:
    """Return the passages of all datagrams that came in, in their order.

    What goes out belongs to the latest of those that came in with the same content and
    did not go out yet; else it is a copy, or one whose content has one wrong bit. What
    the router itself sent never came in, and is no passage.
    """
    datagrams = sorted((each for each in every if each.is_udp), key=lambda each: (each.at_ns, each.goes_out))
    found: list[Passage] = []
    same: dict[tuple[bytes, bytes], list[Passage]] = defaultdict(list)
    near: dict[tuple[bytes, int], list[Passage]] = defaultdict(list)
    changed: list[Frame] = []
    for frame in datagrams:
        if not frame.goes_out:
            passage = Passage(frame)
            found.append(passage)
            same[frame.way, frame.payload].append(passage)
            near[frame.way, len(frame.payload)].append(passage)
        elif not _pass_on(same.get((frame.way, frame.payload), ()), frame):
            changed.append(frame)
    for frame in changed:
        candidates = near.get((frame.way, len(frame.payload)), ())
        _pass_on([each for each in candidates if _differ_by_a_bit(each.came, frame)], frame)
    return found


def _pass_on(candidates: Sequence[Passage], frame: Frame) -> bool:
    """Let a frame that goes out be the way out of one of these; return whether it is any's."""
    fitting = [
        each
        for each in candidates
        if frame.to_live == each.came.to_live - 1 and each.came.at_ns <= frame.at_ns
    ]
    for passage in reversed(fitting):
        if passage.left is None:
            passage.left = frame
            return True
    if fitting:
        fitting[-1].copies += 1
    return bool(fitting)


def _differ_by_a_bit(one: Frame, other: Frame) -> bool:
    difference = int.from_bytes(one.payload, "big") ^ int.from_bytes(other.payload, "big")
    return difference.bit_count() == 1
