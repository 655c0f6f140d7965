"""``boothlab packets``: what was said in a capture."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from boothlab.cli.options import AsJson, print_json
from boothlab.cli.packets_view import render
from boothlab.errors import BoothlabError

_PIPE_WIDTH: Final = 200
"""Columns where there is no terminal: a message stays on its line, for grep."""


def packets(
    file: Annotated[Path, typer.Argument(help="A capture of tcpdump, Wireshark and the like.")],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", help="The members' key file: tells which messages are genuine.", metavar="FILE"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show Booth's conversation in a capture, a message a line.

    Needs scapy: pip install "boothlab[packets]".
    """
    spoken = _read(file, key)
    if as_json:
        print_json(spoken)
    else:
        _console().print(render(spoken))


def _console() -> Console:
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=_PIPE_WIDTH)


def _read(file: Path, key: Path | None) -> list[dict[str, Any]]:
    """Return the messages, read in a process of its own: scapy's licence asks for that distance."""
    if find_spec("scapy") is None:
        raise BoothlabError("scapy is not installed", remedy='pip install "boothlab[packets]"')
    command = [sys.executable, "-m", "boothlab.packets", str(file), *([str(key)] if key else [])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise BoothlabError(ran.stderr.strip(), remedy="record one with `tcpdump -w FILE port 9929`")
    spoken: list[dict[str, Any]] = json.loads(ran.stdout)
    return spoken
