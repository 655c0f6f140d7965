"""Steps: what may go on at the same time, what a failure stops, how a condition is waited for."""

from __future__ import annotations

import subprocess
import threading
import time
from graphlib import CycleError
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.steps import Record, Step, StepFailedError, perform, until
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 10


def step(name: str, *needs: str) -> Step:
    return Step(name, "clusterA-1", f"do {name}", f"Do {name}", needs=needs)


def succeeded(one: Step) -> Record:
    return Record(one, "fine", 0, 0.0, 0.1)


def failed(one: Step, output: str = "no such thing", seconds: float = 0.1) -> Record:
    return Record(one, output, 3, 0.0, seconds)


class TestOrder:
    def test_a_step_begins_after_all_that_it_needs_has_ended(self) -> None:
        log: list[str] = []

        def run(one: Step) -> Record:
            log.extend([f"begin {one.name}", f"end {one.name}"])
            return succeeded(one)

        perform([step("last", "b", "c"), step("b", "a"), step("c", "a"), step("a")], run)

        assert log[:2] == ["begin a", "end a"]
        assert log[-2:] == ["begin last", "end last"]
        assert len(log) == 8

    def test_records_come_in_the_lists_order_whatever_ran_first(self) -> None:
        records = perform([step("second", "first"), step("first")], succeeded)

        assert [record.step.name for record in records] == ["second", "first"]

    def test_independent_steps_overlap(self) -> None:
        both_there = threading.Barrier(2, timeout=PATIENCE_S)

        def run(one: Step) -> Record:
            both_there.wait()  # broken, and so an error, unless the other comes too
            return succeeded(one)

        assert len(perform([step("a"), step("b")], run)) == 2

    def test_no_more_than_so_many_run_at_once(self) -> None:
        running = threading.Semaphore(2)

        def run(one: Step) -> Record:
            assert running.acquire(blocking=False), "a third one"
            running.release()
            return succeeded(one)

        assert len(perform([step(str(number)) for number in range(20)], run, at_once=2)) == 20

    def test_steps_that_need_each_other_are_refused_before_any_is_run(self) -> None:
        with pytest.raises(CycleError):
            perform([step("a", "b"), step("b", "a"), step("free")], pytest.fail)

    def test_a_need_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(KeyError, match="ghost"):
            perform([step("a", "ghost")], succeeded)

    def test_nothing_to_do_is_done(self) -> None:
        assert perform([], pytest.fail) == []


class TestFailure:
    def test_nothing_new_is_started_after_a_failure(self) -> None:
        started: list[str] = []
        failure_is_known, slow_ended = threading.Event(), threading.Event()

        def run(one: Step) -> Record:
            started.append(one.name)
            if one.name == "wrong":
                return failed(one)
            failure_is_known.wait(PATIENCE_S)
            slow_ended.set()
            return succeeded(one)

        with pytest.raises(StepFailedError):
            perform([step("slow"), step("wrong"), step("after", "slow"), step("never", "wrong")], run)
        failure_is_known.set()
        assert slow_ended.wait(PATIENCE_S)

        assert sorted(started) == ["slow", "wrong"]

    @pytest.mark.parametrize("error", [RuntimeError("a defect"), KeyboardInterrupt()])
    def test_what_the_runner_raises_reaches_the_caller(self, error: BaseException) -> None:
        def run(_: Step) -> Record:
            raise error

        with pytest.raises(type(error)):
            perform([step("a"), step("b", "a")], run)

    def test_the_error_tells_node_command_output_and_what_to_look_at(self) -> None:
        error = StepFailedError(failed(step("setup")))

        for part in ("Do setup: failed", "clusterA-1", "do setup", "3", "no such thing"):
            assert part in error.message
        assert "boothlab shell clusterA-1" in error.remedy
        assert "boothlab logs clusterA-1" in error.remedy

    def test_the_error_shows_the_end_of_a_long_output(self) -> None:
        message = StepFailedError(failed(step("a"), "\n".join(f"line {n}" for n in range(100)))).message

        assert "line 99" in message
        assert "line 79" not in message

    def test_a_silent_command_is_said_to_have_printed_nothing(self) -> None:
        assert "printed: (nothing)" in StepFailedError(failed(step("a"), "")).message

    def test_a_wait_that_failed_tells_how_long_it_waited(self) -> None:
        waiting = Step("quorum", "clusterA-1", "has-quorum", "Wait for quorum", kind="wait")
        message = StepFailedError(failed(waiting, seconds=60.2)).message

        assert "Wait for quorum: still not so after 60 s" in message
        assert "command: has-quorum\n" in message


class TestUntil:
    """The script, run by this machine's shell."""

    @staticmethod
    def shell(script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)

    def outcome(self, script: str) -> tuple[int, str]:
        with self.shell(script) as process:
            output, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output

    def test_a_condition_that_holds_succeeds_at_once_with_its_output(self) -> None:
        assert self.outcome(until("echo quorate", 60)) == (0, "quorate\n")

    def test_it_goes_on_until_the_condition_holds(self, tmp_path: Path) -> None:
        looked, flag = tmp_path / "looked", tmp_path / "flag"
        with self.shell(until(f"touch {looked}; cat {flag} 2> /dev/null", 60)) as process:
            wait_until(looked.exists, what="the first look", limit_s=PATIENCE_S, interval_s=0.01)
            assert process.poll() is None
            (tmp_path / "fresh").write_text("there")
            (tmp_path / "fresh").rename(flag)
            output, _ = process.communicate(timeout=PATIENCE_S)

        assert (process.returncode, output) == (0, "there\n")

    def test_it_gives_up_at_its_limit_and_prints_what_it_saw_last(self) -> None:
        began = time.monotonic()
        outcome = self.outcome(until("echo to stdout; echo no DC >&2; false", 1))

        assert outcome == (1, "to stdout\nno DC\n")
        assert 1 <= time.monotonic() - began < 5

    def test_a_condition_may_have_quotes_and_pipes(self) -> None:
        condition = """printf '%s\\n' "it's" 'a "b"' | grep 'a "b"' && test "$(echo one two)" = 'one two'"""

        assert self.outcome(until(condition, 60)) == (0, 'a "b"\n')

    def test_only_waiting_steps_are_tried_again(self) -> None:
        assert step("a").script == "do a"
        assert "while" in Step("w", "n", "c", "t", kind="wait").script
