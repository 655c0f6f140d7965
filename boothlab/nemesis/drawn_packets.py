"""Drawing faults of packets: a recipe each, for senders and receivers that are drawn already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis import packets
from boothlab.nemesis.network import MESSAGES, UDP

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.nemesis.draw import Dice
    from boothlab.nemesis.fault import Fault, Names


def _forge(dice: Dice, sources: Names, targets: Names, lease_ms: int) -> Fault:
    return packets.Forge(
        sources=sources,
        targets=targets,
        address=dice.one_of(packets.ADDRESSES),
        message=dice.one_of(MESSAGES),
        wrong=dice.one_of(packets.WRONG),
        term=dice.between(packets.FORGED_TERM_MIN * 10, 2**31 - 1),
        count=dice.between(1, 100),
        every_ms=dice.between(1, max(2, lease_ms // 2)),
    )


def _replay(dice: Dice, sources: Names, targets: Names, lease_ms: int) -> Fault:
    return packets.Replay(
        sources=sources,
        targets=targets,
        address=dice.one_of(packets.ADDRESSES),
        only=_only(dice),
        after_ms=dice.between(10, max(20, lease_ms * 3)),
        times=dice.between(1, 10),
        every_ms=dice.between(10, max(20, lease_ms)),
    )


def _truncate(dice: Dice, sources: Names, targets: Names, _lease_ms: int) -> Fault:
    return packets.Truncate(
        sources=sources,
        targets=targets,
        address=dice.one_of(packets.ADDRESSES),
        only=_only(dice),
        size=1 + dice.below(packets.SIGNED_BYTES - 1),
    )


def _flood(dice: Dice, sources: Names, targets: Names, _lease_ms: int) -> Fault:
    what, per_s = dice.one_of(packets.FLOODS), dice.between(10, 500)
    return packets.Flood(sources=sources, targets=targets, what=what, per_s=per_s)


def _only(dice: Dice) -> str:
    return UDP if dice.chance(50) else dice.one_of(MESSAGES)


RECIPES: Final[dict[str, Callable[[Dice, Names, Names, int], Fault]]] = {
    packets.Forge.kind: _forge,
    packets.Replay.kind: _replay,
    packets.Truncate.kind: _truncate,
    packets.Flood.kind: _flood,
}
"""How each kind is drawn: from whom, to whom, and the lease in milliseconds."""
