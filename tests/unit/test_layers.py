"""What the import rules of pyproject.toml cannot say: lists of what is allowed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import boothlab

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(boothlab.__file__).parent

PURE: Final = {
    "collections",
    "collections.abc",
    "contextlib",
    "dataclasses",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "ipaddress",
    "itertools",
    "math",
    "re",
    "struct",
    "typing",
    "zlib",
}
"""Modules of the standard library that only compute."""

COMPUTING: Final = {("random", "Random"), ("datetime", "datetime"), ("datetime", "UTC")}
"""Parts of others that do so, too, when they are given a seed, or a moment."""

CLOCKS: Final = {"now", "today", "utcnow"}
"""What asks a datetime for the present moment."""


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what a module imports, as (module, name); the name is empty when it is the module itself."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from ((node.module or "", each.name) for each in node.names)


def modules(part: str) -> list[Path]:
    found = sorted((PACKAGE / part).rglob("*.py"))
    assert found
    return found


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", modules("core"), ids=name)
def test_the_core_computes_and_does_nothing_else(path: Path) -> None:
    others = {
        (module, what)
        for module, what in imports(path)
        if module not in PURE | {"__future__"} and not module.startswith("boothlab.core")
    }

    assert others <= COMPUTING


@pytest.mark.parametrize("path", modules("core"), ids=name)
def test_the_core_asks_no_clock_and_takes_no_seed_from_elsewhere(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    asked = [
        each.func.attr
        for each in calls
        if isinstance(each.func, ast.Attribute)
        and isinstance(each.func.value, ast.Name)
        and each.func.value.id == "datetime"
    ]
    seedless = [
        each.lineno
        for each in calls
        if isinstance(each.func, ast.Name) and each.func.id == "Random" and not each.args
    ]

    assert not CLOCKS & set(asked)
    assert seedless == []


@pytest.mark.parametrize("path", modules("daemon"), ids=name)
def test_the_daemon_needs_core_and_standard_library_alone(path: Path) -> None:
    tops = {module.split(".")[0] for module, _ in imports(path)}
    ours = {module for module, _ in imports(path) if module.startswith("boothlab.")}

    assert tops <= sys.stdlib_module_names | {"boothlab"}
    assert all(module.startswith(("boothlab.core", "boothlab.daemon")) for module in ours)


@pytest.mark.parametrize("path", modules("watcher"), ids=name)
def test_the_watcher_needs_core_and_standard_library_alone(path: Path) -> None:
    tops = {module.split(".")[0] for module, _ in imports(path)}
    ours = {module for module, _ in imports(path) if module.startswith("boothlab.")}

    assert tops <= sys.stdlib_module_names | {"boothlab"}
    assert all(module.startswith(("boothlab.core", "boothlab.watcher")) for module in ours)


def test_the_package_itself_imports_nothing_for_it_is_part_of_the_daemon() -> None:
    assert list(imports(PACKAGE / "__init__.py")) == []


@pytest.mark.parametrize("unwanted", ["asyncio", "socket", "logging", "subprocess"])
def test_a_program_that_only_wants_the_core_gets_nothing_that_acts(unwanted: str) -> None:
    """The list above is about what is written; this is about what really comes along."""
    everything = ", ".join(
        f"boothlab.{name(path).removesuffix('.py').replace('/', '.').removesuffix('.__init__')}"
        for path in modules("core")
    )
    code = f"import sys; import {everything}; sys.exit({unwanted!r} in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, check=False)

    assert ran.returncode == 0
