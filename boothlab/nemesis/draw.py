"""Drawing a schedule from a seed: the same seed, shape and wishes give the same schedule.

Only ``Random.random`` is used, whose sequence Python promises to keep: a seed means the
same schedule in every version.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar

from boothlab.nemesis import drawn_packets, network, process
from boothlab.nemesis.errors import FaultError
from boothlab.nemesis.schedule import Entry, Schedule
from boothlab.nemesis.targets import ARBITRATOR, FOLLOWER, LEADER, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boothlab.nemesis.fault import Fault

T = TypeVar("T")

_SEEDS: Final = 2**31


@dataclass(frozen=True)
class Wishes:
    """What a drawn schedule shall be like."""

    duration_ms: int = 60_000
    lease_ms: int = 2_000
    """The ticket's ``expire``. Faults last, and follow each other, from a quarter to three times this."""
    kinds: tuple[str, ...] = ()
    """Kinds of faults to draw from; empty: all that this shape can have, but for those of packets.

    What is lost or late is an accident; what nobody sent is an attack, and must be wished for.
    """
    calm_at_end_ms: int = 0
    """The last part of the duration, in which no fault begins."""


class Dice:
    """Random choices of a few forms."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - chance that can be repeated, not a secret

    def below(self, count: int) -> int:
        """Return a whole number from 0 up to, not including, ``count``."""
        return int(self._random.random() * count)

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely."""
        return options[self.below(len(options))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included; small ones are likelier.

        Every doubling is equally likely, so that short and long times both occur.
        """
        return round(low * math.pow(high / low, self._random.random()))

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return all options in a random order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]

    def chance(self, percent: int) -> bool:
        """Return True with this likelihood."""
        return self.below(100) < percent


def draw(seed: int, shape: Shape, wishes: Wishes | None = None) -> Schedule:
    """Return a schedule that is drawn from a seed.

    Raises:
        FaultError: a wished kind does not exist, or this shape cannot have it.
    """
    wishes = wishes or Wishes()
    kinds = _checked(wishes.kinds or drawable(shape), shape)
    dice = Dice(seed)
    shortest_ms, longest_ms = max(1, wishes.lease_ms // 4), max(1, wishes.lease_ms * 3)
    entries = []
    at_ms = dice.between(shortest_ms, longest_ms)
    while at_ms < wishes.duration_ms - wishes.calm_at_end_ms:
        fault = _drawn(dice.one_of(kinds), dice, shape, wishes.lease_ms)
        lasts_ms = None if fault.instant else dice.between(shortest_ms, longest_ms)
        entries.append(Entry(at_ms, fault, lasts_ms, dice.below(_SEEDS)))
        at_ms += dice.between(shortest_ms, longest_ms)
    return Schedule(shape, wishes.duration_ms, tuple(entries), seed)


def drawable(shape: Shape) -> tuple[str, ...]:
    """Return the kinds of faults that are drawn for a shape, if no others are wished for."""
    return tuple(kind for kind in _RECIPES if shape.pacemaker or kind not in _PACEMAKER_ONLY)


def _checked(kinds: Sequence[str], shape: Shape) -> Sequence[str]:
    known = (*drawable(shape), *drawn_packets.RECIPES)
    for kind in kinds:
        if kind not in known:
            raise FaultError(f"{kind} cannot be drawn for this topology: choose from {', '.join(known)}")
    return kinds


def _drawn(kind: str, dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    if kind in drawn_packets.RECIPES:
        sources, targets = _link(dice, shape)
        return drawn_packets.RECIPES[kind](dice, sources, targets, lease_ms)
    return _RECIPES[kind](dice, shape, lease_ms)


# one recipe a kind


def _somebody(dice: Dice, shape: Shape) -> str:
    """Return a member or a symbol; the leader is where it hurts, so it is likelier."""
    symbols = [LEADER, FOLLOWER, *([ARBITRATOR] if shape.arbitrators else [])]
    return LEADER if dice.chance(25) else dice.one_of([*symbols, *shape.members])


def _site(dice: Dice, shape: Shape) -> str:
    return dice.one_of([LEADER, *([FOLLOWER] if len(shape.sites) > 1 else []), *shape.sites])


def _partition(dice: Dice, shape: Shape, _lease_ms: int) -> Fault:
    form = dice.one_of(network.SHAPES)
    if form == "isolate":
        return network.Partition(shape=form, members=(_somebody(dice, shape),))
    order = dice.shuffled(shape.members)
    side = order[: 1 + dice.below(max(1, len(order) - 1))] if form == "halves" else order
    return network.Partition(shape=form, members=tuple(side))


def _link(dice: Dice, shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return senders and receivers: everything, one end, or one pair."""
    if dice.chance(25):
        return (), ()
    one = _somebody(dice, shape)
    if dice.chance(50):
        return ((one,), ()) if dice.chance(50) else ((), (one,))
    others = [member for member in shape.members if member != one]
    return (one,), (dice.one_of(others or list(shape.members)),)


def _only(dice: Dice) -> str:
    if dice.chance(50):
        return network.ALL
    return network.UDP if dice.chance(50) else dice.one_of(network.MESSAGES)


def _one_way(dice: Dice, shape: Shape, _lease_ms: int) -> Fault:
    one = (_somebody(dice, shape),)
    if dice.chance(50):
        return network.OneWay(sources=one, only=_only(dice))
    return network.OneWay(targets=one, only=_only(dice))


def _share(make: type[network.ShareFault], most: int) -> Callable[[Dice, Shape, int], Fault]:
    def recipe(dice: Dice, shape: Shape, _lease_ms: int) -> Fault:
        sources, targets = _link(dice, shape)
        percent = dice.between(5, most)
        return make(sources=sources, targets=targets, only=_only(dice), percent=percent)

    return recipe


def _reorder(dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    sources, targets = _link(dice, shape)
    by_ms = dice.between(10, max(20, lease_ms // 2))
    percent = dice.between(5, 80)
    return network.Reorder(sources=sources, targets=targets, only=_only(dice), percent=percent, by_ms=by_ms)


def _delay(dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    sources, targets = _link(dice, shape)
    delay_ms = dice.between(10, max(20, lease_ms // 2))
    jitter_ms = dice.below(delay_ms + 1) if dice.chance(50) else 0
    return network.Delay(
        sources=sources, targets=targets, only=_only(dice), delay_ms=delay_ms, jitter_ms=jitter_ms
    )


def _rate(dice: Dice, shape: Shape, _lease_ms: int) -> Fault:
    sources, targets = _link(dice, shape)
    return network.Rate(sources=sources, targets=targets, kbit_s=dice.between(4, 256))


def _flap(dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    low, high = max(1, lease_ms // 10), max(2, lease_ms)
    return network.Flap(
        sources=(_somebody(dice, shape),), down_ms=dice.between(low, high), up_ms=dice.between(low, high)
    )


def _at(make: type[process.MemberFault]) -> Callable[[Dice, Shape, int], Fault]:
    return lambda dice, shape, _lease_ms: make(at=(_somebody(dice, shape),))


def _at_site(make: type[process.MemberFault]) -> Callable[[Dice, Shape, int], Fault]:
    return lambda dice, shape, _lease_ms: make(at=(_site(dice, shape),))


def _break_crm_ticket(dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    at, mode = (_site(dice, shape),), dice.one_of(process.MODES)
    if mode != "slow":
        return process.BreakCrmTicket(at=at, mode=mode)
    return process.BreakCrmTicket(at=at, mode=mode, delay_ms=dice.between(10, max(20, lease_ms)))


def _step_clock(dice: Dice, shape: Shape, lease_ms: int) -> Fault:
    """Jump by about a lease, by about what Booth forgives (maxtimeskew, 600 s when left out), or by hours."""
    low, high = dice.one_of(((10, max(20, lease_ms * 3)), (540_000, 660_000), (3_600_000, 86_400_000)))
    step_ms = dice.between(low, high)
    return process.StepClock(at=(_somebody(dice, shape),), step_ms=step_ms if dice.chance(50) else -step_ms)


def _drift_clock(dice: Dice, shape: Shape, _lease_ms: int) -> Fault:
    """Run at 0.5 to 2.0 of the right rate; small errors are likelier."""
    too_fast = dice.chance(50)
    permille = dice.between(1, 1000 if too_fast else 500)
    rate = (1000 + permille if too_fast else 1000 - permille) / 1000
    return process.DriftClock(at=(_somebody(dice, shape),), rate=rate)


_PACEMAKER_ONLY: Final = (process.StopCluster.kind, process.KillCorosync.kind, process.MoveBooth.kind)

_RECIPES: Final[dict[str, Callable[[Dice, Shape, int], Fault]]] = {
    network.Partition.kind: _partition,
    network.OneWay.kind: _one_way,
    network.Loss.kind: _share(network.Loss, 100),
    network.Delay.kind: _delay,
    network.Duplicate.kind: _share(network.Duplicate, 100),
    network.Reorder.kind: _reorder,
    network.Corrupt.kind: _share(network.Corrupt, 80),
    network.Rate.kind: _rate,
    network.Flap.kind: _flap,
    process.KillBooth.kind: _at(process.KillBooth),
    process.StopBooth.kind: _at(process.StopBooth),
    process.PauseBooth.kind: _at(process.PauseBooth),
    process.RestartBooth.kind: _at(process.RestartBooth),
    process.KillNode.kind: _at(process.KillNode),
    process.RestartNode.kind: _at(process.RestartNode),
    process.PauseNode.kind: _at(process.PauseNode),
    process.BreakCrmTicket.kind: _break_crm_ticket,
    process.StopCluster.kind: _at_site(process.StopCluster),
    process.KillCorosync.kind: _at_site(process.KillCorosync),
    process.MoveBooth.kind: _at_site(process.MoveBooth),
    process.StepClock.kind: _step_clock,
    process.DriftClock.kind: _drift_clock,
    process.FillDisk.kind: _at_site(process.FillDisk),
}
