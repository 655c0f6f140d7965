"""``boothlab explain``: the article, as this lab really went through it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from boothlab.cli.explain_view import as_markdown, as_text
from boothlab.cli.options import AsJson, LabName, print_json
from boothlab.engine import transcript
from boothlab.engine.client import connect
from boothlab.engine.lab import find


def explain(
    lab: LabName = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, e.g. for a wiki.")] = False,
    waits: Annotated[bool, typer.Option("--waits", help="Also what was only waited for.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the steps of the last bring-up: which node, which command, what it printed."""
    kept = transcript.load(lab or find(connect()).name)
    if as_json:
        print_json(kept.model_dump(mode="json"))
    elif markdown:
        typer.echo(as_markdown(kept, waits=waits))
    else:
        Console().print(as_text(kept, waits=waits), soft_wrap=True)
