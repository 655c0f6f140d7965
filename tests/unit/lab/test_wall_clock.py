"""What lets a node's wall clock be wrong, built here and loaded into processes of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.assets import lab_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUILD = lab_folder() / "images" / "common" / "build-wall-clock"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None, reason="gcc and Linux are needed to build it"
)

CLOCKS = ("CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_BOOTTIME")

SHOW = f"""
import json, sys, time
for _ in sys.stdin:
    print(json.dumps([time.clock_gettime(getattr(time, name)) for name in {CLOCKS}]), flush=True)
"""

WAIT = """
import ctypes, time
class Point(ctypes.Structure):
    _fields_ = [("s", ctypes.c_long), ("ns", ctypes.c_long)]
c = ctypes.CDLL(None)
def wait(name, *things):
    shown, began = time.time() + 0.3, time.monotonic()
    c[name](*things, ctypes.byref(Point(int(shown), int(shown % 1 * 1e9))))
    print(round(time.monotonic() - began, 2))
zeros = [ctypes.create_string_buffer(64) for _ in range(3)]
wait("sem_timedwait", zeros[0])
c.pthread_mutex_lock(zeros[1])
wait("pthread_cond_timedwait", zeros[2], zeros[1])
wait("pthread_mutex_timedlock", zeros[1])
shown, began = time.time() + 0.3, time.monotonic()
c.clock_nanosleep(0, 1, ctypes.byref(Point(int(shown), int(shown % 1 * 1e9))), None)
print(round(time.monotonic() - began, 2))
"""


class Node:
    """A tree with the library, and the file that says how wrong the clock is."""

    def __init__(self, root: Path, file: Path) -> None:
        self.programs = root / "usr/lib/boothlab"
        self.environment = {
            "BOOTHLAB_WALL_CLOCK": str(file),
            "LD_PRELOAD": str(self.programs / "wall-clock.so"),
        }
        self.set()

    def set(self, *words: str) -> str:
        return self.run(str(self.programs / "set-wall-clock"), *words)

    def run(self, *argv: str) -> str:
        answer = subprocess.run(
            argv, env=os.environ | self.environment, capture_output=True, text=True, check=True, timeout=20
        )
        return answer.stdout


class Process:
    """A process that runs all the while, and is asked for its clocks."""

    def __init__(self, node: Node) -> None:
        self._python = subprocess.Popen(
            [sys.executable, "-IS", "-c", SHOW],
            env=os.environ | node.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def error_s(self) -> float:
        """Return how wrong its wall clock is, in seconds; its monotonic clocks must be right.

        What asking takes is the same for all clocks, and so taken off.
        """
        assert self._python.stdin
        assert self._python.stdout
        self._python.stdin.write("\n")
        self._python.stdin.flush()
        shown = json.loads(self._python.stdout.readline())
        own = [time.clock_gettime(getattr(time, name)) for name in CLOCKS]
        wall, mono, boot = (one - other for one, other in zip(shown, own, strict=True))
        assert -5 < mono <= 0
        assert boot == pytest.approx(mono, abs=0.05)
        return wall - mono

    def end(self) -> None:
        self._python.communicate(timeout=20)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    built = subprocess.run(
        [BUILD],
        env=os.environ | {"BOOTHLAB_ROOT": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert built.stderr == "", "the compiler warns"
    return folder


@pytest.fixture
def node(root: Path, tmp_path: Path) -> Node:
    return Node(root, tmp_path / "wall-clock")


@pytest.fixture
def process(node: Node) -> Iterator[Process]:
    found = Process(node)
    yield found
    found.end()


def near(error_s: float) -> object:
    """Return what is equal to this error, give or take what passes between looking at two clocks."""
    return pytest.approx(error_s, abs=0.2)


@pytest.mark.parametrize("step_ms", [3_600_000, -3_600_000, -1_500])
def test_the_wall_clock_of_a_running_process_jumps_and_comes_back(
    node: Node, process: Process, step_ms: int
) -> None:
    assert process.error_s() == near(0)
    node.set("step", str(step_ms))
    assert process.error_s() == near(step_ms / 1000)
    node.set("step", "0")
    assert process.error_s() == near(0)


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_a_drift_begins_without_a_jump_and_goes_on_at_its_rate(
    node: Node, process: Process, rate: float
) -> None:
    node.set("drift", str(rate))
    began = time.monotonic()
    assert process.error_s() == near(0)
    for _ in range(3):
        time.sleep(0.4)
        assert process.error_s() == near((rate - 1) * (time.monotonic() - began))
    node.set("drift", "1")
    assert process.error_s() == near(0)


def test_a_step_and_a_drift_are_taken_back_each_for_itself(node: Node, process: Process) -> None:
    node.set("drift", "0.999")
    node.set("step", "60000")
    assert process.error_s() == near(60)
    node.set("drift", "1")
    assert process.error_s() == near(60)
    assert node.set() == "60000 1\n"
    node.set("step", "0")
    assert node.set() == "0 1\n"


def test_processes_that_start_later_see_the_same_clock(node: Node, process: Process) -> None:
    node.set("step", "-7200000")
    assert int(node.run("date", "+%s")) == pytest.approx(time.time() - 7200, abs=2)
    assert process.error_s() == near(-7200)


@pytest.mark.parametrize(("words", "takes_s"), [(("step", "-3600000"), 0.3), (("drift", "2"), 0.15)])
def test_what_waits_until_a_time_waits_until_its_clock_shows_it(
    node: Node, words: tuple[str, str], takes_s: float
) -> None:
    node.set(*words)
    waited = [float(line) for line in node.run(sys.executable, "-IS", "-c", WAIT).split()]
    assert len(waited) == 4
    assert all(takes_s - 0.01 <= each < takes_s + 1 for each in waited), waited


def test_nonsense_is_refused_and_changes_nothing(node: Node, process: Process) -> None:
    for words in (("drift", "0"), ("drift", "-1"), ("step", "soon"), ("step",), ("leap", "1")):
        with pytest.raises(subprocess.CalledProcessError):
            node.set(*words)
    assert process.error_s() == near(0)
