"""Following a file: every whole line once, whatever becomes of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.watcher.tail import Position, Tail

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_it_begins_at_the_end_and_gives_whole_lines(log: Path) -> None:
    append(log, "old\n")
    tail = Tail(str(log))
    append(log, "one\ntwo\nthr")

    assert list(tail.lines()) == ["one", "two"]
    append(log, "ee\n")
    assert list(tail.lines()) == ["three"]
    assert list(tail.lines()) == []


def test_a_file_may_come_later_be_emptied_be_replaced_and_go(log: Path) -> None:
    tail = Tail(str(log))
    assert list(tail.lines()) == []
    append(log, "first line\n")
    assert list(tail.lines()) == ["first line"]
    log.write_text("after\n")
    assert list(tail.lines()) == ["after"]
    log.unlink()
    assert list(tail.lines()) == []
    log.write_text("another file\n")
    assert list(tail.lines()) == ["another file"]


def test_what_is_no_text_is_still_a_line(log: Path) -> None:
    tail = Tail(str(log))
    log.write_bytes(b"\xff\n")

    assert list(tail.lines()) == ["�"]


def test_reading_goes_on_where_it_stopped_also_in_a_copy_of_the_file(log: Path, tmp_path: Path) -> None:
    tail = Tail(str(log))
    append(log, "one\ntwo\n")
    seen = [tail.position for _ in tail.lines()]
    append(log, "three\n")
    copy = tmp_path / "copy"
    copy.write_bytes(log.read_bytes())

    assert list(Tail(str(copy), seen[0]).lines()) == ["two", "three"]
    assert list(Tail(str(copy), seen[1]).lines()) == ["three"]


def test_a_file_that_is_another_one_meanwhile_is_read_from_its_begin(log: Path) -> None:
    tail = Tail(str(log))
    append(log, "one\n")
    list(tail.lines())
    log.write_text("two\nthree\n")

    assert list(Tail(str(log), tail.position).lines()) == ["two", "three"]
    assert list(Tail(str(log), Position(4_000, 4, 1)).lines()) == ["two", "three"]
