"""History and checkers stand on words alone: what pyproject.toml forbids by name, allowed here by list."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import boothlab

PACKAGE = Path(boothlab.__file__).parent
WORDS = ("boothlab.core.codes", "boothlab.core.identity", "boothlab.core.config.model")
ALLOWED = {
    "history": (*WORDS, "boothlab.history"),
    "checkers": (*WORDS, "boothlab.history", "boothlab.checkers"),
}


def imported(part: str) -> set[str]:
    found: set[str] = set()
    for path in (PACKAGE / part).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.Import):
                found.update(each.name for each in node.names)
    return found


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_only_the_cores_words_and_the_standard_library_are_imported(part: str) -> None:
    modules = imported(part)
    ours = {each for each in modules if each.startswith("boothlab")}

    assert {each for each in ours if not each.startswith(ALLOWED[part])} == set()
    assert {each.split(".")[0] for each in modules - ours} <= sys.stdlib_module_names
