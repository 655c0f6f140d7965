"""A small topology that is right, and what is told about it when it is changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.topology.load import load
from boothlab.engine.topology.problems import TopologyError

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def right() -> str:
    """Return the text of a topology without problems."""
    return (DATA / "right.yaml").read_text()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what is told about a topology, with overrides and a subject if given: a line each."""
    monkeypatch.chdir(tmp_path)

    def _told(text: str, *overrides: str, subject: str = "") -> list[str]:
        (tmp_path / "lab.yaml").write_text(text)
        try:
            return [str(each) for each in load("lab.yaml", overrides=overrides, subject=subject).warnings]
        except TopologyError as error:
            return [str(each) for each in error.problems]

    return _told
