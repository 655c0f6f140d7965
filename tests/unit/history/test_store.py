"""Files: what was written is read, and what is broken is named with its line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from unit.history.samples import HEADER, histories

from boothlab.history.errors import HistoryError
from boothlab.history.header import FORMAT_MAJOR, FORMAT_MINOR
from boothlab.history.history import History
from boothlab.history.records import LogLine, Mark, Record
from boothlab.history.store import Sync, Writer, read, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def marks(count: int) -> tuple[Record, ...]:
    return tuple(Mark(index=at, at_ns=at, name=f"mark {at}") for at in range(count))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def rewrite(path: Path, *changed: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in changed))


@given(history=histories)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_written_is_read_again(history: History, path: Path) -> None:
    path.unlink(missing_ok=True)
    write(path, history)

    assert read(path) == history


def test_a_file_gets_its_name_when_it_is_whole(path: Path) -> None:
    writer = Writer(path, HEADER)
    writer.append(marks(1)[0])
    assert not path.exists()

    writer.finish()
    assert [each["kind"] for each in lines(path)] == ["history", "mark", "end"]
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_a_killed_process_wrote_is_there_and_said_to_be_unfinished(path: Path) -> None:
    writer = Writer(path, HEADER)
    for each in marks(3):
        writer.append(each)
    history = read(path)
    writer.close()

    assert (history.records, history.finished) == (marks(3), False)
    assert history.remarks == ("The recording was not finished: 3 records were saved.",)


@pytest.mark.parametrize("cut", range(1, 40))
def test_of_a_file_that_was_cut_off_all_whole_lines_are_kept(path: Path, cut: int) -> None:
    write(path, History(HEADER, marks(3)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    history = read(path)

    kept = whole[:-cut].count(b"\n") - 1
    assert history.records == marks(min(kept, 3))
    assert not history.finished
    assert any("cut off" in each for each in history.remarks) is not whole[:-cut].endswith(b"\n")


def test_zeros_at_the_end_are_what_a_machine_that_died_left(path: Path) -> None:
    write(path, History(HEADER, marks(2)))
    path.write_bytes(path.read_bytes().rsplit(b"\n", 2)[0] + b"\n" + bytes(512))

    assert read(path).records == marks(2)


def test_a_run_that_failed_leaves_its_file_unfinished(path: Path) -> None:
    def run() -> None:
        with Writer(path, HEADER) as writer:
            writer.append(marks(1)[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()

    assert not path.exists()
    assert not read(path).finished


def test_nothing_is_ever_overwritten(path: Path) -> None:
    write(path, History(HEADER, ()))
    with pytest.raises(FileExistsError, match="choose another name"):
        Writer(path, HEADER)

    other = path.with_name("other.jsonl")
    Writer(other, HEADER).close()
    with pytest.raises(FileExistsError):
        Writer(other, HEADER)


def test_each_record_can_be_on_the_disk_before_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)

    with Writer(path, HEADER, sync=Sync.EACH) as writer:
        for each in marks(3):
            writer.append(each)
        assert len(synced) == 4  # the header, too


def test_a_record_out_of_turn_is_a_defect_of_who_records(path: Path) -> None:
    with pytest.raises(ValueError, match="cannot follow"), Writer(path, HEADER) as writer:
        writer.append(marks(2)[1])


@pytest.mark.parametrize(
    ("line", "change", "message"),
    [
        (2, {"nom": "x"}, "line 2: has no field nom"),
        (2, {"name": 7}, "line 2: name: must be a text, not 7"),
        (2, {"name": None}, "line 2: name: must be a text, not None"),
        (2, {"at_ns": True}, "line 2: at_ns: must be a whole number, not True"),
        (3, {"index": 7}, "line 3: the index must be 1, not 7: a line is missing or moved"),
        (3, {"kind": "remark"}, "line 3: this kind of record is unknown"),
        (3, {"kind": 3}, 'line 3: every line is an object with a text as "kind"'),
        (4, {"records": 3}, "line 4: there should be 3 records, and there are 2"),
        (1, {"clock": None}, "line 1: clock: must be a text, not None"),
        (1, {"kind": "x"}, "line 1: the first line of a history"),
        (1, {"format": {"major": FORMAT_MAJOR + 1, "minor": 0}}, "read it with the version that wrote it"),
        (1, {"members": [{"name": "A"}]}, "line 1: members[0]: lacks address, role, subject"),
        (1, {"members": "A"}, "line 1: members: must be a list"),
    ],
)
def test_a_line_that_is_wrong_is_named(path: Path, line: int, change: dict[str, Any], message: str) -> None:
    write(path, History(HEADER, marks(2)))
    every = lines(path)
    every[line - 1] |= change
    rewrite(path, *every)

    with pytest.raises(HistoryError) as caught:
        read(path)
    assert message in str(caught.value)
    assert caught.value.line == line
    assert str(path) in str(caught.value)


def test_a_missing_field_is_named(path: Path) -> None:
    write(path, History(HEADER, marks(1)))
    every = lines(path)
    del every[1]["name"]
    rewrite(path, *every)

    with pytest.raises(HistoryError, match="line 2: lacks name"):
        read(path)


def test_what_is_no_json_is_named(path: Path) -> None:
    write(path, History(HEADER, marks(2)))
    path.write_text(path.read_text().replace('"mark 0"', "mark"))

    with pytest.raises(HistoryError, match="line 2: this is not JSON"):
        read(path)


def test_nothing_may_follow_the_end(path: Path) -> None:
    write(path, History(HEADER, ()))
    path.write_text(path.read_text() + '{"kind":"mark"')

    with pytest.raises(HistoryError, match="behind the end line"):
        read(path)


def test_an_empty_file_is_no_history(path: Path) -> None:
    path.touch()

    with pytest.raises(HistoryError, match="nothing to read"):
        read(path)


def test_what_a_newer_boothlab_added_is_left_out_and_told(path: Path) -> None:
    write(path, History(HEADER, marks(2)))
    header, first, second, end = lines(path)
    header |= {"format": {"major": FORMAT_MAJOR, "minor": FORMAT_MINOR + 1}, "weather": "fine"}
    header["members"][0]["colour"] = "red"
    rewrite(
        path,
        header,
        first | {"mood": "good"},
        {"kind": "dream", "index": 1},
        second | {"index": 2},
        end | {"records": 3},
    )
    history = read(path)

    assert [each.index for each in history.records] == [0, 2]
    assert history.record(2) == history.records[1]
    assert "1 unknown records" in history.remarks[0]
    assert history.header.members == HEADER.members


def test_a_line_tells_only_what_differs_from_the_defaults(path: Path) -> None:
    write(path, History(HEADER, (LogLine(index=0, at_ns=5, source="A", text="granted"),)))

    assert lines(path)[1] == {"kind": "log", "index": 0, "at_ns": 5, "source": "A", "text": "granted"}
