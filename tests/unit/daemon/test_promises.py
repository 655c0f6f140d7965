"""What must not be forgotten when the process is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.core.events import Promise
from boothlab.daemon.promises import Promises
from boothlab.daemon.record_file import RecordFile

if TYPE_CHECKING:
    from pathlib import Path

ONE = Promise(7, 0x52370761, 0xFFFFFFFF, 1 << 40)
TWO = Promise(8, 0, 0, 0)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "booth.promises")


def test_the_next_process_knows_what_this_one_promised(path: str) -> None:
    store = Promises(path)
    store.remember("ticketA", ONE)
    store.remember("x" * 63, TWO)
    store.remember("ticketA", TWO)

    assert Promises(path).load() == {"ticketA": TWO, "x" * 63: TWO}


def test_a_thousand_tickets_keep_their_places(path: str) -> None:
    store = Promises(path)
    for number in range(1000):
        store.remember(f"t{number}", ONE)
    again = Promises(path)
    again.remember("t500", TWO)
    again.remember("another", TWO)
    loaded = Promises(path).load()

    assert len(loaded) == 1001
    assert (loaded["t499"], loaded["t500"], loaded["t501"], loaded["another"]) == (ONE, TWO, ONE, TWO)


def test_what_was_promised_before_the_machine_was_started_is_void(path: str) -> None:
    before = RecordFile(path, b"promise1", "IIIq", boot="another boot")
    before.write("ticketA", 1, 2, 3, 4)

    assert Promises(path).load() == {}


def test_a_file_of_another_kind_is_not_believed(path: str) -> None:
    other = RecordFile(path, b"leases1", "IIIq")
    other.write("ticketA", 1, 2, 3, 4)

    assert Promises(path).load() == {}


@pytest.mark.parametrize("cut", range(1, 88, 9))
def test_a_record_that_is_half_written_is_ignored(path: str, tmp_path: Path, cut: int) -> None:
    store = Promises(path)
    store.remember("ticketA", ONE)
    store.remember("ticketB", ONE)
    file = tmp_path / "booth.promises"
    file.write_bytes(file.read_bytes()[:-cut] + b"\xff" * (cut // 2))

    assert Promises(path).load() == {"ticketA": ONE}


def test_a_broken_record_is_written_anew(path: str, tmp_path: Path) -> None:
    store = Promises(path)
    store.remember("ticketA", ONE)
    file = tmp_path / "booth.promises"
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    Promises(path).remember("ticketB", TWO)

    assert Promises(path).load() == {"ticketB": TWO}


def test_nobody_else_may_read_it_and_no_link_is_followed(path: str, tmp_path: Path) -> None:
    Promises(path)
    assert (tmp_path / "booth.promises").stat().st_mode & 0o777 == 0o600

    (tmp_path / "link.promises").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        Promises(str(tmp_path / "link.promises"))
