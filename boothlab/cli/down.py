"""``boothlab down``: remove a lab."""

from __future__ import annotations

from typing import Annotated

import typer

from boothlab.cli.options import AsJson, LabName, print_json
from boothlab.cli.progress_view import shown
from boothlab.engine import teardown
from boothlab.engine.client import connect
from boothlab.engine.lab import NoLabError


def down(
    lab: LabName = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every lab.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a lab with all its containers and networks; only what carries its label."""
    client = connect()
    labs = _chosen(teardown.labs_with_remains(client), lab, everything=everything)
    with shown() as progress:
        removed = {name: teardown.down(client, name, progress) for name in labs}
    if as_json:
        print_json(removed)
    elif not labs:
        typer.echo("there is no lab to remove")
    for name, objects in removed.items() if not as_json else ():
        typer.echo(
            f"lab {name} is removed ({len(objects)} containers and networks)"
            if objects
            else f"there is nothing of lab {name}"
        )


def _chosen(labs: tuple[str, ...], name: str | None, *, everything: bool) -> tuple[str, ...]:
    if everything:
        return labs
    if name is not None:
        return (name,)
    if len(labs) > 1:
        raise NoLabError(
            f"there are several labs: {', '.join(labs)}", remedy="choose with --lab NAME, or --all"
        )
    return labs
