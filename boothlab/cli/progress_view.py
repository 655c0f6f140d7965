"""Progress for people: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.progress import Activity, Progress

_DETAIL_EVERY_S: Final = 10.0
"""Without a terminal: how often a long activity may print what it is at."""


@contextmanager
def shown(*, quiet: bool = False) -> Iterator[Progress]:
    """Show the progress of what happens inside on standard error.

    Standard output stays free for the result. ``quiet`` shows plain lines for notes only.
    """
    console = Console(stderr=True, highlight=False)
    if console.is_terminal and not quiet:
        view = _LiveProgress(console)
        with Live(view, console=console, refresh_per_second=10, transient=True):
            yield view
        view.summary()
    else:
        yield _PlainProgress(console, quiet=quiet)


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
        self._last: dict[str, Text] = {}
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
                self._last[where] = Text(f"{mark} {what}  {seconds:.1f} s", style=style)
                self._done += 1

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for where, running in self._rows.items():
                if not running:
                    table.add_row(where, self._last[where])
                for each in running:
                    table.add_row(where, self._line(each))
        table.add_row("", Text(f"{self._done} steps, {time.monotonic() - self._began:.0f} s", style="dim"))
        return table

    def _line(self, running: _Running) -> Table:
        line = Table.grid(padding=(0, 1))
        seconds = f"{time.monotonic() - running.began:.0f} s"
        room = max(self._console.width - 60, 10)
        line.add_row(
            self._spinner, running.what, Text(seconds, style="dim"), Text(running.text[:room], style="dim")
        )
        return line

    def summary(self) -> None:
        """Leave one line behind when the table is gone."""
        self._console.print(
            Text(f"{self._done} steps in {time.monotonic() - self._began:.1f} s", style="dim")
        )


class _PlainProgress:
    """A line for each piece of work that is done, with the seconds since the start."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._began = time.monotonic()

    def note(self, text: str) -> None:
        self._print(text)

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Activity]:
        began = time.monotonic()
        outcome = "failed after "
        try:
            yield _PlainActivity(self, f"{where}: {what}", began)
            outcome = ""
        finally:
            if not self._quiet:
                self._print(f"{where}: {what} ({outcome}{time.monotonic() - began:.1f} s)")

    def tell(self, text: str) -> None:
        """Print a detail of a long activity."""
        if not self._quiet:
            self._print(text)

    def _print(self, text: str) -> None:
        self._console.print(f"[{time.monotonic() - self._began:6.1f} s] {text}", markup=False, soft_wrap=True)


class _PlainActivity:
    def __init__(self, progress: _PlainProgress, title: str, began: float) -> None:
        self._progress = progress
        self._title = title
        self._told = began

    def detail(self, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= _DETAIL_EVERY_S:
            self._told = now
            self._progress.tell(f"{self._title}: {text}")
