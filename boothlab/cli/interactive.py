"""Handing the terminal over to a program inside a node."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from boothlab.engine import names
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.engine.lab import Lab


def hand_over(lab: Lab, node: str, argv: Sequence[str]) -> None:
    """Replace this process by ``docker exec`` of a command in a node; does not return.

    Raises:
        NodeUnreachableError: the node does not run.
        BoothlabError: the docker command is not installed.
    """
    states = lab.runtime.states()
    if states.get(node) != "running":
        raise NodeUnreachableError(
            f"node {node} does not run",
            remedy=f"these do: {', '.join(name for name, state in states.items() if state == 'running')}",
        )
    if shutil.which("docker") is None:
        raise BoothlabError(
            "the docker command is not installed", remedy=f"use `boothlab exec {node} COMMAND` instead"
        )
    terminal = ["-it"] if sys.stdin.isatty() else ["-i"]
    os.execvp("docker", ["docker", "exec", *terminal, names.container_name(lab.name, node), *argv])  # noqa: S606
