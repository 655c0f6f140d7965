"""Grudges: members in, who does not hear whom out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.nemesis import grudges
from boothlab.nemesis.network import SHAPES

ABC = ("A", "B", "C")
FIVE = ("A", "B", "C", "D", "E")
members = st.lists(st.text("ABCDEFGHIJ", min_size=1, max_size=2), min_size=2, max_size=9, unique=True)


def nobody_hears(*pairs: str) -> frozenset[tuple[str, str]]:
    """Return directions written as ``A>B``: what A sends does not reach B."""
    return frozenset((pair[0], pair[-1]) for pair in pairs)


def test_who_is_isolated_hears_nobody_and_nobody_hears_it() -> None:
    cut = grudges.cuts(grudges.isolate(ABC, ["A"]))

    assert cut == nobody_hears("A>B", "B>A", "A>C", "C>A")


def test_two_isolated_members_do_not_hear_each_other_either() -> None:
    assert grudges.isolate(ABC, ["A", "B"])["A"] == {"B", "C"}


def test_halves_hear_their_own_side() -> None:
    grudge = grudges.halves(FIVE, ["A", "C"])

    assert {member: "".join(sorted(deaf_to)) for member, deaf_to in grudge.items()} == {
        **dict.fromkeys("AC", "BDE"),
        **dict.fromkeys("BDE", "AC"),
    }


def test_the_bridge_hears_both_sides_that_do_not_hear_each_other() -> None:
    grudge = grudges.bridge(["C", "A", "B", "D", "E"])

    assert {member: "".join(sorted(deaf_to)) for member, deaf_to in grudge.items()} == {
        "C": "",
        **dict.fromkeys("AB", "DE"),
        **dict.fromkeys("DE", "AB"),
    }


def test_in_a_ring_of_five_each_hears_its_two_neighbours() -> None:
    grudge = grudges.majorities_ring(FIVE)

    assert grudge["A"] == {"C", "D"}
    assert grudge["C"] == {"A", "E"}


def test_one_way_leaves_the_way_back_alone() -> None:
    assert grudges.cuts(grudges.one_way(["A"], ABC)) == nobody_hears("A>B", "A>C")


@given(members)
def test_in_every_ring_each_hears_just_a_majority_and_no_two_the_same(order: list[str]) -> None:
    grudge = grudges.majorities_ring(order)
    heard = {member: frozenset(order) - deaf_to for member, deaf_to in grudge.items()}

    assert all(member in heard[member] for member in order)
    assert {len(each) for each in heard.values()} == {len(order) // 2 + 1}
    assert len(set(heard.values())) == len(order) or len(order) <= 2


@given(members, st.sampled_from(SHAPES), st.data())
def test_no_shape_makes_a_member_deaf_to_itself_or_to_strangers(
    everybody: list[str], shape: str, data: st.DataObject
) -> None:
    named = data.draw(st.lists(st.sampled_from(everybody), min_size=1, unique=True))
    cut = grudges.cuts(grudges.shaped(shape, everybody, named))

    assert all(sender != receiver and {sender, receiver} <= set(everybody) for sender, receiver in cut)


@pytest.mark.parametrize("shape", ["isolate", "halves", "bridge"])
@given(members, st.data())
def test_partitions_but_the_ring_cut_both_directions(
    shape: str, everybody: list[str], data: st.DataObject
) -> None:
    named = data.draw(st.lists(st.sampled_from(everybody), min_size=1, unique=True))
    cut = grudges.cuts(grudges.shaped(shape, everybody, named))

    assert cut == {(receiver, sender) for sender, receiver in cut}
