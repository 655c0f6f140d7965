"""Programs that misbehave: the scripts that are put in front of them, run by a real shell."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from boothlab.faults.wrapping import script

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a program that prints its arguments, moved aside as a fault does it."""
    path = tmp_path / "handler"
    aside = tmp_path / "handler.boothlab"
    aside.write_text('#!/bin/sh\necho "ran with $*"\n')
    aside.chmod(0o755)
    return path


def put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([path, *arguments], capture_output=True, text=True, check=False, timeout=20)


def test_a_slow_program_does_its_work_in_the_end(program: Path) -> None:
    put(program, script(str(program), "slow", 200))
    began = time.monotonic()
    ran = run(program, "a b", "c")

    assert (ran.returncode, ran.stdout) == (0, "ran with a b c\n")
    assert time.monotonic() - began >= 0.2


def test_a_failing_program_says_why(program: Path) -> None:
    put(program, script(str(program), "fail"))
    ran = run(program)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "a fault of boothlab" in ran.stderr


def test_a_hanging_program_goes_on_when_it_is_put_back(program: Path) -> None:
    put(program, script(str(program), "hang"))
    with subprocess.Popen([program, "x"], stdout=subprocess.PIPE, text=True) as hanging:
        with pytest.raises(subprocess.TimeoutExpired):
            hanging.wait(timeout=0.3)
        program.with_suffix(".boothlab").rename(program)
        out, _ = hanging.communicate(timeout=20)

    assert out == "ran with x\n"


def test_only_the_calls_that_are_meant_fail(program: Path) -> None:
    put(program, script(str(program), "fail", condition='[ "$1" = start ]'))

    assert run(program, "start").returncode == 1
    assert run(program, "monitor").stdout == "ran with monitor\n"
