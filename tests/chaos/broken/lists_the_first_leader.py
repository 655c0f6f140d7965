"""Lists whoever led first for ever, whatever it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import texts

if TYPE_CHECKING:
    from boothlab.core.world import Turn

leader_text = texts.leader_text
first: list[int] = []


def patch() -> None:
    """Write the same leader into every list."""
    texts.leader_text = _leader_text


def _leader_text(turn: Turn, leader: int) -> str:
    if not first and leader in turn.world.site_ids():
        first.append(leader)
    return leader_text(turn, first[0] if first else leader)
