"""Handing the terminal over: to which program, and what is said when that cannot be."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from boothlab.cli.interactive import hand_over
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from pathlib import Path

STATES = {"router": "running", "clusterA-1": "running", "clusterA-2": "exited", "arbitrator": "paused"}
LAB = SimpleNamespace(name="mine", runtime=SimpleNamespace(states=lambda: STATES))


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Return the command lines by which this process would have been replaced."""
    docker = tmp_path / "docker"
    docker.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _program, argv: found.append(argv))
    return found


def to(node: str) -> None:
    hand_over(LAB, node, ["bash", "-l"])  # type: ignore[arg-type]


def test_the_node_gets_the_command_without_a_terminal_where_there_is_none(replaced: list[list[str]]) -> None:
    to("clusterA-1")

    assert replaced == [["docker", "exec", "-i", "boothlab-mine-clusterA-1", "bash", "-l"]]


def test_the_node_gets_the_terminal_where_there_is_one(
    replaced: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    to("router")

    assert replaced == [["docker", "exec", "-it", "boothlab-mine-router", "bash", "-l"]]


@pytest.mark.parametrize("node", ["clusterA-2", "arbitrator", "clusterC-1"])
def test_a_node_that_does_not_run_is_refused_and_those_that_do_are_named(
    node: str, replaced: list[list[str]]
) -> None:
    with pytest.raises(NodeUnreachableError, match=f"node {node} does not run") as caught:
        to(node)

    assert caught.value.remedy == "these do: router, clusterA-1"
    assert replaced == []


def test_without_dockers_command_the_way_around_is_told(
    replaced: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BoothlabError, match="not installed") as caught:
        to("clusterA-1")

    assert "boothlab exec clusterA-1" in caught.value.remedy
    assert replaced == []
