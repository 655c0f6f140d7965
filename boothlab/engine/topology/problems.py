"""What is wrong with a topology, and what to write instead."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterable

Location: TypeAlias = tuple[str | int, ...]
"""Where something stands in a topology: keys and list indexes from the top."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the way out."""

    path: Location
    message: str
    """What is wrong."""
    remedy: str
    """What to write instead."""
    severity: Severity = "error"
    related: tuple[Location, ...] = ()
    """Other places that it is about as much as about ``path``."""
    origin: str = ""
    """The file, or the ``--set`` that brought it in; empty while that is unknown."""
    line: int = 0
    """Line in the file, from 1; 0 when it is about no line."""

    @property
    def where(self) -> str:
        """File and line, or the ``--set``: ``three-site.yaml:12``."""
        return f"{self.origin}:{self.line}" if self.line else self.origin

    def __str__(self) -> str:
        said = f"{self.message}; {self.remedy}"
        parts = (self.where, "warning" if self.severity == "warning" else "", path_text(self.path), said)
        return ": ".join(part for part in parts if part)


class TopologyError(BoothlabError):
    """A topology cannot be used; ``problems`` says why, all at once, warnings included."""

    def __init__(self, what: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [f"{what} cannot be used:", *map(str, self.problems)]
        super().__init__(
            "\n  ".join(lines),
            remedy="correct this, then check with `boothlab topologies --check FILE`",
        )


def path_text(path: Location) -> str:
    """Return a location as people write it: ``sites[1].address``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def choices(names: Iterable[str], last: str = "or") -> str:
    """Return names as a sentence lists them: ``a, b or c``; ``nothing`` when there are none."""
    *first, final = [*names] or ["nothing"]
    return f"{', '.join(first)} {last} {final}" if first else final


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, or None."""
    spelled = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), spelled, n=1)
    return spelled[found[0]] if found else None


def write_one_of(word: str, known: Iterable[str]) -> str:
    """Return the remedy for a word that is not known: the probable one, else all of them."""
    names = list(known)
    if not names:
        return "leave it out: there is none to name"
    return f"write {closest(word, names) or choices(names)}"
