"""``boothlab report``: a run's report, written anew."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from boothlab.cli.options import AsJson, console, print_json
from boothlab.errors import BoothlabError


def report(
    run: Annotated[Path, typer.Argument(help="A run's folder, below runs/.", metavar="RUN")],
    open_it: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a run's page and JUnit XML anew, and sum it up.

    Without verdicts.json in the folder, the checkers judge its history first.
    """
    # Only this verb needs them, and the others start sooner without.
    from boothlab.report.folder import FolderError, RunFolder  # noqa: PLC0415
    from boothlab.report.report import as_data  # noqa: PLC0415
    from boothlab.report.summary import render  # noqa: PLC0415

    folder = RunFolder(run)
    try:
        found = folder.report()
    except FolderError as error:
        raise BoothlabError(str(error), remedy="runs are folders below runs/") from error
    folder.write(found)
    if as_json:
        print_json(as_data(found))
    else:
        console().print(render(found, folder.page))
    if open_it:
        webbrowser.open(folder.page.resolve().as_uri())
