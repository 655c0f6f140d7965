"""docs/reference/scenarios.md, from the catalogue: ``python -m boothlab.scenarios.page``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.scenarios.catalogue import SCENARIOS
from boothlab.scenarios.field import DOUBLE, SMALLER, STUCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.scenarios.field import Entry
    from boothlab.scenarios.scenario import Scenario

PAGE: Final = Path("docs/reference/scenarios.md")
COMMAND: Final = "python -m boothlab.scenarios.page"

_HEAD: Final = """\
# Scenarios

[How to play them](../how-to/chaos.md). The members are those that a scenario's suites play it with, in
brackets those that only the suite `extended` plays it with; `--subject` takes any others. A run that fails in
just the way that is known of an implementation is told as a known failure; one that does not is news.

This page is written by `python -m boothlab.scenarios.page`.

## All
"""

_FIELD: Final = """
## What went wrong in the field

What users and developers of ClusterLabs booth reported, as far as it is public, and the scenarios that would
show it again. Where there is none, the reason is told.
"""


def text() -> str:
    """Return the page."""
    return "\n".join(
        [
            _HEAD,
            "| scenario | suites | lab | members | what happens |",
            "|---|---|---|---|---|",
            *map(_row, SCENARIOS.values()),
            _FIELD,
            *_entries("Two sites with one ticket", DOUBLE),
            *_entries("Nobody with a ticket, and members that got stuck", STUCK),
            *_entries("Keys, clients, and what surrounds Booth", SMALLER),
        ]
    )


def answering(entry: Entry) -> tuple[str, ...]:
    """Return the names of the scenarios that answer a report."""
    return tuple(each.name for each in SCENARIOS.values() if each.link in entry.links)


def _row(scenario: Scenario) -> str:
    known = "".join(
        f"<br>{each.subject} fails ([why]({_link(each.link)})): {each.why}" for each in scenario.known
    )
    cells = (
        f"`{scenario.name}`",
        ", ".join(scenario.all_suites),
        scenario.topologies[0],
        "; ".join((*(f"`{each}`" for each in scenario.subjects), *(f"(`{each}`)" for each in scenario.also))),
        " ".join(scenario.says.split()) + known,
    )
    return _cells(cells)


def _link(link: str) -> str:
    """Return where a link leads from this page."""
    return link.removeprefix(f"{PAGE.parent}/")


def _entries(title: str, entries: Iterable[Entry]) -> list[str]:
    head = ["", f"### {title}", "", "| report | what went wrong | scenarios |", "|---|---|---|"]
    return head + [_cells((_cited(each), each.what, _answer(each))) for each in entries]


def _cited(entry: Entry) -> str:
    return f"[{entry.id}]({entry.links[0]})"


def _answer(entry: Entry) -> str:
    names = ", ".join(f"`{each}`" for each in answering(entry))
    return names or f"none: {entry.instead}"


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"


def main() -> None:
    """Write the page to where a file's name says, or to its place."""
    path = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    path.write_text(text() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
