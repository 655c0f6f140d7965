"""Progress: a live table on a terminal, plain lines elsewhere, nothing on standard output."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.text import Text

from boothlab.cli.progress_view import _LiveProgress, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[], str]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Read:
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)

    def read() -> str:
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return read


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Read:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")

    def read() -> str:
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return read


class TestPlainLines:
    def test_each_activity_is_one_line_with_its_place_and_time(self, plain: Read) -> None:
        with shown() as progress, progress.activity("clusterA-1", "Set up a cluster"):
            pass

        assert re.fullmatch(r"\[ +0\.\d s\] clusterA-1: Set up a cluster \(0\.\d s\)\n", plain())

    def test_a_failure_is_marked_and_passed_on(self, plain: Read) -> None:
        with pytest.raises(ZeroDivisionError), shown() as progress, progress.activity("image", "build"):
            raise ZeroDivisionError

        assert "image: build (failed after" in plain()

    def test_notes_are_lines_of_their_own_however_long(self, plain: Read) -> None:
        note = "Debian replaces Rocky, [which] cannot be had " * 5
        with shown() as progress:
            progress.note(note)

        assert plain().endswith(f"] {note}\n")

    def test_no_line_has_colours_or_cursor_movements(self, plain: Read) -> None:
        with shown() as progress, progress.activity("a", "b") as activity:
            activity.detail("at it")
            progress.note("n")

        assert "\x1b" not in plain()


class TestTerminal:
    @staticmethod
    def table(view: _LiveProgress) -> list[str]:
        console = Console(file=io.StringIO(), width=100, force_terminal=True)
        console.print(view)
        assert isinstance(console.file, io.StringIO)
        return [line.rstrip() for line in Text.from_ansi(console.file.getvalue()).plain.splitlines()]

    @pytest.fixture
    def view(self) -> _LiveProgress:
        return _LiveProgress(Console(file=io.StringIO(), width=100, force_terminal=True))

    def test_a_node_shows_what_it_is_at_and_then_what_it_did_last(self, view: _LiveProgress) -> None:
        with view.activity("clusterA-1", "Start pcsd") as activity:
            activity.detail("step 3/9")
            (row, _) = self.table(view)
            assert row.startswith("clusterA-1")
            assert "Start pcsd" in row
            assert row.endswith("step 3/9")
        (row, total) = self.table(view)

        assert re.fullmatch(r"clusterA-1 ✓ Start pcsd +0\.\d s", row)
        assert total.strip() == "1 steps, 0 s"

    def test_a_failed_activity_is_marked(self, view: _LiveProgress) -> None:
        with pytest.raises(ZeroDivisionError), view.activity("clusterA-1", "Start pcsd"):
            raise ZeroDivisionError

        assert "✗ Start pcsd" in self.table(view)[0]

    def test_what_one_node_does_at_the_same_time_has_a_row_each(self, view: _LiveProgress) -> None:
        with view.activity("a", "one"), view.activity("a", "two"), view.activity("b", "three"):
            rows = self.table(view)[:-1]

        assert [row.split()[0] for row in rows] == ["a", "a", "b"]
        for row, what in zip(rows, ("one", "two", "three"), strict=True):
            assert what in row

    def test_a_long_detail_stays_on_its_row(self, view: _LiveProgress) -> None:
        with view.activity("image", "build") as activity:
            activity.detail("Get:1 http " * 50)
            assert len(self.table(view)) == 2

    def test_the_table_goes_and_one_line_stays(self, terminal: Read) -> None:
        with shown() as progress, progress.activity("clusterA-1", "Start pcsd"):
            progress.note("Debian replaces Rocky")

        seen = terminal()
        assert "\x1b[?25l" in seen  # a live display: it hides the cursor ...
        assert "\x1b[?25h" in seen  # ... and shows it again
        lines = [line for line in Text.from_ansi(seen).plain.splitlines() if line.strip()]
        assert "Debian replaces Rocky" in "\n".join(lines)
        assert re.fullmatch(r"1 steps in 0\.\d s", lines[-1].strip())

    def test_the_cursor_comes_back_after_an_error(self, terminal: Read) -> None:
        with pytest.raises(ZeroDivisionError), shown() as progress, progress.activity("a", "b"):
            raise ZeroDivisionError

        assert "\x1b[?25h" in terminal()
