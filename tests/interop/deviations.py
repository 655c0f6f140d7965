"""Where our daemon answers a message otherwise than ClusterLabs booth, and why.

Each entry: the states of a ticket, the messages by their names (a pattern), the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from interop.probes import probes


@dataclass(frozen=True)
class Deviation:
    """A difference that is meant."""

    states: tuple[str, ...]
    probe: str
    """A regular expression that matches the whole name of a probe."""
    reason: str


LISTED: Final[tuple[Deviation, ...]] = ()

TALKS: Final[dict[str, str]] = {}
"""Conversations with clients that end otherwise, and why."""

SIGNED_TALKS: Final[dict[str, str]] = {}
"""The same, with authentication."""


def in_state(state: str) -> dict[str, str]:
    """Return the reasons by the names of the probes that are answered differently in this state."""
    return {
        probe.name: each.reason
        for each in LISTED
        if state in each.states
        for probe in probes(state)
        if re.fullmatch(each.probe, probe.name)
    }
