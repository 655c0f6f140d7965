"""What is recorded of a lab without Pacemaker, whatever is done to it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from integration.observed import observed

from boothlab.checkers.verdict import Status
from boothlab.engine import names
from boothlab.history.observations import BoothView, CibView, CibWrite, Missed, PeersView, Watched, Why
from boothlab.history.records import Life, LogLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.lab import Lab

pytestmark = pytest.mark.lab("standalone")

A, B, C = "boothA", "boothB", "arbitrator"
PID = "$(cat /run/booth-service.booth.pid)"


def watchers(lab: Lab) -> list[str]:
    """Return the nodes in which a watcher runs."""
    nodes = [*lab.nodes, names.ROUTER]
    return [node for node in nodes if lab.run(node, ["pgrep", "-f", "watcher[.]pyz"]).ok]


def test_what_members_and_cibs_say_is_recorded_from_begin_to_end(lab: Lab) -> None:
    with observed(lab) as seen:
        seen.run(A, "booth revoke -w apacheticket")
        seen.wait_for(CibWrite, lambda each: each.site == "A" and not each.granted, "A's CIB is told")
        seen.run(A, "booth grant -w -s 192.168.102.100 apacheticket")
        write = seen.wait_for(CibWrite, lambda each: each.site == "B" and each.granted, "B's CIB is told")
        seen.wait_for(BoothView, lambda each: (each.member, each.leader) == ("C", "B"), "C lists B")
        seen.wait_for(CibView, lambda each: each.site == "B" and each.granted, "B's CIB is seen")

    assert (write.owner, write.observer) == ("B", "cib@B")
    assert write.expires_ns is not None
    assert 0 < write.expires_ns - write.ended_ns <= 4_000_000_000  # a lease of 2 s, its end rounded up
    assert {each.member for each in seen.history.of(PeersView)} == {"A", "B", "C"}
    assert any(each.text == "granted successfully here" for each in seen.history.of(LogLine))
    assert seen.lives == []
    assert watchers(lab) == []
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)
    assert judgement.verdicts["exclusive-grants"].status is Status.VALID, str(judgement)


def test_a_daemon_that_dies_is_told_from_one_that_was_killed_and_one_that_was_stopped(lab: Lab) -> None:
    with observed(lab) as seen:
        seen.run(C, f"kill -KILL {PID}")
        seen.wait_life("C", Life.DIED)
        seen.wait_for(
            Missed, lambda each: (each.at, each.what, each.why) == ("C", Watched.BOOTH, Why.DOWN), "C is down"
        )
        with seen.observers.lives.expected(["C"], "cure"):
            seen.run(C, "booth-service start")
        seen.wait_life("C", Life.STARTED)
        with seen.observers.lives.expected(["B"], "kill"):
            seen.run(B, f"kill -KILL {PID}; booth-service start")
        seen.wait_life("B", Life.STARTED)
        with seen.observers.lives.expected(["C"], "pause"):
            seen.run(C, f"kill -STOP {PID}")
        seen.wait_life("C", Life.PAUSED)
        with seen.observers.lives.expected(["C"], "pause"):
            seen.run(C, f"kill -CONT {PID}")
        seen.wait_life("C", Life.CONTINUED)
        with seen.observers.lives.expected(["B"], "restart"):
            seen.run(B, "booth-service restart")
        seen.wait_life("B", Life.STARTED)

    assert seen.lives == [
        ("C", "died", ""),
        ("C", "started", "cure"),
        ("B", "killed", "kill"),
        ("B", "started", "kill"),
        ("C", "paused", "pause"),
        ("C", "continued", "pause"),
        ("B", "stopped", "restart"),
        ("B", "started", "restart"),
    ]
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)
    assert judgement.verdicts["no-daemon-died"].status is Status.INVALID


def test_a_node_that_is_killed_and_comes_back_and_one_that_is_paused(lab: Lab) -> None:
    def cib_missed(site: str, why: Why) -> Callable[[Missed], bool]:
        return lambda each: (each.at, each.what, each.why) == (site, Watched.CIB, why)

    with observed(lab) as seen:
        with seen.observers.lives.expected(["A"], "power"):
            lab.runtime.kill(A)
            seen.wait_life("A", Life.KILLED)
        seen.wait_for(Missed, cib_missed("A", Why.DOWN), "A's CIB is down")
        with seen.observers.lives.expected(["A"], "power"):
            lab.runtime.start(A)
            seen.run(A, "rm /run/booth-service.booth.pid; booth-service start")
            seen.wait_life("A", Life.STARTED)
        seen.wait_for(CibView, lambda each: each.site == "A", "A's CIB is seen again")
        with seen.observers.lives.expected(["B"], "freezer"):
            lab.runtime.pause(B)
            seen.wait_life("B", Life.PAUSED)
        seen.wait_for(Missed, cib_missed("B", Why.SILENT), "B's CIB is not seen")
        with seen.observers.lives.expected(["B"], "freezer"):
            lab.runtime.start(B)
        seen.wait_life("B", Life.CONTINUED)
        seen.wait_for(CibView, lambda each: each.site == "B", "B's CIB is seen again")

    assert {each[2] for each in seen.lives} == {"power", "freezer"}
    writes = [(each.site, each.began_ns) for each in seen.history.of(CibWrite)]
    assert len(writes) == len(set(writes)), "a log was read twice"
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)
    assert watchers(lab) == []


def test_a_watcher_that_is_killed_and_logs_that_are_emptied_leave_no_gap(lab: Lab) -> None:
    with observed(lab) as seen:
        for node in (B, names.ROUTER):
            lab.run(node, ["pkill", "-KILL", "-f", "watcher[.]pyz"])
        seen.run(A, ": > /var/log/crm_ticket.log; : > /var/log/booth.log; rm -f /var/lib/booth-cib/*")
        seen.wait_for(CibView, lambda each: each.site == "B", "B's CIB is seen again")
        seen.wait_for(BoothView, lambda each: each.member == "B", "B is asked again")
        seen.wait_for(CibWrite, lambda each: each.site == "A", "A renews")

    assert seen.lives == []
    judgement = seen.judged()
    assert judgement.verdicts["assumptions"].status is Status.VALID, str(judgement)


STREAM = """
import sys
from boothlab.engine import client, lab
stream = lab.find(client.connect(), sys.argv[1]).runtime.stream("boothA", ["sleep", "1234"])
print("there", flush=True)
stream.read(60)
"""


def test_what_a_node_runs_for_a_reader_ends_with_the_reader(lab: Lab, wait_until: Callable[..., Any]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STREAM, lab.name], stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "there\n"
        wait_until(
            lambda: lab.run(A, ["pgrep", "-x", "sleep", "-a"]).stdout,
            lambda text: "1234" in text,
            what="it runs",
            limit_s=20,
        )
        reader.kill()

    wait_until(
        lambda: lab.run(A, ["pgrep", "-x", "sleep", "-a"]).stdout,
        lambda text: "1234" not in text,
        what="it has ended",
        limit_s=20,
    )


def test_a_stream_gives_lines_as_they_come_and_none_after_the_end(lab: Lab) -> None:
    with lab.runtime.stream(A, "echo one; echo oops >&2; echo two; printf three") as stream:
        lines: list[str] = []
        while (more := stream.read(10)) is not None:
            lines += more

        assert lines == ["one", "two", "three"]
        assert stream.said == "oops\n"
