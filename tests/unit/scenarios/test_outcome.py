"""What a run comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boothlab.checkers.judge import Judgement
from boothlab.checkers.verdict import Status, Verdict
from boothlab.scenarios.catalogue import SCENARIOS
from boothlab.scenarios.outcome import Outcome, is_untold, outcome_of
from boothlab.scenarios.scenario import EVERYBODY, Known

DOUBLE = Known("clusterlabs", frozenset({"exclusive-grants"}), link="https://example.com/1", why="it does")
EITHER = Known(
    "clusterlabs", frozenset({"exclusive-grants", "terms-rise"}), "https://example.com/1", "it does"
)
SHOWN = replace(EITHER, shown_by="exclusive-grants")
V, U, I = Status.VALID, Status.UNKNOWN, Status.INVALID  # noqa: E741 - a table is read by its columns


def judgement(grants: Status, terms: Status) -> Judgement:
    said = {"exclusive-grants": grants, "terms-rise": terms}
    return Judgement({name: Verdict(status, "so it was") for name, status in said.items()})


@pytest.mark.parametrize(
    ("grants", "terms", "known", "outcome"),
    [
        (V, V, None, Outcome.PASSED),
        (I, V, None, Outcome.FAILED),
        (U, V, None, Outcome.FAILED),
        (I, V, DOUBLE, Outcome.KNOWN),
        (V, V, DOUBLE, Outcome.MENDED),
        (U, V, DOUBLE, Outcome.MENDED),
        (I, I, DOUBLE, Outcome.FAILED),
        (I, U, DOUBLE, Outcome.FAILED),
        (V, I, DOUBLE, Outcome.FAILED),
        (V, I, EITHER, Outcome.KNOWN),
        (V, I, SHOWN, Outcome.MENDED),
        (I, I, SHOWN, Outcome.KNOWN),
    ],
)
def test_a_known_failure_must_show_and_nothing_else_may(
    grants: Status, terms: Status, known: Known | None, outcome: Outcome
) -> None:
    assert outcome_of(judgement(grants, terms), known) is outcome


@pytest.mark.parametrize(
    ("assumptions", "play", "grants", "known", "untold"),
    [
        (U, V, U, None, True),
        (U, I, U, None, True),  # a machine that stands still makes scripts wait in vain
        (U, U, U, None, True),
        (U, V, I, None, False),  # two holders are proven, whoever looked away meanwhile
        (U, V, I, DOUBLE, True),
        (V, V, U, None, False),
        (V, I, V, None, False),
        (V, U, V, None, False),
    ],
)
def test_a_run_that_was_not_watched_says_nothing_unless_something_is_proven(
    assumptions: Status, play: Status, grants: Status, known: Known | None, *, untold: bool
) -> None:
    said = {"play": play, "assumptions": assumptions, "exclusive-grants": grants}
    judged = Judgement({name: Verdict(status, "so it was") for name, status in said.items()})

    assert is_untold(judged, known) is untold
    assert not untold or outcome_of(judged, known) is Outcome.FAILED


def test_what_is_known_of_everybody_is_known_of_anybody() -> None:
    shared = replace(SCENARIOS["split_leader"], known=(replace(DOUBLE, subject=EVERYBODY),))

    assert shared.known_of("acme") is shared.known[0]
    assert replace(shared, known=(DOUBLE,)).known_of("acme") is None


def test_only_what_is_expected_is_good() -> None:
    assert [each for each in Outcome if each.is_good] == [Outcome.PASSED, Outcome.KNOWN]
