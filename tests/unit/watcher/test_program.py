"""The program as it runs in nodes: one file of plain Python, that looks until it is told to end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import pyz

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TICKET = '<ticket_state id="apacheticket" granted="true"/>\n'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "watcher.pyz"
    path.write_bytes(pyz.pack("/usr/bin/python3 -IS", ("watcher", "core")))
    return path


@pytest.fixture
def watcher(program: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    cib = tmp_path / "cib"
    cib.mkdir()
    (cib / "apacheticket.xml").write_text(TICKET)
    (tmp_path / "pacemaker.log").write_text("old and wanted\nold\n")
    (tmp_path / "booth.log").write_text("old\n")
    task = {
        "pid_file": str(tmp_path / "pid"),
        "logs": {name: str(tmp_path / f"{name}.log") for name in ("booth", "pacemaker")},
        "whole": {"pacemaker": "wanted"},
        "journal": False,
        "positions": {},
        "cib": str(cib),
        "commands": {"cib": ["echo", "asked"]},
        "every_s": 60,
        "after_s": 60,
    }
    with subprocess.Popen(
        [sys.executable, "-IS", program, "node", json.dumps(task)], stdout=subprocess.PIPE, text=True
    ) as started:
        yield started
        started.kill()


class Told:
    """What the program tells, line by line."""

    def __init__(self, watcher: subprocess.Popen[str]) -> None:
        self._lines = (json.loads(line) for line in watcher.stdout or ())
        self.lines: list[dict[str, Any]] = []

    def until(self, kind: str, **fields: object) -> dict[str, Any]:
        """Return the first line of this kind with these fields, among those that came or come soon."""
        wanted = {"kind": kind, **fields}
        for line in chain(self.lines, self._soon()):
            if wanted.items() <= line.items():
                return line
        raise AssertionError(f"it does not tell {wanted}: {self.lines}")

    def _soon(self) -> Iterator[dict[str, Any]]:
        for line in islice(self._lines, 40):  # it says that it is alive four times a second
            self.lines.append(line)
            yield line


def test_it_tells_what_is_there_what_comes_and_what_is_there_at_the_end(
    watcher: subprocess.Popen[str], tmp_path: Path
) -> None:
    told = Told(watcher)
    assert told.until("daemon", first=True)["daemon"] is None
    assert told.until("cib")["tickets"] == [TICKET]
    assert told.until("cluster")["answers"]["cib"]["text"] == "asked\n"
    assert told.until("line", log="pacemaker")["text"] == "old and wanted"

    with (tmp_path / "booth.log").open("a") as log:
        log.write("new\n")
    assert told.until("line", log="booth")["text"] == "new"

    before = len(told.lines)
    watcher.terminate()
    told.until("bye")
    assert {"cib", "cluster"} <= {each["kind"] for each in told.lines[before:]}
    assert watcher.wait(10) == 0
    assert all((each.get("at_ns") or each["ended_ns"]) <= time.monotonic_ns() for each in told.lines)
