"""Options that several verbs share."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

LabName = Annotated[
    str | None, typer.Option("--lab", help="Which lab; may be left out while only one is up.", metavar="NAME")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, with the same content.")]
Node = Annotated[str, typer.Argument(help="Host name of a node, or router.", metavar="NODE")]


def print_json(data: Any) -> None:  # noqa: ANN401 - anything JSON can say
    """Print data as JSON, for people and programs alike."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
