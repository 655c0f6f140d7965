"""Style as tests: what every file of the project keeps to."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LINES_MAX: Final = 400

# In pieces, so that this file does not contain what it forbids.
_HOSTS: Final = (
    *("deb." + "debian.org", "security." + "debian.org", "archive." + "ubuntu.com"),
    *("download." + "rockylinux.org", "mirrors." + "rockylinux.org"),
    *("pypi." + "org", "files.python" + "hosted.org", "registry.npm" + "js.org"),
    *("crates." + "io", "proxy." + "golang.org", "registry-1." + "docker.io", "quay." + "io", "ghcr." + "io"),
)
_FOLDERS: Final = ("work", "farm")
FORBIDDEN: Final = re.compile(
    "|".join([*map(re.escape, _HOSTS), r"(?<![\w.})*~-])/(?:" + "|".join(_FOLDERS) + r")(?![\w-])"])
)


def _files() -> list[Path]:
    """Return the project's files: committed ones, and new ones that Git would take."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # no checkout: an unpacked archive
        return []
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file() and not path.is_symlink()]


FILES: Final = _files()
PYTHON: Final = [path for path in FILES if path.suffix == ".py"]
needs_a_checkout = pytest.mark.skipif(not FILES, reason="this is no Git checkout")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def interpreter(path: Path) -> str:
    """Return the shell that a script is for, or nothing."""
    first = path.read_bytes().partition(b"\n")[0].decode(errors="replace")
    found = re.fullmatch(r"#!\s*(?:/usr)?/bin/(?:env )?(sh|bash|dash)(?: .*)?", first)
    return found.group(1) if found else "sh" if path.suffix == ".sh" else ""


SCRIPTS: Final = [path for path in FILES if interpreter(path)]


@needs_a_checkout
def test_no_file_names_a_machines_folder_or_a_registry() -> None:
    found = [
        f"{name(path)}:{number}: {match.group()}"
        for path in FILES
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if (match := FORBIDDEN.search(line))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("COPY . /wo" + "rk/main", True),
        ("https://pypi.o" + "rg/simple", True),
        (".github/workflows/ci.yml", False),
        ("docs/work/x", False),
        ("${folder}/work", False),
        ("/workspace", False),
    ],
)
def test_the_rule_finds_what_it_is_for(text: str, forbidden: bool) -> None:
    assert bool(FORBIDDEN.search(text)) is forbidden


@needs_a_checkout
def test_modules_stay_small_enough_to_read() -> None:
    modules = [path for path in PYTHON if (ROOT / "tests") not in path.parents]
    lengths = {name(path): len(path.read_text().splitlines()) for path in modules}

    assert {path: length for path, length in lengths.items() if length > LINES_MAX} == {}


@needs_a_checkout
def test_every_module_says_what_it_is() -> None:
    assert [name(path) for path in PYTHON if not ast.get_docstring(ast.parse(path.read_text()))] == []


@needs_a_checkout
@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_every_shell_script_is_sound(path: Path) -> None:
    checked = subprocess.run(
        [interpreter(path), "-n", str(path)], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


@needs_a_checkout
def test_scripts_that_are_run_by_name_can_be_run() -> None:
    named = [path for path in SCRIPTS if path.read_bytes().startswith(b"#!")]

    assert named
    assert [name(path) for path in named if not path.stat().st_mode & 0o111] == []


@needs_a_checkout
def test_texts_end_with_one_line_end_and_lines_with_no_spaces() -> None:
    suffixes = {".py", ".md", ".yaml", ".yml", ".toml"}
    ours = [path for path in FILES if path.suffix in suffixes and "data" not in path.parts]

    assert [name(path) for path in ours if re.search(r"[ \t]\n|\n\n\Z|[^\n]\Z", path.read_text())] == []
