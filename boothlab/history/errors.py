"""What can be wrong with a history."""

from __future__ import annotations


class HistoryError(ValueError):
    """A file that is no history, or one that is not as its format wants it."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}, line {line}: {message}")
        self.path = path
        self.line = line
        """Where, counted from 1."""
        self.message = message


class RecordError(ValueError):
    """A record that cannot be: told to whoever records it."""


class DataError(ValueError):
    """Plain data that is not of the wanted form; ``where`` names the field."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where
