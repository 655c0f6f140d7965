"""What is kept of a lab in trouble: everything that can be had, and why the rest cannot."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import evidence
from boothlab.engine.runtime import Answer, NodeUnreachableError
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from pathlib import Path


class TroubledLab:
    """A lab of two nodes, one of which is gone."""

    nodes = ("clusterA-1", "arbitrator")

    def __init__(self, cluster: str = "pacemaker") -> None:
        self.topology = SimpleNamespace(cluster=cluster)
        self.commands: list[str] = []

    def run(self, node: str, command: str, *, limit_s: float) -> Answer:
        self.commands.append(command)
        if node == "arbitrator":
            raise NodeUnreachableError("node arbitrator does not answer")
        return Answer(0, f"boothd on {node} says: Ü\n", "", limit_s)

    def status(self) -> Any:  # noqa: ANN401 - of LabStatus it needs one method
        return SimpleNamespace(model_dump_json=lambda indent: json.dumps({"lab": "x"}, indent=indent))


class UntellableLab(TroubledLab):
    def status(self) -> Any:  # noqa: ANN401
        raise BoothlabError("no node answers", remedy="look")


def collect(lab: TroubledLab) -> dict[str, str]:
    return evidence.collect(lab)  # type: ignore[arg-type]


def test_every_node_has_a_log_and_the_lab_its_status() -> None:
    found = collect(TroubledLab())

    assert found.keys() == {"clusterA-1.log", "arbitrator.log", "status.json"}
    assert found["clusterA-1.log"] == "boothd on clusterA-1 says: Ü"
    assert json.loads(found["status.json"]) == {"lab": "x"}


def test_a_node_that_is_gone_is_told_in_the_place_of_its_log() -> None:
    assert collect(TroubledLab())["arbitrator.log"] == "not to be had: node arbitrator does not answer"


def test_a_status_that_cannot_be_had_is_told_in_its_place() -> None:
    assert "no node answers" in json.loads(collect(UntellableLab())["status.json"])["error"]


@pytest.mark.parametrize(
    ("cluster", "source"), [("pacemaker", "journalctl"), ("standalone", "/var/log/booth.log")]
)
def test_logs_are_read_where_the_node_has_them(cluster: str, source: str) -> None:
    lab = TroubledLab(cluster)
    collect(lab)

    assert all(source in command for command in lab.commands)


def test_keeping_writes_a_file_for_each_text(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "test-failover"
    evidence.keep({"a.log": "one\n", "status.json": "{}"}, folder)

    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "a.log": "one\n",
        "status.json": "{}",
    }
