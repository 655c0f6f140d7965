"""What can be wrong with a fault or a schedule that somebody wrote."""

from __future__ import annotations


class FaultError(ValueError):
    """A fault that makes no sense; the message says what to write instead."""


class UnresolvedError(ValueError):
    """A symbolic target stands for nobody right now."""


class ScheduleError(ValueError):
    """A saved schedule that cannot be read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        """Where, counted from 1."""
        self.message = message
