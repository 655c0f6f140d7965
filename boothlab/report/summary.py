"""A run on one screen of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from boothlab.checkers.verdict import Status

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from boothlab.report.report import Report

_STYLES: Final = {Status.VALID: "green", Status.UNKNOWN: "yellow", Status.INVALID: "bold red"}
_SHOWN_MAX: Final = 12
"""So many verdicts that are not VALID are told in full; the page has all."""


def render(report: Report, page: Path | None = None) -> RenderableType:
    """Return a run's outcome as something rich can print: what failed first, what held in short."""
    failed = [each for each in report.judged if not each.verdict.passes]
    parts: list[RenderableType] = [_title(report), _about(report)]
    parts += [Padding(_table(report), (1, 0))] if failed else [""]
    more = len(failed) - _SHOWN_MAX
    parts += [Text(f"  and {more} more\n", "yellow")] if more > 0 else []
    vacuous = [each.name for each in report.judged if each.verdict.is_vacuous]
    held = [each.name for each in report.judged if each.verdict.passes and each.name not in vacuous]
    parts += [Text.assemble((f"{len(held)} valid: ", "green"), ", ".join(held))] if held else []
    parts += [Text(f"{len(vacuous)} had nothing to judge: {', '.join(vacuous)}", "dim")] if vacuous else []
    parts += [Text(remark, "yellow") for remark in report.history.remarks]
    parts += [Text.assemble(("again: ", "dim"), report.reproduce, no_wrap=True)] if report.reproduce else []
    parts += [Text.assemble(("page:  ", "dim"), str(page), no_wrap=True)] if page else []
    return Group(*parts)


def _title(report: Report) -> Text:
    status = report.status
    return Text.assemble((report.title, "bold"), "  ", (status.value.upper(), _STYLES[status]))


def _about(report: Report) -> Text:
    header = report.history.header
    subjects = ", ".join(f"{each.name} {each.subject}" for each in header.members)
    seed = "" if header.seed is None else f", seed {header.seed}"
    words = f"{header.testbed}, {header.topology}{seed}; {subjects}; {report.duration_s:.1f} s"
    return Text(words, "dim")


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for each in [one for one in report.judged if not one.verdict.passes][:_SHOWN_MAX]:
        status = each.verdict.status
        table.add_row(Text(status.value, _STYLES[status]), Text(each.name), Text(each.verdict.summary))
    return table
