"""What a bring-up ran outlives its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.steps import Record, Step
from boothlab.engine.transcript import (
    Phase,
    Transcript,
    load,
    save,
)
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from pathlib import Path

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
