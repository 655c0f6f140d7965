"""The log's lines, and that there are never too many."""

from __future__ import annotations

import os
import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from unit.daemon.inbox import Lines

from boothlab.core.notes import Code, Level, Note, State
from boothlab.daemon import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GRANTING = Note(Code.GRANTING, {}, "ticketA", State.INIT, 3, 0)


@contextmanager
def piped_stderr() -> Iterator[int]:
    """Put a pipe in place of stderr; yield its other end."""
    real = os.dup(2)
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    os.close(writer)
    try:
        yield reader
    finally:
        os.dup2(real, 2)
        os.close(real)
        os.close(reader)


def text(reader: int) -> str:
    return os.read(reader, 1 << 20).decode()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[logs.Syslog]:
    made = logs.Syslog("boothd-arbitrator", path=str(tmp_path / "log"))
    yield made
    made._forget()


def test_a_line_for_people_has_the_form_of_the_c_daemons() -> None:
    with piped_stderr() as reader:
        logs.Log(logs.Stderr("boothd-site")).note(GRANTING)
        line = text(reader)

    form = rf"\w{{3}} \d\d \d\d:\d\d:\d\d \S+ boothd-site: \[{os.getpid()}\]: info: "
    assert re.fullmatch(form + re.escape("ticketA (Init/3/0): granting ticket\n"), line)


def test_a_line_for_the_journal_has_its_level_and_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped_stderr() as reader:
        status = os.fstat(2)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.Log(logs.to_stderr("boothd-site")).error("failed")
        line = text(reader)

    assert line == "<3>failed\n"


def test_a_journal_of_another_stream_is_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    with piped_stderr() as reader:
        logs.Log(logs.to_stderr("boothd-site")).error("failed")
        line = text(reader)

    assert "boothd-site" in line


def test_a_reader_that_does_not_read_holds_nobody_up() -> None:
    with piped_stderr() as reader:
        log = logs.Log(logs.Stderr("boothd-site"))
        for _ in range(2_000):
            log.info("x" * 200)
        written = text(reader)

    assert 0 < len(written) < 2_000 * 200


def test_syslog_gets_facility_daemon_and_the_ident(tmp_path: Path, sink: logs.Syslog) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(tmp_path / "log"))
        sink.write(Level.WARNING, "lost at A")
        line = syslog.recv(4096).decode()

    assert line.startswith("<28>")
    assert line.endswith(f" boothd-arbitrator[{os.getpid()}]: lost at A")


def test_a_syslog_that_was_restarted_is_found_again(tmp_path: Path, sink: logs.Syslog) -> None:
    sink.write(Level.INFO, "nobody hears this")
    for text in ("first", "second"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.bind(str(tmp_path / "log"))
            sink.write(Level.INFO, text)
            assert syslog.recv(4096).decode().endswith(text)
        (tmp_path / "log").unlink()


def test_a_cluster_may_choose_the_facility(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(tmp_path / "log"))
        for facility, start in (("local3", "<155>"), ("nonsense", "<27>")):
            chosen = logs.Syslog("boothd-site", path=str(tmp_path / "log"), facility=facility)
            chosen.write(Level.ERROR, "failed")
            chosen._forget()
            assert syslog.recv(4096).decode().startswith(start)


def test_while_there_is_a_terminal_it_shows_problems_only() -> None:
    everything, terminal = Lines(), Lines()
    log = logs.Log(logs.AlsoShown(everything, terminal))
    log.info("starting")
    log.error("failed")

    assert everything.lines == ["info: starting", "error: failed"]
    assert terminal.lines == ["error: failed"]


def test_debug_lines_are_for_those_who_ask() -> None:
    quiet, curious = Lines(), Lines()
    logs.Log(quiet).debug("x")
    logs.Log(curious, debug=1).debug("x")

    assert (quiet.lines, curious.lines) == ([], ["debug: x"])


def test_garbage_cannot_flood_the_log() -> None:
    lines, now_s = Lines(), [0.0]
    log = logs.Log(lines, clock_s=lambda: now_s[0])
    for text in map("unknown sender: {}".format, range(5_000)):
        log.warning(text, kind="sender")
    now_s[0] = 3.0
    log.warning("unknown sender: again", kind="sender")

    assert len(lines.lines) == logs.BURST + 1
    assert lines.lines[-1] == (
        f"warning: unknown sender: again ({5_000 - logs.BURST} more like this were not logged)"
    )


def test_a_flood_of_one_kind_leaves_room_for_others() -> None:
    lines = Lines()
    log = logs.Log(lines, clock_s=lambda: 0.0)
    for _ in range(100):
        log.note(GRANTING)
    log.note(Note(Code.GRANTING, {}, "ticketB", State.INIT))
    log.info("exiting")

    assert lines.lines[-2:] == ["info: ticketB (Init/0/0): granting ticket", "info: exiting"]


def test_what_comes_from_outside_cannot_forge_a_line_or_move_the_cursor() -> None:
    lines = Lines()
    logs.Log(lines).info("name a\nNov 25 boothd: granted\x1b[2J")

    assert lines.lines == [r"info: name a\nNov 25 boothd: granted\x1b[2J"]
