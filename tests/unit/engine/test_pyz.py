"""boothlab's own Booth as one file: what is in it, and that it is the same every time."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import boothlab
from boothlab.engine import pyz

PACKAGE = Path(boothlab.__file__).parent


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the zipapp, written as make does it."""
    path = tmp_path_factory.mktemp("dist") / "new" / "boothd.pyz"
    ran = subprocess.run([sys.executable, "-m", "boothlab.engine.pyz", str(path)], check=False)
    assert ran.returncode == 0
    return path


def names(packed: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(packed)).namelist()


def test_core_and_daemon_are_in_it_and_nothing_of_the_lab() -> None:
    sources = [name for name in names(pyz.pack()) if name.endswith(".py")]
    wanted = [path for part in ("core", "daemon") for path in (PACKAGE / part).rglob("*.py")]

    assert set(sources) == {
        "__main__.py",
        "boothlab/__init__.py",
        *(f"boothlab/{path.relative_to(PACKAGE).as_posix()}" for path in wanted),
    }


def test_every_module_is_there_compiled_as_well() -> None:
    found = names(pyz.pack())

    assert {name for name in found if name.endswith(".pyc")} == {
        f"{name}c" for name in found if name.endswith(".py")
    }


def test_it_begins_with_the_interpreter_it_is_for() -> None:
    assert pyz.pack().startswith(b"#!/usr/bin/env python3\n")
    assert pyz.pack("/usr/bin/python3.11 -IS").startswith(b"#!/usr/bin/python3.11 -IS\n")


def test_the_same_sources_give_the_same_bytes_in_every_process(program: Path) -> None:
    assert program.read_bytes() == pyz.pack()


def test_it_can_be_run_by_name(program: Path) -> None:
    assert os.access(program, os.X_OK)


@pytest.mark.parametrize("isolated", [(), ("-IS",)])
def test_it_needs_nothing_that_is_not_in_it(program: Path, isolated: tuple[str, ...]) -> None:
    """Run where no package is to be found, under any of its three names."""
    for name in ("boothd", "booth", "geostore"):
        link = program.with_name(name)
        link.unlink(missing_ok=True)
        link.symlink_to(program.name)
        ran = subprocess.run(
            [sys.executable, *isolated, str(link), "--version"],
            cwd=program.parent,
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert boothlab.__version__ in ran.stdout


def test_its_code_is_taken_as_compiled_and_its_errors_name_the_module(program: Path, tmp_path: Path) -> None:
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1]); import boothlab.core.wire as wire\n"
        "print(wire.__file__, wire.__cached__, wire.encode.__code__.co_filename)"
    )
    ran = subprocess.run(
        [sys.executable, "-ISc", probe, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.split()[0] == f"{program}/boothlab/core/wire.pyc"
    assert ran.stdout.split()[-1].endswith("boothlab/core/wire.py")


def test_another_version_of_python_takes_the_sources(program: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pyz"
    with zipfile.ZipFile(program) as packed, zipfile.ZipFile(other, "w") as changed:
        for name in packed.namelist():
            content = packed.read(name)
            changed.writestr(name, b"\0\0" + content[2:] if name.endswith(".pyc") else content)
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1]); import boothlab.core.wire as wire; print(wire.__file__)"
    )
    ran = subprocess.run(
        [sys.executable, "-ISc", probe, str(other)], capture_output=True, text=True, check=False
    )

    assert ran.stdout.strip() == f"{other}/boothlab/core/wire.py"
