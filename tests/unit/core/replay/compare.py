"""What two members said, side by side."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from unit.core.replay.recording import FOLDER, Recording, line, read
from unit.core.replay.scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unit.core.replay.stage import Stage

    from boothlab.core.messages import Message

NAMES: Final = [
    (f"{name}{suffix}", place)
    for name, scene in SCENES.items()
    for suffix in ("", "-auth")
    if (FOLDER / f"{name}{suffix}.json").exists()
    for place in scene.members
]
"""Each recording, with the place of each member in it that is played."""

AT_THE_END_S: Final = 0.02

Difference = tuple[tuple[str, ...], tuple[str, ...]]
"""What the C daemon said, and what ours says in its place."""


class Line(NamedTuple):
    """A message in a conversation with somebody."""

    text: str
    t: float
    message: Message


Said = dict[str, list[Line]]
"""A conversation, by the other end: a member's place, or ``client N``."""


def recorded(recording: Recording, place: int) -> Said:
    """Return what the C daemon said, to each."""
    address = recording.config.members[place - 1].address
    said: Said = {}
    for packet in recording.packets:
        if packet.source == address and packet.role != "request":
            client = packet.connection is not None
            to = f"client {packet.connection}" if client else str(recording.number(packet.destination))
            message = read(packet.data, signed=recording.key is not None, client=client)
            said.setdefault(to, []).append(Line(line(message, recording.config), packet.t, message))
    return said


def ours(recording: Recording, stage: Stage) -> Said:
    """Return what our member said, to each."""
    said: Said = {}
    ids = {member.id: str(number) for number, member in enumerate(recording.config.members, 1)}
    for each in stage.said:
        to = ids[each.to] if isinstance(each.to, int) else each.to
        said.setdefault(to, []).append(Line(each.line, each.t, each.message))
    return said


def once(lines: Iterable[Line]) -> list[Line]:
    """Return lines without those that only repeat the one before."""
    return [next(same) for _, same in groupby(lines, key=lambda line: line.text)]


def differences(theirs: list[Line], our: list[Line], end_s: float) -> list[Difference]:
    """Return what stands in one where something else stands in the other.

    What ours says more at the very end does not count: the C daemon's answers come after it.
    """
    left, right = [each.text for each in theirs], [each.text for each in our]
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [
        (tuple(left[a:b]), tuple(right[c:d]))
        for kind, a, b, c, d in codes
        if kind != "equal" and not (a == b == len(left) and our[c].t > end_s - AT_THE_END_S)
    ]


def common(theirs: list[Line], our: list[Line]) -> list[tuple[Line, Line]]:
    """Return the messages that are the same in both."""
    left, right = [each.text for each in theirs], [each.text for each in our]
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    return [(theirs[a + each], our[b + each]) for a, b, size in blocks for each in range(size)]
