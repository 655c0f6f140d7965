"""Broken topologies, and exactly what is told about them: ``data/broken``.

A case is a title, a diff against ``data/right.yaml``, and what is told, a ``>`` each;
nothing is told where the title begins with "right".
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BROKEN = Path(__file__).parent / "data" / "broken"


class Case(NamedTuple):
    """A change of the right topology, and what is told about it."""

    hunks: list[list[str]]
    """Lines of a diff, their first character being a space, ``-`` or ``+``."""
    expected: list[str]


def _cases() -> Iterator[object]:
    for file in sorted(BROKEN.glob("*.txt")):
        for text in file.read_text().split("\n## ")[1:]:
            title, *lines = text.strip("\n").splitlines()
            expected = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
            diff = "\n".join(line for line in lines if not line.startswith("> "))
            hunks = [hunk.strip("\n").splitlines() for hunk in diff.split("@@")]
            assert bool(expected) != title.startswith("right: "), f"{file.name}: {title}"
            yield pytest.param(Case(hunks, expected), id=f"{file.stem}: {title}")


def _changed(text: str, hunks: list[list[str]]) -> str:
    for hunk in hunks:
        old = "".join(f"{line[1:]}\n" for line in hunk if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in hunk if line[0] in " +")
        assert text.count(old) == 1, f"the diff's lines stand {text.count(old)} times:\n{old}"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("case", list(_cases()))
def test_every_mistake_is_told_with_its_line_and_what_to_write(
    case: Case, right: str, told: Callable[..., list[str]]
) -> None:
    assert told(_changed(right, case.hunks)) == case.expected


def test_the_topology_that_the_cases_break_is_right(right: str, told: Callable[..., list[str]]) -> None:
    assert told(right) == []
