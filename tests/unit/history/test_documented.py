"""The reference tells every field of every record, and the how-to every checker."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from unit.checkers.story import Story, judged

from boothlab.checkers.suite import CHECKERS
from boothlab.checkers.verdict import Status
from boothlab.history import header
from boothlab.history.records import KINDS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DOCS = Path(__file__).parents[3] / "docs"
PARTS: dict[str, type[DataclassInstance]] = {
    "The header": header.Header,
    "members": header.Member,
    "tickets": header.Ticket,
    "observers": header.Observer,
}


def first_column(page: str, heading: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"{page} has no section {heading!r}"
    rows = [line.split("|")[1] for line in section[1].splitlines() if line.startswith("| ")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize(("heading", "kind"), [*PARTS.items(), *KINDS.items()])
def test_the_reference_tells_every_field(heading: str, kind: type[DataclassInstance]) -> None:
    assert sorted(first_column("reference/history.md", heading)) == sorted(each.name for each in fields(kind))


def test_the_checker_of_the_how_to_works() -> None:
    text = (DOCS / "how-to/own-checker.md").read_text(encoding="utf-8")
    written = next(
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "RarelyMoves:" in block
    )
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(written, "own-checker.md", "exec", dont_inherit=True), names)  # noqa: S102 - our own page
    checker = names["RarelyMoves"]()

    story = Story()
    assert judged(checker, story.held("A", 1_000, 1_900).held("B", 2_000, 2_900)).status is Status.VALID
    for at in range(3_000, 9_000, 2_000):
        story.held("A", at, at + 900).held("B", at + 1_000, at + 1_900)
    verdict = judged(checker, story)
    assert verdict.status is Status.INVALID
    assert verdict.evidence


def test_the_how_to_tells_every_checker() -> None:
    told = first_column("how-to/own-checker.md", "The checkers there are")

    assert told == [each.name for each in CHECKERS]
