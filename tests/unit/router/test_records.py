"""The router's records: what is applied is kept in files, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.router.records import Records

if TYPE_CHECKING:
    from pathlib import Path


def test_faults_get_numbers_in_order_and_are_found_by_the_next_process(tmp_path: Path) -> None:
    with Records(tmp_path / "new").exclusive():
        for kind in ("loss", "delay", "loss"):
            Records(tmp_path / "new").add({"kind": kind})

    assert [record["id"] for record in Records(tmp_path / "new").all()] == ["loss-1", "delay-2", "loss-3"]


def test_what_is_removed_is_gone_and_may_be_removed_again(tmp_path: Path) -> None:
    records = Records(tmp_path)
    one, other = records.add({"kind": "loss"}), records.add({"kind": "loss"})
    records.remove(one["id"])
    records.remove(one["id"])

    assert records.all() == [other]
    assert records.add({"kind": "loss"})["id"] == "loss-3"


def test_without_a_folder_there_is_no_fault(tmp_path: Path) -> None:
    assert Records(tmp_path / "none").all() == []
