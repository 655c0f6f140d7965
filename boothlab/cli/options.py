"""Options that several verbs share."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer
from rich.console import Console

_WIDTH_OF_A_PIPE: Final = 110
"""Columns where there is no terminal: enough for every column of the status."""

TopologyName = Annotated[str, typer.Argument(help="A topology's name (see `boothlab topologies`) or file.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change the topology, e.g. apacheticket.expire=20.", metavar="KEY=VALUE"),
]
Subject = Annotated[
    str,
    typer.Option(
        "--subject",
        help="Which Booth all members run, e.g. python; or some of them: A=python,B=clusterlabs.",
        metavar="NAME",
    ),
]
LabName = Annotated[
    str | None, typer.Option("--lab", help="Which lab; may be left out while only one is up.", metavar="NAME")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with the same content.")]
Node = Annotated[str, typer.Argument(help="Host name of a node, or router.", metavar="NODE")]


def print_json(data: Any) -> None:  # noqa: ANN401 - anything JSON can say
    """Print data as JSON, for people and programs alike."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def console() -> Console:
    """Return the console for results: as wide as the terminal, wide where there is none."""
    found = Console()
    return found if found.is_terminal else Console(width=_WIDTH_OF_A_PIPE)
