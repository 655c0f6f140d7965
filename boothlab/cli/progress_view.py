"""Progress for people: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from boothlab.engine.progress import LineProgress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from boothlab.engine.progress import Activity, Progress

    _Cells = tuple[RenderableType, ...]


@contextmanager
def shown() -> Iterator[Progress]:
    """Show the progress of what happens inside on standard error.

    Standard output stays free for the result.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield LineProgress(lambda line: console.print(line, markup=False, soft_wrap=True))
        return
    view = _LiveProgress(console)
    with Live(view, console=console, refresh_per_second=10, transient=True):
        yield view
    view.summary()


@dataclass
class _Running:
    """An activity of the live table."""

    what: str
    began: float = field(default_factory=time.monotonic)
    text: str = ""

    def detail(self, text: str) -> None:
        self.text = text


class _LiveProgress:
    """One row per node or image: what it does now, else what it did last."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._rows: dict[str, list[_Running]] = {}
        self._last: dict[str, _Cells] = {}
        self._done = 0
        self._spinner = Spinner("dots", style="cyan")

    def note(self, text: str) -> None:
        self._console.print(Text(text, style="yellow"))

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Activity]:
        running = _Running(what)
        with self._lock:
            self._rows.setdefault(where, []).append(running)
        mark, style = "✗", "red"
        try:
            yield running
            mark, style = "✓", "green"
        finally:
            seconds = time.monotonic() - running.began
            with self._lock:
                self._rows[where].remove(running)
                self._last[where] = tuple(Text(cell, style) for cell in (mark, what, f"{seconds:.1f} s"))
                self._done += 1

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 1))
        with self._lock:
            for where, running in self._rows.items():
                if not running:
                    table.add_row(where, *self._last[where])
                for each in running:
                    table.add_row(where, *self._cells(each))
        total = f"{self._done} steps, {time.monotonic() - self._began:.0f} s"
        table.add_row("", "", Text(total, style="dim"))
        return table

    def _cells(self, running: _Running) -> _Cells:
        seconds = Text(f"{time.monotonic() - running.began:.0f} s", style="dim")
        detail = Text(running.text, style="dim", no_wrap=True, overflow="ellipsis")
        return self._spinner, Text(running.what), seconds, detail

    def summary(self) -> None:
        """Leave one line behind when the table is gone."""
        self._console.print(
            Text(f"{self._done} steps in {time.monotonic() - self._began:.1f} s", style="dim")
        )
