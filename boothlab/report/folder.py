"""A run's folder: what is in it, under which names, and its report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.judge import judge
from boothlab.checkers.suite import CHECKERS
from boothlab.history import store
from boothlab.history.errors import HistoryError
from boothlab.report import judged as judging
from boothlab.report.junit import junit
from boothlab.report.page import html
from boothlab.report.report import Report, compose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from boothlab.report.judged import Judged


class FolderError(ValueError):
    """There is no run in this folder, or it cannot be read; it says why."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a run. Only the history must be there."""

    path: Path

    @property
    def history(self) -> Path:
        """Return the file of all that happened."""
        return self.path / "history.jsonl"

    @property
    def verdicts(self) -> Path:
        """Return the file of what the checkers said."""
        return self.path / "verdicts.json"

    @property
    def command(self) -> Path:
        """Return the file of the command that runs it again."""
        return self.path / "command.txt"

    @property
    def capture(self) -> Path:
        """Return the file of the packets that passed the router."""
        return self.path / "wan.pcap"

    @property
    def status(self) -> Path:
        """Return the file of the lab's status at the end."""
        return self.path / "status.json"

    @property
    def logs(self) -> Path:
        """Return the folder of every node's log."""
        return self.path / "logs"

    @property
    def page(self) -> Path:
        """Return the report for people."""
        return self.path / "report.html"

    @property
    def junit(self) -> Path:
        """Return the report for CI."""
        return self.path / "junit.xml"

    def keep(self, judged: Sequence[Judged], *, reproduce: str = "") -> None:
        """Keep what a report needs besides the history.

        Args:
            judged: What the checkers said.
            reproduce: The command that runs it again.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.verdicts.write_text(json.dumps(judging.as_data(judged), indent=1) + "\n", encoding="utf-8")
        self.command.write_text(reproduce + "\n", encoding="utf-8")

    def report(self) -> Report:
        """Return the report on this run. Without kept verdicts the checkers are asked now.

        Raises:
            FolderError: there is no history, or a file is not as it should be.
        """
        try:
            history = store.read(self.history)
        except FileNotFoundError:
            raise FolderError(f"there is no run in {self.path}: it has no {self.history.name}") from None
        except HistoryError as error:
            raise FolderError(str(error)) from error
        kept = self._kept_verdicts()
        judged = judging.of(judge(history, CHECKERS), CHECKERS) if kept is None else kept
        return compose(history, judged, reproduce=self._kept_command())

    def write(self, report: Report) -> None:
        """Write the page and the JUnit XML."""
        self.page.write_text(html(report), encoding="utf-8")
        self.junit.write_text(junit([report]), encoding="utf-8")

    def _kept_verdicts(self) -> tuple[Judged, ...] | None:
        if not self.verdicts.exists():
            return None
        try:
            return judging.from_data(json.loads(self.verdicts.read_text(encoding="utf-8")))
        except ValueError as error:
            raise FolderError(f"{self.verdicts}: {error}") from error

    def _kept_command(self) -> str:
        return self.command.read_text(encoding="utf-8").strip() if self.command.exists() else ""
