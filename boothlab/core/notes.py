"""What a member has to tell its administrator: a stable code, and fields.

The texts are the words that operators of ClusterLabs booth grep for, where it has the
same thing to say. Nothing depends on a note; tests use its code as proof of a branch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Level(Enum):
    """How serious a note is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class State(Enum):
    """What a member does about a ticket; the value is its name in the log."""

    INIT = "Init"
    FOLLOWER = "Fllw"
    CANDIDATE = "Cndi"
    LEADER = "Lead"


class Code(Enum):
    """Every note there is: its level and its text, with fields in braces."""

    def __init__(self, level: Level, text: str) -> None:
        self.level = level
        self.text = text

    GRANTING = (Level.INFO, "granting ticket")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, for the log and for tests."""

    code: Code
    fields: Mapping[str, object] = field(default_factory=dict)
    ticket: str = ""
    """The ticket it is about; empty for the member as a whole."""
    state: State | None = None
    term: int = 0
    left_ms: int = 0
    """What is left of the lease."""

    @property
    def text(self) -> str:
        """Return the text with its fields, as the log has it after the ticket's prefix."""
        return self.code.text.format(**self.fields)

    def __str__(self) -> str:
        """Return the line as ClusterLabs booth writes it: ``ticketA (Lead/5/19999): ...``."""
        if not self.ticket or self.state is None:
            return self.text
        return f"{self.ticket} ({self.state.value}/{self.term}/{self.left_ms}): {self.text}"
