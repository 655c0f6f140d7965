"""``boothlab reset``: bring a used lab back to its known state."""

from __future__ import annotations

from typing import Annotated

import typer

from boothlab.cli.options import AsJson, LabName, console, print_json
from boothlab.cli.progress_view import shown
from boothlab.cli.status_view import render
from boothlab.engine import reset as engine
from boothlab.engine.client import connect
from boothlab.engine.lab import find


def reset(
    lab: LabName = None,
    grant: Annotated[
        bool, typer.Option("--grant/--no-grant", help="Grant the tickets as the topology says, or to nobody.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Bring a used lab back to its known state: all up, nothing impaired, tickets as declared."""
    found = find(connect(), lab)
    with shown() as progress:
        engine.reset(found, progress, grant=grant)
    status = found.status()
    if as_json:
        print_json(status.model_dump(mode="json"))
    else:
        console().print(render(status))
