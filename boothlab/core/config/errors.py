"""What is wrong with a booth.conf: each problem with its line, all of them in one error."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Refused(ValueError):  # noqa: N818 - it is caught before anybody could see it
    """A line is refused; its number is not known here."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that makes the file unusable."""

    line: int
    """From 1; 0 for the file as a whole."""
    message: str
    """The words of ClusterLabs booth, where it refuses the same thing."""
    remedy: str = ""
    """What to write instead, where the message does not say it."""


class ConfigError(ValueError):
    """A booth.conf cannot be used; ``problems`` says why, all at once."""

    def __init__(self, path: str, problems: Iterable[Problem], warnings: Iterable[str] = ()) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda each: each.line))
        self.warnings = tuple(warnings)
        super().__init__("\n".join(f"{self.where(each)}: {each.message}" for each in self.problems))

    def where(self, problem: Problem) -> str:
        """Return the file and line of a problem."""
        return f"{self.path}:{problem.line}" if problem.line else self.path


class Report:
    """Collects what is wrong or odd while a file is read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.line = 0
        """Where the reader is, from 1."""
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    @contextmanager
    def problems_of(self, line: int) -> Iterator[None]:
        """Note as this line's problem what is refused inside."""
        outside, self.line = self.line, line
        try:
            yield
        except Refused as refused:
            self.problems.append(Problem(line, printable(refused.message), printable(refused.remedy)))
        finally:
            self.line = outside

    def warn(self, text: str) -> None:
        """Note what is accepted in the current line but should be told."""
        self.warnings.append(printable(f"{self.path}:{self.line}: {text}"))

    def warn_of_all(self, text: str) -> None:
        """Note what is accepted but should be told of the file as a whole."""
        self.warnings.append(text)

    def raise_problems(self) -> None:
        """Raise a ConfigError if anything was refused."""
        if self.problems:
            raise ConfigError(self.path, self.problems, self.warnings)


def printable(text: str) -> str:
    """Return a text as it can be printed anywhere: what a file holds may be anything."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
