"""One daemon an instance, and a file that says so."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from boothlab.core.config.model import Config, MemberConfig, Role
from boothlab.daemon.lock_file import LockedError, LockFile, beside

if TYPE_CHECKING:
    from pathlib import Path

ME = MemberConfig("192.168.101.100", Role.SITE)
CONFIG = Config("booth", "/etc/booth/booth.conf", (ME,))
HOLD = """
import sys
from boothlab.core.config.model import Config, MemberConfig, Role
from boothlab.daemon.lock_file import LockFile
me = MemberConfig("192.168.101.100", Role.SITE)
lock = LockFile(sys.argv[1], Config("booth", "", (me,)), me)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "booth.pid"


def line(state: str) -> str:
    return (
        f"booth_pid={os.getpid()} booth_state={state} booth_type=site booth_cfg_name='booth' "
        "booth_id=1379338081 booth_addr_string='192.168.101.100' booth_port=9929\n"
    )


def test_it_says_who_runs_in_the_words_of_the_c_daemon(path: Path) -> None:
    lock = LockFile(str(path), CONFIG, ME)
    assert path.read_text() == line("starting")
    lock.say("started")
    assert path.read_text() == line("started")
    lock.remove()

    assert not path.exists()


def test_a_second_start_is_refused_and_leaves_the_firsts_file_alone(path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        before = path.read_text()
        with pytest.raises(LockedError, match=r"already runs; stop it first"):
            LockFile(str(path), CONFIG, ME)
        assert path.read_text() == before
        first.communicate()


def test_a_file_that_somebody_left_behind_is_taken_over(path: Path) -> None:
    path.write_text("booth_pid=1 of a daemon that was killed, and a long line" * 10)
    LockFile(str(path), CONFIG, ME)

    assert path.read_text() == line("starting")


def test_a_deleted_file_is_made_anew(path: Path) -> None:
    lock = LockFile(str(path), CONFIG, ME)
    lock.say("started")
    assert not lock.restore()
    path.unlink()

    assert lock.restore()
    assert path.read_text() == line("started")


def test_at_the_end_only_the_own_file_is_deleted(path: Path) -> None:
    lock = LockFile(str(path), CONFIG, ME)
    path.unlink()
    path.write_text("somebody else's")
    lock.remove()

    assert path.read_text() == "somebody else's"


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic"):
        LockFile(str(path), CONFIG, ME)


def test_other_files_of_the_instance_stand_beside_it() -> None:
    assert beside("/var/run/booth//booth.pid", ".promises") == "/var/run/booth//booth.promises"
