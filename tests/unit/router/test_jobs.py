"""Work in the background: real processes, that begin, end, and are told from others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.router.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

# That a process goes on when its Popen is forgotten is the point.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")

PROGRAM = """
import signal, sys, time
from pathlib import Path
command, folder, *words = sys.argv[1:]
if command == "fail":
    sys.exit("no socket")
if command == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(Path(folder) / "words").write_text(" ".join(words))
(Path(folder) / "ready").touch()
time.sleep(60)
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    monkeypatch.setattr(sys, "argv", [str(program)])
    found = Job(tmp_path / "job")
    yield found
    found.stop()


def test_it_runs_until_it_is_stopped_and_leaves_its_folder(job: Job) -> None:
    job.start("work", ["9929", "60"])
    assert job.runs()
    job.stop()
    job.stop()

    assert not job.runs()
    assert (job.folder / "words").read_text() == "9929 60"


def test_starting_anew_ends_the_old_one(job: Job) -> None:
    job.start("work", ["old"])
    old = Path(f"/proc/{(job.folder / 'pid').read_text()}")
    job.start("work", ["new"])

    assert not (old / "cmdline").exists() or not (old / "cmdline").read_bytes()
    assert (job.folder / "words").read_text() == "new"


def test_one_that_does_not_start_says_why(job: Job) -> None:
    with pytest.raises(OSError, match="no socket"):
        job.start("fail")
    assert not job.runs()


def test_another_process_with_its_number_is_let_be(job: Job) -> None:
    job.folder.mkdir()
    (job.folder / "pid").write_text("1")
    job.stop()

    assert not job.runs()


def test_one_that_does_not_listen_is_killed(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boothlab.router.jobs._STOP_LIMIT_S", 0.1)
    job.start("deaf")
    job.stop()

    assert not job.runs()
