"""Grudges: who does not hear whom. Members in, a map out; nothing is cut here.

A grudge maps a member to those whose packets never reach it. Members that hear all
others may be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

Grudge = dict[str, frozenset[str]]
"""Member to the members it does not hear."""


def cuts(grudge: Grudge) -> frozenset[tuple[str, str]]:
    """Return a grudge as directions to cut: (who sends, who does not receive)."""
    return frozenset((sender, receiver) for receiver, deaf_to in grudge.items() for sender in deaf_to)


def complete(parts: Sequence[Collection[str]]) -> Grudge:
    """Return the grudge of a network that fell into parts: nobody hears another part."""
    everybody = frozenset(member for part in parts for member in part)
    return {member: everybody - frozenset(part) for part in parts for member in part}


def isolate(members: Collection[str], alone: Collection[str]) -> Grudge:
    """Cut each of ``alone`` off from every other member, also from one another."""
    rest = [member for member in members if member not in alone]
    return complete([*([member] for member in alone), rest])


def halves(members: Collection[str], first: Collection[str]) -> Grudge:
    """Split the members: ``first`` on one side, the others on the other."""
    return complete([list(first), [member for member in members if member not in first]])


def bridge(order: Sequence[str]) -> Grudge:
    """Split the members but for one: the first of ``order`` hears, and is heard by, both sides.

    The others are split in the middle; with an odd number the second side is larger.
    """
    middle, *others = order
    grudge = complete([others[: len(others) // 2], others[len(others) // 2 :]])
    return grudge | {middle: frozenset()}


def majorities_ring(order: Sequence[str]) -> Grudge:
    """Let every member see a majority, and no two the same one: a ring in this order.

    Each hears itself and its neighbours, just as many as a majority needs. Where that
    cannot be the same number on both sides, as with three members, it is one more of
    those that follow, and hearing is not mutual.
    """
    count = len(order)
    neighbours = count // 2
    before = neighbours // 2
    grudge = {}
    for place, member in enumerate(order):
        heard = {order[(place + step) % count] for step in range(-before, neighbours - before + 1)}
        grudge[member] = frozenset(order) - heard
    return grudge


def one_way(sources: Collection[str], targets: Collection[str]) -> Grudge:
    """Let nothing from ``sources`` reach ``targets``; the other direction works."""
    return {target: frozenset(sources) - {target} for target in targets}


def shaped(shape: str, members: Sequence[str], named: Sequence[str]) -> Grudge:
    """Return the grudge of a partition of this shape among ``members``, about those that are named.

    Raises:
        KeyError: there is no such shape.
    """
    order = [*named, *(member for member in members if member not in named)]
    shapes: dict[str, Callable[[], Grudge]] = {
        "isolate": lambda: isolate(members, named),
        "halves": lambda: halves(members, named),
        "bridge": lambda: bridge(order),
        "majorities-ring": lambda: majorities_ring(order),
    }
    return shapes[shape]()
