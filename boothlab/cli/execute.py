"""``boothlab exec``: run a command in a node."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from boothlab.cli.options import LabName, Node
from boothlab.engine.client import connect
from boothlab.engine.lab import find
from boothlab.errors import BoothlabError


def execute(
    context: typer.Context,
    node: Node,
    lab: LabName = None,
    limit_s: Annotated[float, typer.Option("--limit", help="Seconds after which it is ended.", min=1)] = 300,
) -> None:
    """Run a command in a node: `boothlab exec clusterA-1 pcs status`. Its exit code is ours."""
    if not context.args:
        raise BoothlabError("no command is given", remedy=f"e.g. `boothlab exec {node} pcs status`")
    answer = find(connect(), lab).run(node, context.args, limit_s=limit_s)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    raise typer.Exit(answer.exit_code)
