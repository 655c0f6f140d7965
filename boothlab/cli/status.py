"""``boothlab status``: what the lab is doing."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from boothlab.cli.options import AsJson, LabName, console, print_json
from boothlab.cli.status_view import render
from boothlab.engine.client import connect
from boothlab.engine.lab import Lab, find


def status(
    lab: LabName = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show it again and again, until Ctrl-C.")
    ] = False,
    interval_s: Annotated[
        float, typer.Option("--interval", help="Seconds between two looks.", min=0.2)
    ] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Show sites, nodes, resources, tickets and Booth's peers.

    With --watch and --json, one JSON document a line.
    """
    found = find(connect(), lab)
    if watch:
        _watch(found, interval_s, as_json=as_json)
    elif as_json:
        print_json(found.status().model_dump(mode="json"))
    else:
        console().print(render(found.status()))


def _watch(lab: Lab, interval_s: float, *, as_json: bool) -> None:
    try:
        if as_json:
            while True:
                typer.echo(lab.status().model_dump_json())
                time.sleep(interval_s)
        with Live(render(lab.status()), screen=Console().is_terminal, auto_refresh=False) as live:
            while True:
                time.sleep(interval_s)
                live.update(render(lab.status()), refresh=True)
    except KeyboardInterrupt:
        return
