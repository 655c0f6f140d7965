"""What is sure, and what only may be."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from boothlab.checkers.spans import Span, complement, intersect, union
from boothlab.checkers.tracks import Point, any_of, track


def view(value: bool | None, began: int, ended: int, index: int = 0) -> Point:
    return Point(value, began, ended, index)


def change(value: bool, began: int, ended: int, index: int = 0) -> Point:
    return Point(value, began, ended, index, change=True)


def test_a_view_proves_nothing_before_its_answer_and_nothing_after_the_next_question() -> None:
    seen = track([view(False, 0, 10), view(True, 20, 30), view(True, 40, 50), view(False, 60, 70)], 15)

    assert seen.sure == (Span(30, 40),)
    assert seen.maybe == (Span(0, 70),)  # what was not so at 0 may have begun right after


def test_what_was_seen_twice_was_not_necessarily_so_across_a_long_gap() -> None:
    seen = track([view(True, 0, 0), view(True, 10, 10), view(True, 100, 100), view(True, 110, 110)], 20)

    assert seen.sure == (Span(0, 10), Span(100, 110))
    assert seen.maybe == (Span(0, 110),)
    assert seen.unclear == (Span(10, 100),)


def test_a_single_look_is_a_glimpse_and_no_length_of_time() -> None:
    seen = track([view(False, 0, 10), view(True, 20, 30, index=7), view(False, 40, 50)], 20)

    assert seen.sure == ()
    assert [each.index for each in seen.glimpses] == [7]


def test_a_change_was_otherwise_before_and_so_after() -> None:
    seen = track([view(False, 0, 0), change(True, 10, 14), change(False, 30, 31), view(False, 50, 50)], None)

    assert seen.sure == (Span(14, 30),)
    assert seen.never == (Span(0, 10), Span(31, 50))


def test_the_same_written_again_is_no_interruption() -> None:
    seen = track([view(True, 0, 0), change(True, 10, 14), view(True, 50, 50)], None)

    assert seen.sure == (Span(0, 50),)


def test_a_view_of_the_old_that_overlaps_a_change_was_before_it() -> None:
    seen = track([change(True, 10, 20), view(False, 14, 30), view(True, 50, 50)], None)

    assert seen.never == ()
    assert seen.maybe == (Span(14, 50),)
    assert seen.sure == (Span(20, 50),)


def test_a_view_of_the_new_that_overlaps_a_change_was_after_it() -> None:
    seen = track([view(False, 0, 0), change(True, 10, 60), view(True, 14, 30), view(True, 70, 70)], None)

    assert seen.never == (Span(0, 10),)
    assert seen.sure == (Span(30, 70),)


def test_a_view_that_overlaps_several_changes_tells_nothing() -> None:
    changes = [change(True, 10, 14), change(False, 30, 31)]
    seen = track([view(False, 0, 0), *changes, view(False, 12, 35), view(False, 50, 50)], None)

    assert seen.sure == (Span(14, 30),)
    assert seen.never == (Span(0, 10), Span(31, 50))


def test_views_that_contradict_a_change_do_not_move_it() -> None:
    views = [view(True, 11, 12), view(False, 17, 18)]
    seen = track([view(False, 0, 0), change(True, 10, 20), *views, view(True, 50, 50)], None)

    assert seen.never == (Span(0, 10),)
    assert seen.sure == (Span(20, 50),)


def test_after_nobody_knows_nothing_is_sure_until_it_is_seen_again() -> None:
    seen = track([view(True, 0, 0), view(True, 5, 5), view(None, 10, 10), view(True, 40, 40)], None)

    assert seen.sure == (Span(0, 5),)
    assert seen.maybe == (Span(0, 40),)


def test_the_evidence_for_a_span_is_what_was_seen_at_its_begin_and_its_end() -> None:
    seen = track([view(index != 0, 10 * index, 10 * index, index) for index in range(6)], 20)

    assert seen.evidence(Span(20, 40)) == (2, 4)
    assert seen.evidence(Span(22, 39)) == (2, 4)


def test_any_of_two_is_sure_when_one_is_and_never_when_neither_is() -> None:
    one = track([view(True, 0, 0), change(False, 10, 20), view(False, 50, 50)], None)
    other = track([view(False, 0, 0), change(True, 15, 30), view(True, 50, 50)], None)
    both = any_of([one, other])

    assert both.sure == (Span(0, 10), Span(30, 50))
    assert both.never == ()


looks = st.lists(
    st.tuples(st.booleans(), st.integers(0, 60), st.integers(0, 8), st.booleans()).map(
        lambda drawn: Point(drawn[0], drawn[1], drawn[1] + drawn[2], 0, drawn[3])
    )
)


@given(looks, st.one_of(st.none(), st.integers(0, 20)))
def test_nothing_is_both_sure_and_never(points: list[Point], gap: int | None) -> None:
    seen = track(points, gap)

    assert intersect(seen.sure, seen.never) == ()
    if seen.seen:
        assert union(seen.sure, seen.never, seen.unclear) == union([seen.seen])
        assert complement(seen.never, seen.seen) == seen.maybe


@given(st.lists(st.integers(1, 9), min_size=2, max_size=9), st.lists(st.integers(0, 99), max_size=30))
def test_what_is_sure_was_really_so_whenever_one_looks(lengths: list[int], starts: list[int]) -> None:
    """A truth that changes now and then, looked at by someone who is slow: nothing sure is wrong."""
    edges = [sum(lengths[:count]) for count in range(len(lengths) + 1)]
    truth = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]

    def was_so(at: float) -> bool:
        return any(start <= at < end for start, end in truth)

    ordered = sorted({at % edges[-1] for at in starts})
    points = [view(was_so(at + 0.25), at, at + 1, at) for at in ordered]
    shortest = min(lengths)
    seen = track(points, shortest - 2)  # so short that nothing can come and go unseen

    for start, end in seen.sure:
        assert all(was_so(at + 0.25) for at in range(start, end))
    for start, end in seen.never:
        assert not any(was_so(at + 0.25) for at in range(start, end))


blurs = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(
    st.lists(st.tuples(st.integers(1, 12), blurs), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 99), blurs), max_size=12),
)
def test_whoever_tells_every_change_and_whoever_looks_are_never_wrong_together(
    changes: list[tuple[int, tuple[int, int]]], views: list[tuple[int, tuple[int, int]]]
) -> None:
    """Each change is told with an interval around it, each look has one around its moment."""
    edges = [sum(length for length, _ in changes[: count + 1]) for count in range(len(changes))]

    def was_so(at: float) -> bool:
        return sum(edge <= at for edge in edges) % 2 == 1

    # told in their order: no interval lies within another one
    began = accumulate((edge - before for edge, (_, (before, _)) in zip(edges, changes, strict=True)), max)
    ended = accumulate((edge + after for edge, (_, (_, after)) in zip(edges, changes, strict=True)), max)
    told = [change(was_so(edge), *times) for edge, *times in zip(edges, began, ended, strict=True)]
    seen = [view(was_so(at + 0.5), at - before, at + 1 + after) for at, (before, after) in views]
    found = track([*told, *seen], None)

    for start, end in found.sure:
        assert all(was_so(at + 0.5) for at in range(start, end))
    for start, end in found.never:
        assert not any(was_so(at + 0.5) for at in range(start, end))
