"""Whose doing it was that a daemon went."""

from __future__ import annotations

from contextlib import suppress

import pytest

from boothlab.observers import Lives


class Clock:
    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lives(clock: Clock) -> Lives:
    return Lives(clock)


def test_nobody_is_to_blame_for_what_nobody_did(lives: Lives) -> None:
    assert lives.blame("A", 5, 10) == ("", 5)


@pytest.mark.parametrize(
    ("member", "began", "ended", "by"),
    [
        ("A", 120, 130, "f1"),
        ("A", 90, 110, "f1"),  # seen late, or noticed in between
        ("A", 190, 300, "f1"),
        ("A", 201, 300, ""),
        ("A", 10, 99, ""),
        ("B", 120, 130, ""),
    ],
)
def test_what_may_have_happened_meanwhile_is_the_doing_of_who_was_at_work(
    lives: Lives, clock: Clock, member: str, began: int, ended: int, by: str
) -> None:
    clock.ns = 100
    with lives.expected(["A", "C"], "f1"):
        clock.ns = 200

    assert lives.blame(member, began, ended)[0] == by


def test_it_did_not_happen_before_somebody_was_at_work(lives: Lives, clock: Clock) -> None:
    clock.ns = 100
    with lives.expected(["A"], "f1"):
        assert lives.blame("A", 50, 500) == ("f1", 100)


def test_the_latest_is_blamed(lives: Lives, clock: Clock) -> None:
    with lives.expected(["A"], "f1"):
        clock.ns = 10
        with lives.expected(["A"], "f2"):
            clock.ns = 20
        clock.ns = 30

    assert lives.blame("A", 15, 16)[0] == "f2"
    assert lives.blame("A", 25, 26)[0] == "f1"


def test_an_error_ends_an_expectation_too(lives: Lives, clock: Clock) -> None:
    with suppress(ZeroDivisionError), lives.expected(["A"], "f1"):
        raise ZeroDivisionError
    clock.ns = 10

    assert lives.blame("A", 5, 10)[0] == ""
