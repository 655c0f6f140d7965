"""The command line, where no engine can be reached and no state is anybody's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Boothlab = Callable[..., tuple[int, str, str]]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let boothlab find neither an engine nor anybody's state; return the folder of both."""
    monkeypatch.setenv("BOOTHLAB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return tmp_path


@pytest.fixture
def boothlab(
    nowhere: Path,  # noqa: ARG001 - for what it does to the environment
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Boothlab:
    """Run the command line in this process; return its exit code, output and errors without colours."""
    from boothlab.cli.main import main  # noqa: PLC0415 - most unit tests do without the command line

    def run(*argv: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["boothlab", *argv])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return code or 0, Text.from_ansi(said.out).plain, Text.from_ansi(said.err).plain

    return run
