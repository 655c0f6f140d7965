"""Where boothlab keeps what outlives a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from boothlab.engine.state import lab_folder, state_folder
from boothlab.errors import BoothlabError


def test_boothlabs_own_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTHLAB_STATE", "/mine")
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")

    assert state_folder() == Path("/mine")


@pytest.mark.parametrize(
    ("xdg", "expected"), [("/var/state", "/var/state/boothlab"), ("", "/home/me/.local/state/boothlab")]
)
def test_otherwise_it_is_where_the_desktop_keeps_state(
    xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTHLAB_STATE", "")
    monkeypatch.setenv("XDG_STATE_HOME", xdg)
    monkeypatch.setenv("HOME", "/home/me")

    assert state_folder() == Path(expected)


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BOOTHLAB_STATE", str(tmp_path / "file" / "below"))

    with pytest.raises(BoothlabError, match="cannot be made") as caught:
        lab_folder("three-site")
    assert "BOOTHLAB_STATE" in caught.value.remedy
