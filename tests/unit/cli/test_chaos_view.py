"""What people read of runs."""

from __future__ import annotations

from pathlib import Path

from boothlab.checkers.judge import Judgement
from boothlab.checkers.verdict import Status, Verdict
from boothlab.cli import chaos_view
from boothlab.scenarios.catalogue import SCENARIOS
from boothlab.scenarios.outcome import Run

KNOWN = SCENARIOS["killed_leader"].known[0]
HOLDS, BROKEN = Verdict(Status.VALID, "never"), Verdict(Status.INVALID, "for 120 ms")


def run(name: str, verdict: Verdict, subject: str = "python") -> Run:
    judgement = Judgement({"play": HOLDS, "exclusive-grants": verdict})
    return Run(SCENARIOS[name], subject, "standalone", 0, Path("runs") / name, judgement, 8.25)


def test_a_run_is_a_line() -> None:
    assert str(chaos_view.line(run("grant", HOLDS), 3, 50)) == "[3/50] grant (python) passed 8.2 s"
    failed = str(chaos_view.line(run("grant", BROKEN), 4, 50))
    assert failed == "[4/50] grant (python) failed 8.2 s  exclusive-grants"


def test_the_summary_tells_what_is_not_simply_good_and_the_worst_last() -> None:
    runs = [
        run("grant", BROKEN),
        run("killed_leader", HOLDS, "clusterlabs"),
        run("killed_leader", BROKEN, "clusterlabs"),
        run("killed_leader", HOLDS),
    ]

    assert [str(each) for each in chaos_view.summary(runs)] == [
        f"known failure  killed_leader (clusterlabs): {KNOWN.why} {KNOWN.link}",
        "    runs/killed_leader/report.html",
        "failed  grant (python): exclusive-grants: for 120 ms",
        "    runs/grant/report.html",
        f"no longer fails  killed_leader (clusterlabs): this did not show: {KNOWN.why} {KNOWN.link}",
        "    runs/killed_leader/report.html",
        "runs 4: passed 1, known failure 1, failed 1, no longer fails 1",
    ]


def test_nothing_played_is_told() -> None:
    assert [str(each) for each in chaos_view.summary([])] == ["runs 0: none"]
