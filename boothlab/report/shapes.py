"""What a timeline is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RowKind(Enum):
    """What a row shows."""

    REMARKS = "remarks"
    FAULTS = "faults"
    CLIENTS = "clients"
    BOOTH = "booth"
    CIB = "cib"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline, over its whole length."""

    id: str
    kind: RowKind
    label: str
    member: str = ""
    """Whose it is; empty for what all share."""
    ticket: str = ""
    depth: int = 1
    """How many bars lie below each other."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts. Times in nanoseconds of the run's clock."""

    row: str
    began_ns: int
    ended_ns: int
    tone: str
    """What it is, for its colour: ``granted``, ``down``, ``fault``, ``ok`` ..., or ``held``."""
    label: str
    records: tuple[int, ...]
    """The records that it was made of, by index: the first and the last, where there are many."""
    site: str = ""
    """The member whose colour it has: the leader, the owner, the site that runs it."""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a moment. Times in nanoseconds of the run's clock."""

    row: str
    at_ns: int
    kind: str
    """``election``, ``message``, ``refusal``, ``lost``, ``log``, ``process``, ``note`` ..."""
    label: str
    record: int
    to_row: str = ""
    """Where a message goes."""
