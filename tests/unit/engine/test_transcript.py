"""The transcript outlives the process; the lock does not."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.steps import Record, Step
from boothlab.engine.transcript import (
    LabBusyError,
    Phase,
    Transcript,
    exclusive,
    load,
    save,
    state_folder,
)
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD_THE_LOCK = """
import sys
from boothlab.engine.transcript import exclusive
with exclusive("three-site"):
    print("held", flush=True)
    sys.stdin.read()
"""
STEPS = (
    Step("auth A", "clusterA-1", "pcs host auth", "Authenticate", why="pcs must.", limit_s=120),
    Step("cluster A", "clusterA-1", "crm_mon", "Wait", needs=("auth A", "setup A"), kind="wait"),
)
KEPT = Transcript(
    lab="three-site",
    distribution="debian12",
    provision="pcs",
    started_at="2026-11-22T10:00:00Z",
    phases=(Phase(name="networks", began_s=0.5, seconds=1.5), Phase(name="images", began_s=0, seconds=0.5)),
    records=tuple(Record(step, "clusterA-1: Authorized\nÜ", 0, 2.5, 1.25) for step in STEPS),
    complete=True,
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("BOOTHLAB_STATE", str(folder))
    return folder


class TestKeeping:
    def test_it_comes_back_as_it_was(self) -> None:
        save(KEPT)

        assert load("three-site") == KEPT

    def test_the_last_bringup_replaces_the_one_before(self, state: Path) -> None:
        save(KEPT)
        path = save(KEPT.model_copy(update={"complete": False, "records": ()}))

        assert load("three-site").complete is False
        assert path.is_relative_to(state)
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_labs_do_not_share_one(self) -> None:
        save(KEPT)

        with pytest.raises(BoothlabError, match="no bring-up of lab standalone is recorded") as caught:
            load("standalone")
        assert "boothlab up" in caught.value.remedy

    @pytest.mark.parametrize("damage", ["", "{", '{"lab": "three-site"}', "[1, 2]", '"\ud83d"'])
    def test_a_file_that_cannot_be_read_is_named_with_the_way_out(self, damage: str) -> None:
        path = save(KEPT)
        path.write_bytes(damage.encode(errors="surrogatepass"))

        with pytest.raises(BoothlabError, match="cannot be read") as caught:
            load("three-site")
        assert str(path) in caught.value.message
        assert "boothlab up" in caught.value.remedy

    def test_the_total_runs_to_the_end_of_the_last_phase(self) -> None:
        assert KEPT.total_s == pytest.approx(2.0)
        assert KEPT.model_copy(update={"phases": ()}).total_s == 0


class TestFolder:
    def test_boothlabs_own_variable_comes_first(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")

        assert state_folder() == state

    @pytest.mark.parametrize(
        ("xdg", "expected"), [("/var/state", "/var/state/boothlab"), ("", "/home/me/.local/state/boothlab")]
    )
    def test_otherwise_it_is_where_the_desktop_keeps_state(
        self, xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BOOTHLAB_STATE", "")
        monkeypatch.setenv("XDG_STATE_HOME", xdg)
        monkeypatch.setenv("HOME", "/home/me")

        assert state_folder() == Path(expected)


@contextmanager
def another_process_holds_the_lock() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD_THE_LOCK]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


class TestLock:
    def test_only_one_process_at_a_time_and_a_killed_one_leaves_no_lock(self) -> None:
        with another_process_holds_the_lock() as process:
            with pytest.raises(LabBusyError, match="three-site") as caught, exclusive("three-site"):
                pytest.fail("two at once")
            assert "nothing was changed" in caught.value.remedy
            with exclusive("standalone"):
                pass

            process.kill()
            process.wait()
            with exclusive("three-site"):
                pass

    def test_it_is_free_again_after_an_error(self) -> None:
        with pytest.raises(ZeroDivisionError), exclusive("three-site"):
            raise ZeroDivisionError
        with exclusive("three-site"):
            pass
