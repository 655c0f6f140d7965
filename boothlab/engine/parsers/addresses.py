"""``ip -o -4 addr show``: which addresses a node really has."""

from __future__ import annotations

import re
from typing import Final

COMMAND: Final = "ip -o -4 addr show"

_ADDRESS = re.compile(r"^\d+: \S+ +inet (\d+\.\d+\.\d+\.\d+)[/ ]", re.MULTILINE)


def parse_addresses(text: str) -> frozenset[str]:
    """Return the node's IPv4 addresses, virtual ones included."""
    return frozenset(_ADDRESS.findall(text))
