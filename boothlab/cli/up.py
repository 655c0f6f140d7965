"""``boothlab up``: build a lab, or attach to it."""

from __future__ import annotations

from typing import Annotated

import typer

from boothlab.cli.options import AsJson, Overrides, Subject, TopologyName, console, print_json
from boothlab.cli.progress_view import shown
from boothlab.cli.status_view import render
from boothlab.engine import bringup, host
from boothlab.engine.topology.load import load
from boothlab.faults import Faults


def up(
    topology: TopologyName = "three-site",
    overrides: Overrides = None,
    subject: Subject = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Remove a lab that is up first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a lab up: networks, nodes, clusters, Booth, the ticket granted, the service answering."""
    loaded = load(topology, overrides=overrides or [], subject=subject)
    with shown() as progress:
        for warning in loaded.warnings:
            progress.note(str(warning))
        lab = bringup.up(host.ensure_engine(progress), loaded.topology, progress, rebuild=rebuild)
        for fault in Faults(lab).active():
            progress.note(f"{fault.id} is still applied: {fault.fault}; `boothlab fault heal` undoes it")
        status = lab.status()
    if as_json:
        print_json(status.model_dump(mode="json"))
    else:
        console().print(render(status))
