"""``boothlab shell``: look around inside a node."""

from __future__ import annotations

from boothlab.cli.interactive import hand_over
from boothlab.cli.options import LabName, Node
from boothlab.engine.client import connect
from boothlab.engine.lab import find


def shell(node: Node, lab: LabName = None) -> None:
    """Open a shell in a node."""
    hand_over(find(connect(), lab), node, ["bash"])
