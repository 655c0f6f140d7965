"""Who held it when, and what lies between two holders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from boothlab.checkers.holdings import gaps_ms, holdings, overlaps
from boothlab.checkers.spans import NS_PER_MS, Span
from boothlab.checkers.tracks import Point, Track, track

MS = NS_PER_MS


def known(*changes: tuple[int, int, bool], end: int = 100) -> Track:
    """Return what writes tell, in milliseconds; not granted at first."""
    points = [
        Point(granted, a * MS, b * MS, at + 1, change=True) for at, (a, b, granted) in enumerate(changes)
    ]
    return track([Point(False, 0, 0, 0), *points, Point(changes[-1][2], end * MS, end * MS, 99)], None)


def test_a_holding_has_an_inside_that_is_sure_and_an_outside_that_may_be() -> None:
    (held,) = holdings("A", known((10, 12, True), (30, 33, False)))

    assert held.maybe == Span(10 * MS, 33 * MS)
    assert held.sure == (Span(12 * MS, 30 * MS),)
    assert (held.known_ns, held.last_known_ns, held.begun) == (12 * MS, 30 * MS, True)
    assert set(held.evidence) >= {1, 2}


def test_what_was_so_from_the_first_look_on_did_not_begin_there() -> None:
    (held,) = holdings("A", track([Point(True, 0, 0, 0), Point(True, 9, 9, 1)], None))

    assert not held.begun


def test_a_time_in_which_nothing_was_seen_is_no_holding() -> None:
    blind = track([Point(False, 0, 0, 0), Point(False, 900 * MS, 900 * MS, 1)], 10)

    assert blind.maybe
    assert holdings("A", blind) == []


def test_the_gap_between_two_has_a_least_and_a_greatest_length() -> None:
    before = holdings("A", known((10, 12, True), (30, 33, False)))
    after = holdings("B", known((40, 44, True)))

    assert gaps_ms(*before, *after) == (7, 14)


def test_one_that_overlaps_is_told_with_the_later_one_second() -> None:
    (found,) = overlaps(
        [*holdings("B", known((25, 26, True))), *holdings("A", known((10, 12, True), (30, 33, False)))]
    )

    assert (found.first.site, found.second.site) == ("A", "B")
    assert (found.proven, found.at_least_ms, found.possible.ms) == (True, 4, 8)


spans = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 90), st.integers(1, 20)), max_size=8)


@given(spans)
def test_every_pair_of_sites_that_held_it_at_once_is_found(drawn: list[tuple[str, int, int]]) -> None:
    """Against a count of who held it in each millisecond."""
    by_site = {
        site: sorted({at for who, a, n in drawn if who == site for at in range(a, a + n)}) for site in "ABC"
    }
    every = []
    for site, moments in by_site.items():
        edges = sorted(
            {at for at in moments if at - 1 not in moments}
            | {at + 1 for at in moments if at + 1 not in moments}
        )
        if edges:
            every += holdings(site, known(*((at, at, at in moments) for at in edges), end=200))
    expected = {
        (one, other)
        for one in "ABC"
        for other in "ABC"
        if one < other and set(by_site[one]) & set(by_site[other])
    }

    found = list(overlaps(every))
    assert {tuple(sorted((each.first.site, each.second.site))) for each in found if each.proven} == expected
    assert all(each.proven for each in found)
