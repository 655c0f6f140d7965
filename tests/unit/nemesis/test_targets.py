"""Symbolic targets: who they are is found out when a fault begins."""

from __future__ import annotations

import pytest

from boothlab.nemesis.errors import FaultError, UnresolvedError
from boothlab.nemesis.targets import SYMBOLS, Shape, Situation, resolve

SHAPE = Shape(sites=("A", "B"), arbitrators=("C",))
A_LEADS = Situation(leader="A", holders=("A",))


@pytest.mark.parametrize(
    ("target", "member"),
    [("leader", "A"), ("follower", "B"), ("arbitrator", "C"), ("holder-site", "A"), ("B", "B")],
)
def test_a_target_is_somebody(target: str, member: str) -> None:
    assert resolve([target], SHAPE, A_LEADS) == (member,)


def test_the_follower_is_somebody_even_when_nobody_leads() -> None:
    assert resolve(["follower"], SHAPE, Situation()) == ("A",)


def test_who_is_named_twice_counts_once() -> None:
    assert resolve(["A", "leader", "B"], SHAPE, A_LEADS) == ("A", "B")


def test_two_holders_are_both_meant() -> None:
    """The very thing that must not happen can be a target."""
    assert resolve(["holder-site"], SHAPE, Situation(holders=("A", "B"))) == ("A", "B")


@pytest.mark.parametrize("target", ["leader", "holder-site"])
def test_a_symbol_for_nobody_says_why(target: str) -> None:
    with pytest.raises(UnresolvedError, match=f"{target} is nobody right now: no "):
        resolve([target], SHAPE, Situation())


def test_a_topology_without_an_arbitrator_has_none_to_hurt() -> None:
    with pytest.raises(UnresolvedError, match="no arbitrator"):
        resolve(["arbitrator"], Shape(("A", "B", "D")), A_LEADS)


def test_a_stranger_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(FaultError, match=f"no member X: write one of A, B, C, {', '.join(SYMBOLS)}"):
        resolve(["X"], SHAPE, A_LEADS)
