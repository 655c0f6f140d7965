"""How verdicts come about: assumptions first, the worst counts, and UNKNOWN never passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest
from unit.checkers.story import BOUNDS, Story, judged, ns, span

from boothlab.checkers.assumptions import Assumptions
from boothlab.checkers.judge import judge
from boothlab.checkers.processes import NoDaemonDied
from boothlab.checkers.suite import CHECKERS
from boothlab.checkers.verdict import Status, Verdict, worst
from boothlab.history.history import History
from boothlab.history.observations import BoothView, Why
from boothlab.history.records import Edge, Family, Fault, Life, Mark, Operation, Phase, Verb

if TYPE_CHECKING:
    from boothlab.checkers.context import Context

ASSUMPTIONS, DIED = Assumptions(), NoDaemonDied()


@dataclass(frozen=True)
class Says:
    """A checker that always says the same; None: it raises."""

    status: Status | None
    name: str = "says"
    says: str = "It is as it is."

    def check(self, _history: History, _context: Context) -> Verdict:
        if self.status is None:
            raise ZeroDivisionError("a defect")
        return Verdict(self.status, "As it is.", measures={"cases": 0})


def good() -> Story:
    return Story(end=6_000).held("A", 1_000, 5_000)


# --- the assumptions


def test_a_whole_history_that_was_watched_is_fit_to_be_judged() -> None:
    assert judged(ASSUMPTIONS, good()).status is Status.VALID


def looked_at(*moments: float) -> Story:
    """B's CIB is looked at only then."""
    return good().polled("B", *((at, at + 10, False) for at in moments))


def told_late() -> Story:
    """Whoever tells all changes of B's CIB does not tell how it was at first."""
    story = good().held("B", 5_500)
    story.silent.add("cib@B")
    return story


def a_view(began: float, ended: float, observer: str) -> BoothView:
    return BoothView(**span(began, ended), observer=observer, member="A", ticket="ticketA", leader=None)


AN_END: Final = Operation(at_ns=ns(5), process="p", phase=Phase.OK, verb=Verb.LIST)
A_CURE: Final = Fault(**span(5, 6), id="f", edge=Edge.END, family=Family.NODE, name="x")


@pytest.mark.parametrize(
    ("story", "why"),
    [
        (looked_at(0, 4_000, 5_900), "paused for 3990.0 ms"),
        (looked_at(*range(900, 6_000, 100)), "paused for 900.0 ms"),
        (looked_at(*range(0, 4_000, 100)).missed(4_100, 4_110, "B", Why.SILENT), "paused for 1890.0 ms"),
        (looked_at(), "never saw anything"),
        (told_late(), "in the first 5500.0 ms"),
        (good().add(Mark(at_ns=ns(-1), name="early")), "another clock"),
        (good().add(a_view(2, 1, "cib@A")), "ends before it begins"),
        (good().add(a_view(1, 2, "somebody")), "not in the header"),
        (good().add(AN_END), "an operation has no begin"),
        (good().add(A_CURE), "ended and never began"),
    ],
)
def test_a_history_with_holes_is_unknown(story: Story, why: str) -> None:
    verdict = judged(ASSUMPTIONS, story)

    assert verdict.status is Status.UNKNOWN
    assert why in verdict.summary


def test_observers_may_be_slow_to_begin_as_long_as_nothing_is_done() -> None:
    late = looked_at(*range(900, 6_000, 100))

    assert judged(ASSUMPTIONS, late.grants(950, "A")).status is Status.VALID
    assert judged(ASSUMPTIONS, looked_at(*range(900, 6_000, 100)).grants(50, "A")).status is Status.UNKNOWN


def test_an_observer_that_sees_nothing_and_says_so_is_alive() -> None:
    story = good().polled_often("B", until=4_000)
    for at in range(4_000, 6_000, 200):
        story.missed(at, at + 10, "B", Why.SILENT)
    verdict = judged(ASSUMPTIONS, story, observation_gap_ms=2_500)

    assert verdict.status is Status.VALID


def test_an_unfinished_recording_is_unknown() -> None:
    history = replace(good().history(), finished=False, remarks=("The recording was not finished.",))

    assert ASSUMPTIONS.check(history, BOUNDS).status is Status.UNKNOWN


def test_records_of_a_newer_boothlab_that_were_left_out_make_it_unknown() -> None:
    history = replace(good().history(), remarks=("1 unknown records are left out.",))

    assert ASSUMPTIONS.check(history, BOUNDS).status is Status.UNKNOWN


def test_where_the_assumptions_fail_only_what_is_proven_counts() -> None:
    unfit = replace(good().history(), finished=False)

    assert judge(unfit, [Says(Status.VALID)], BOUNDS).verdicts["says"].status is Status.UNKNOWN
    assert judge(unfit, [Says(Status.INVALID)], BOUNDS).verdicts["says"].status is Status.INVALID


# --- putting verdicts together


def test_the_worst_verdict_is_that_of_the_whole() -> None:
    assert worst([Status.VALID, Status.UNKNOWN]) is Status.UNKNOWN
    assert worst([Status.UNKNOWN, Status.INVALID, Status.VALID]) is Status.INVALID
    assert worst([]) is Status.UNKNOWN


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.INVALID])
def test_only_valid_passes(status: Status) -> None:
    assert judge(good().history(), [Says(Status.VALID)], BOUNDS).passes
    assert not judge(good().history(), [Says(status)], BOUNDS).passes


def test_a_checker_that_raises_is_unknown_and_told() -> None:
    judgement = judge(good().history(), [Says(None)], BOUNDS)

    assert judgement.status is Status.UNKNOWN
    assert "ZeroDivisionError: a defect" in str(judgement)


def test_what_must_be_seen_and_was_not_is_unknown() -> None:
    context = replace(BOUNDS, must_see=frozenset({"says"}))

    assert judge(good().history(), [Says(Status.VALID)], context).status is Status.UNKNOWN


def test_all_checkers_pass_an_uneventful_history_and_have_names_of_their_own() -> None:
    story = Story(end=6_000).grants(950, "A").held("A", 1_000, term=1).all_say(1_100, 6_000, "A")
    judgement = judge(story.history(), CHECKERS, BOUNDS)

    assert judgement.passes, str(judgement)
    assert len(judgement.verdicts) == len(CHECKERS) + 1
    assert all(each.says.endswith(".") and each.name.replace("-", "").islower() for each in CHECKERS)


def test_the_same_history_gives_the_same_judgement() -> None:
    story = Story().held("A", 1_000).held("B", 5_000).isolated("A", 4_000)

    assert judge(story.history(), CHECKERS, BOUNDS) == judge(story.history(), CHECKERS, BOUNDS)


def test_an_empty_history_is_unknown_and_no_checker_fails() -> None:
    judgement = judge(History(Story().header(), ()), CHECKERS, BOUNDS)

    assert judgement.status is Status.UNKNOWN
    assert "failed" not in str(judgement)


# --- daemons


def test_a_daemon_that_was_killed_or_stopped_is_valid() -> None:
    story = good().daemon(1_000, "A", Life.KILLED, by="f1").daemon(1_100, "A", Life.STARTED)

    assert judged(DIED, story.daemon(2_000, "B", Life.STOPPED)).status is Status.VALID


@pytest.mark.parametrize(("life", "by"), [(Life.DIED, ""), (Life.KILLED, "")])
def test_a_daemon_that_died_by_itself_is_invalid(life: Life, by: str) -> None:
    verdict = judged(DIED, good().daemon(1_000, "A", life, by=by, status="signal 11"))

    assert verdict.status is Status.INVALID
    assert "signal 11" in verdict.summary
