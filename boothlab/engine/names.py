"""Names and labels of everything a lab creates.

Labels are how a later process finds a lab again and how it knows what it may
remove: only what carries them.
"""

from __future__ import annotations

from typing import Final

import boothlab

LABEL: Final = "boothlab"
"""On everything boothlab creates; its value is boothlab's version."""
LABEL_LAB: Final = "boothlab.lab"
"""The lab it belongs to."""
LABEL_NODE: Final = "boothlab.node"
"""Host name of the container."""
LABEL_ROLE: Final = "boothlab.role"
"""``router``, ``site`` or ``arbitrator``."""
LABEL_TOPOLOGY: Final = "boothlab.topology"
"""On the router: the whole topology as JSON, overrides applied."""
LABEL_DIGEST: Final = "boothlab.digest"
"""On the router: digest of that topology."""
LABEL_PURPOSE: Final = "boothlab.purpose"
"""What it was brought up for, if not for people: whoever brought it up may take it away without asking."""

ROUTER: Final = "router"
"""Host name of the router, reserved in every lab."""


def container_name(lab: str, node: str) -> str:
    """Return the container's name on the engine."""
    return f"boothlab-{lab}-{node}"


def network_name(lab: str, network: str) -> str:
    """Return the network's name on the engine."""
    return f"boothlab-{lab}-{network}"


def labels(lab: str) -> dict[str, str]:
    """Return the labels of everything that belongs to a lab."""
    return {LABEL: boothlab.__version__, LABEL_LAB: lab}
