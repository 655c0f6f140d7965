"""The root of every error that boothlab reports to a person."""

from __future__ import annotations


class BoothlabError(Exception):
    """Something a user can do something about.

    The message says what is wrong; ``remedy`` says what to do next. The command
    line prints both and exits with ``exit_code``; anything that is not a
    BoothlabError is a defect of boothlab itself.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message
