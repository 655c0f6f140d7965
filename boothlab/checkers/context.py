"""By which measure a history is judged: the bounds, and what must have been seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """Bounds in milliseconds. What took part, and the tickets' times, stand in the history's header."""

    observation_gap_ms: int = 1_000
    """For how long what was seen is taken to have stayed as it was, until it is seen again."""
    blur_ms: int = 0
    """Possible violations that are no longer than this pass: what the observers' period cannot tell."""
    revoke_ms: int = 1_000
    """How late a revoke may reach Pacemaker: after the end of a lease, after a client was told."""
    acquire_slack_ms: int = 0
    """By how much acquire-after may look shorter: it begins with the end of a lease, and a revoke is late."""
    failover_ms: int = 5_000
    """How much longer than ``expire`` and acquire-after a failover may take."""
    placement_ms: int = 20_000
    """How long Pacemaker may take to start or stop a ticket's resources."""
    agreement_ms: int = 10_000
    """How long members may disagree after the last disturbance."""
    must_see: frozenset[str] = frozenset()
    """Names of checkers that must have had something to judge; else they are UNKNOWN."""
