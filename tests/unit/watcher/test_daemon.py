"""Finding the daemon's process: a real one, that sleeps under its name."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.waits import wait_until
from boothlab.watcher import daemon

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["boothd", "60"], executable="/bin/sleep") as started:
        command = Path("/proc", str(started.pid), "cmdline")
        wait_until(command.read_text, what="it has its name", limit_s=10, interval_s=0.01)
        yield started
        started.kill()


@pytest.fixture
def pid_file(process: subprocess.Popen[bytes], tmp_path: Path) -> Path:
    found = tmp_path / "pid"
    found.write_text(f"{process.pid}\n")
    return found


def test_it_is_found_by_the_file_with_its_pid(process: subprocess.Popen[bytes], pid_file: Path) -> None:
    found = daemon.Finder(str(pid_file)).find()

    assert found is not None
    assert (found.pid, found.paused) == (process.pid, False)


def test_no_file_an_empty_one_and_somebody_elses_pid_are_no_daemon(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    finder = daemon.Finder(str(pid_file))

    assert finder.find() is None
    pid_file.write_text("")
    assert finder.find() is None
    pid_file.write_text(str(os.getppid()))
    assert finder.find() is None


def test_one_that_is_stopped_by_a_signal_is_paused(process: subprocess.Popen[bytes], pid_file: Path) -> None:
    finder = daemon.Finder(str(pid_file))
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)
    stopped = finder.find()
    process.send_signal(signal.SIGCONT)

    assert stopped is not None
    assert stopped.paused


def test_its_end_is_noticed_at_once_and_one_that_nobody_has_waited_for_has_ended(
    process: subprocess.Popen[bytes], pid_file: Path
) -> None:
    finder = daemon.Finder(str(pid_file))
    found = finder.find()
    process.kill()
    began_s = time.monotonic()
    daemon.wait(found, 30)

    assert time.monotonic() - began_s < 10
    assert finder.find() is None


def test_without_a_daemon_a_wait_takes_its_time() -> None:
    began_s = time.monotonic()
    daemon.wait(None, 0.05)

    assert time.monotonic() - began_s >= 0.05
