"""Running steps: with this machine's shell in the place of the nodes'."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.carry_out import Clock, Stepper
from boothlab.engine.progress import SilentProgress
from boothlab.engine.runtime import Answer, NodeUnreachableError
from boothlab.engine.steps import Step, StepFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.progress import Activity

PATIENCE_S = 10


class LocalShell:
    """A runtime whose nodes are all this machine. ``block`` waits until it is cancelled."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.limits: dict[str, float] = {}

    def run(self, node: str, command: str, *, limit_s: float) -> Answer:
        self.limits[node] = limit_s
        if command == "block":
            self.cancelled.wait(PATIENCE_S)
            raise NodeUnreachableError("given up")
        began = time.monotonic()
        ran = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=limit_s, check=False
        )
        return Answer(ran.returncode, ran.stdout, ran.stderr, time.monotonic() - began)

    def cancel(self) -> None:
        self.cancelled.set()


class Told(SilentProgress):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.activities: list[tuple[str, str]] = []

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Activity]:
        self.activities.append((where, what))
        with super().activity(where, what) as activity:
            yield activity


@pytest.fixture
def shell() -> LocalShell:
    return LocalShell()


@pytest.fixture
def stepper(shell: LocalShell) -> Stepper:
    return Stepper(shell, Told())  # type: ignore[arg-type]


def step(name: str, command: str, *needs: str, limit_s: float = 5) -> Step:
    return Step(name, f"node-{name}", command, f"Do {name}", needs=needs, limit_s=limit_s)


def test_a_record_has_what_the_command_printed_and_how_long_it_took(stepper: Stepper) -> None:
    (record,) = stepper.run_all([step("a", "echo out; echo err >&2; sleep 0.1")])

    assert (record.output, record.exit_code) == ("out\nerr", 0)
    assert 0.1 <= record.seconds < PATIENCE_S


def test_records_begin_on_the_clock_of_the_whole_work(stepper: Stepper) -> None:
    first, second = stepper.run_all([step("a", "sleep 0.05"), step("b", "true", "a")])

    assert 0 <= first.began_s < first.began_s + first.seconds <= second.began_s <= stepper.clock.now_s()


def test_each_step_is_told_with_its_node(stepper: Stepper) -> None:
    stepper.run_all([step("a", "true"), step("b", "true", "a")])

    assert isinstance(stepper.progress, Told)
    assert stepper.progress.activities == [("node-a", "Do a"), ("node-b", "Do b")]


def test_what_ran_before_the_failure_is_kept_with_the_failure_itself(stepper: Stepper) -> None:
    steps = [
        step("never", "true", "wrong"),
        step("wrong", "echo broken; exit 7", "a"),
        step("a", "echo fine"),
    ]
    with pytest.raises(StepFailedError, match="broken"):
        stepper.run_all(steps)

    kept = stepper.kept(steps)
    assert [(record.step.name, record.output, record.exit_code) for record in kept] == [
        ("wrong", "broken", 7),
        ("a", "fine", 0),
    ]


def test_a_failure_ends_what_still_runs(stepper: Stepper, shell: LocalShell) -> None:
    began = time.monotonic()
    with pytest.raises(StepFailedError):
        stepper.run_all([step("long", "block"), step("wrong", "false")])

    assert shell.cancelled.is_set()
    assert time.monotonic() - began < PATIENCE_S


def test_a_waiting_step_has_time_to_tell_what_it_saw_last(stepper: Stepper, shell: LocalShell) -> None:
    waiting = Step("dc", "node", "echo no DC yet; false", "Wait for a DC", kind="wait", limit_s=0)
    with pytest.raises(StepFailedError, match="Wait for a DC: still not so") as caught:
        stepper.run_all([waiting])

    assert caught.value.record.output == "no DC yet"
    assert shell.limits["node"] > waiting.limit_s + 1


def test_an_unreachable_node_is_an_error_of_its_own(stepper: Stepper, shell: LocalShell) -> None:
    shell.cancelled.set()

    with pytest.raises(NodeUnreachableError):
        stepper.run_all([step("a", "block")])


def test_a_phase_is_timed_also_when_it_fails() -> None:
    clock = Clock()
    with clock.phase("networks"):
        pass
    with pytest.raises(ZeroDivisionError), clock.phase("images"):
        raise ZeroDivisionError

    networks, images = clock.phases
    assert (networks.name, images.name) == ("networks", "images")
    assert 0 <= networks.began_s <= networks.began_s + networks.seconds <= images.began_s <= clock.now_s()
