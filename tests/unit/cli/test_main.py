"""The command as a whole: its verbs, and how what goes wrong reaches a person."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import boothlab as package

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Boothlab = Callable[..., tuple[int, str, str]]

VERBS = ("up", "down", "reset", "status", "exec", "shell", "logs", "explain", "doctor", "topologies")
NEED_AN_ENGINE = (
    ("up", "standalone"),
    ("down",),
    ("reset",),
    ("status",),
    ("status", "--watch", "--json"),
    ("exec", "clusterA-1", "true"),
    ("shell", "clusterA-1"),
    ("logs", "clusterA-1"),
    ("explain",),
)


@pytest.mark.parametrize("asked", [("--help",), ("-h",)])
def test_help_lists_every_verb(asked: tuple[str, ...], boothlab: Boothlab) -> None:
    code, out, _ = boothlab(*asked)

    assert code == 0
    assert tuple(verb for verb in re.findall(r"^│ (\w+) ", out, re.MULTILINE) if verb in VERBS) == VERBS


def test_without_a_verb_it_shows_the_help(boothlab: Boothlab) -> None:
    _, out, err = boothlab()

    assert "topologies" in out + err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, boothlab: Boothlab) -> None:
    code, out, _ = boothlab(verb, "-h")

    assert code == 0
    assert f"Usage: boothlab {verb}" in out


def test_the_version_is_the_packages(boothlab: Boothlab) -> None:
    assert boothlab("--version") == (0, f"boothlab {package.__version__}\n", "")


def test_an_unknown_verb_is_a_usage_error(boothlab: Boothlab) -> None:
    code, out, err = boothlab("lift-off")

    assert (code, out) == (2, "")
    assert "No such command 'lift-off'" in err


@pytest.mark.parametrize("argv", NEED_AN_ENGINE, ids=" ".join)
def test_a_missing_engine_is_told_with_the_remedy_and_nothing_else(
    argv: tuple[str, ...], boothlab: Boothlab, nowhere: Path
) -> None:
    code, out, err = boothlab(*argv)

    assert (code, out) == (1, "")
    assert f"boothlab: no Docker engine answers at unix://{nowhere}/none.sock" in err
    assert "start the engine" in err
    assert "Traceback" not in err


def test_square_brackets_in_a_message_are_not_markup(boothlab: Boothlab) -> None:
    _, _, err = boothlab("up", "./[red]lab[/red].yaml")

    assert "[red]lab[/red].yaml" in err


def test_a_long_message_is_not_broken_into_lines(boothlab: Boothlab) -> None:
    name = "x" * 300
    _, _, err = boothlab("up", name)

    assert name in err


def test_the_installed_command_says_the_same(nowhere: Path) -> None:
    command = [sys.executable, "-c", "from boothlab.cli.main import main; main()", "explain", "--lab", "mine"]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ), cwd=nowhere
    )

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "boothlab: no bring-up of lab mine is recorded\n  run `boothlab up` first\n"
