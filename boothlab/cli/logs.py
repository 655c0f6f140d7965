"""``boothlab logs``: what a node wrote down."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from boothlab.cli.interactive import hand_over
from boothlab.cli.options import LabName, Node
from boothlab.engine import names
from boothlab.engine.client import connect
from boothlab.engine.lab import find
from boothlab.errors import BoothlabError


def logs(
    node: Node,
    lab: LabName = None,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.", min=1)] = 200,
    booth: Annotated[bool, typer.Option("--booth", help="Only Booth's lines.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show a node's journal, or the log of a standalone member's Booth."""
    found = find(connect(), lab)
    if node == names.ROUTER:
        raise BoothlabError("the router writes no log", remedy=f"choose one of {', '.join(found.nodes)}")
    command = _command(found.topology.cluster == "standalone", lines, booth=booth, follow=follow)
    if follow:
        hand_over(found, node, command)
    answer = found.run(node, command)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    raise typer.Exit(answer.exit_code)


def _command(standalone: bool, lines: int, *, booth: bool, follow: bool) -> list[str]:
    more = ["--follow"] if follow else []
    if standalone:
        return ["tail", "-n", str(lines), *more, "/var/log/booth.log"]
    only = ["-t", "boothd-site", "-t", "boothd-arbitrator", "-t", "boothd"] if booth else []
    return ["journalctl", "--no-pager", "-n", str(lines), *only, *more]
