"""Intervals do what sets of moments do."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from boothlab.checkers.spans import (
    Span,
    Spans,
    around,
    complement,
    contains,
    covered,
    intersect,
    later,
    longest_ms,
    prolonged,
    subtract,
    total_ms,
    union,
)

WITHIN = Span(0, 40)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: Span(*sorted(pair))))


def moments(given_spans: list[Span] | Spans) -> set[int]:
    """Return every whole moment that a set lasts from, to the next one: the same set, written out."""
    return {at for start, end in given_spans for at in range(start, end)}


def is_tidy(found: Spans) -> bool:
    return all(start < end for start, end in found) and all(
        one.end < other.start for one, other in pairwise(found)
    )


@given(spans, spans)
def test_union_intersection_and_difference_are_those_of_moments(one: list[Span], other: list[Span]) -> None:
    for found, expected in (
        (union(one, other), moments(one) | moments(other)),
        (intersect(one, other), moments(one) & moments(other)),
        (subtract(one, other), moments(one) - moments(other)),
    ):
        assert moments(found) == expected
        assert is_tidy(found)


@given(spans)
def test_a_complement_is_everything_else(one: list[Span]) -> None:
    rest = complement(one, WITHIN)

    assert moments(rest) == moments([WITHIN]) - moments(one)
    assert is_tidy(rest)
    assert complement(rest, WITHIN) == union(one)


@given(st.lists(spans, max_size=5), st.integers(1, 4))
def test_covered_counts_sets_and_not_spans(sets: list[list[Span]], at_least: int) -> None:
    found = covered(sets, at_least)
    written_out = [moments(each) for each in sets]

    assert moments(found) == {at for at in range(40) if sum(at in each for each in written_out) >= at_least}
    assert is_tidy(found)


@given(spans, st.integers(0, 20))
def test_later_takes_the_begin_of_each_span_away(one: list[Span], by: int) -> None:
    joined = union(one)

    assert moments(later(one, by)) == {at for at in moments(one) if contains(joined, Span(at - by, at + 1))}


@given(spans, st.integers(0, 20))
def test_prolonged_adds_to_the_end_of_each_span(one: list[Span], by: int) -> None:
    expected = {at + more for at in moments(one) for more in range(by + 1)}

    assert moments(prolonged([each for each in one if each.start < each.end], by)) == expected


@given(spans, st.integers(0, 40), st.integers(0, 40))
def test_a_set_contains_a_span_when_it_contains_all_its_moments(one: list[Span], at: int, to: int) -> None:
    span = Span(*sorted((at, to)))
    if span.start < span.end:
        assert contains(union(one), span) is (moments([span]) <= moments(one))


@given(spans)
def test_lengths_add_up(one: list[Span]) -> None:
    in_ns = [Span(start * 1_000_000, end * 1_000_000) for start, end in one]

    assert total_ms(in_ns) == len(moments(one))
    assert longest_ms(union(in_ns)) <= total_ms(in_ns)


def test_spans_that_touch_are_one_and_do_not_overlap() -> None:
    assert union([Span(0, 5)], [Span(5, 9)]) == (Span(0, 9),)
    assert intersect([Span(0, 5)], [Span(5, 9)]) == ()


def test_a_moment_is_no_span() -> None:
    assert union([Span(5, 5)]) == ()
    assert total_ms([Span(5, 5)]) == 0


def test_around_finds_the_span_of_a_moment_with_its_edges() -> None:
    known = (Span(1, 3), Span(6, 8))

    assert [around(known, at) for at in (0, 1, 3, 4, 8, 9)] == [
        None,
        known[0],
        known[0],
        None,
        known[1],
        None,
    ]
