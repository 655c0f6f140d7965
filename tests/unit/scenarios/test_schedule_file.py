"""Schedules that people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.nemesis.draw import draw
from boothlab.nemesis.network import Loss, Partition
from boothlab.nemesis.process import RestartBooth
from boothlab.nemesis.schedule import Entry, dumps
from boothlab.nemesis.targets import Shape
from boothlab.scenarios.errors import ScenarioError
from boothlab.scenarios.schedule_file import read

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = Shape(("A", "B"), ("C",))
GOOD = """\
# who it is for need not be said
duration_ms: 20000
faults:
  - {at_ms: 2000, lasts_ms: 5000, fault: partition, members: [leader]}
  - at_ms: 9000
    fault: loss
    from: [A]
    percent: 40
    seed: 3
  - {at_ms: 15000, fault: restart-booth, at: [B]}
"""


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_yaml_says_the_same_as_json_lines(tmp_path: Path) -> None:
    schedule = read(written(tmp_path, GOOD), SHAPE)

    assert schedule.shape == SHAPE
    assert schedule.duration_ms == 20_000
    assert schedule.entries == (
        Entry(2_000, Partition(members=("leader",)), 5_000),
        Entry(9_000, Loss(sources=("A",), percent=40), None, 3),
        Entry(15_000, RestartBooth(at=("B",))),
    )
    again = read(written(tmp_path, dumps(schedule), "mine.jsonl"), SHAPE)
    assert again == schedule


def test_what_a_run_keeps_can_be_read_back(tmp_path: Path) -> None:
    drawn = draw(7, SHAPE)

    assert read(written(tmp_path, dumps(drawn), "schedule.jsonl"), SHAPE) == drawn


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("duration_ms: 1000\nfaults:\n  - {at_ms: 1, fault: partitio}\n", 3, "there is no fault partitio"),
        ("duration_ms: 1000\nfaults:\n  - {at_ms: -1, fault: kill-booth, at: [A]}\n", 3, "at_ms must be"),
        ("duration_ms: 1000\nfaults:\n\n  - kill-booth\n", 4, "every fault is a mapping"),
        ("duration_ms: soon\nfaults: []\n", 1, "duration_ms must be"),
        ("duration_ms: 1000\n", 1, "a list of faults"),
        ("duration_ms: 1000\nfaults:\n  - {at_ms: 1\n", 4, "this is not YAML"),
        ("- 1\n", 1, "a list of faults"),
        ("duration_ms: 1000\nfaults:\n  - {at_ms: 1, fault: kill-booth, at: [Z]}\n", 3, "no member Z"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ScenarioError, match=message) as caught:
        read(path, SHAPE)

    assert caught.value.message.startswith(f"{path}:{line}: ")


def test_a_schedule_for_other_members_is_refused(tmp_path: Path) -> None:
    five = Shape(("A", "B", "C"), ("D", "E"))

    with pytest.raises(ScenarioError, match="for a cluster with D, E"):
        read(written(tmp_path, dumps(draw(1, five)), "five.jsonl"), SHAPE)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        read(tmp_path / "none.yaml", SHAPE)
