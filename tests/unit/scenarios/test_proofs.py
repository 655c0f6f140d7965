"""That the chaos suite can fail is proven for all of it: what tests/chaos plays, and what there is."""

from __future__ import annotations

from pathlib import Path

from chaos import builds
from chaos.proofs import PROOFS, Proof

from boothlab.checkers.suite import CHECKERS
from boothlab.scenarios.catalogue import scenario_named

NEEDS_PACEMAKER = {"exclusive-resources", "placement"}
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "mistakes.md"


def test_every_checker_finds_somebody() -> None:
    assert {each.checker for each in PROOFS} == {each.name for each in CHECKERS} - NEEDS_PACEMAKER


def test_the_standard_suite_finds_every_broken_daemon() -> None:
    found = {each.broken for each in PROOFS if "standard" in scenario_named(each.scenario).suites}

    assert found == set(builds.names())


def test_every_broken_daemon_says_what_is_wrong_with_it() -> None:
    assert all(builds.says(name).endswith(".") for name in builds.names())


def test_the_page_tells_all_mistakes() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert rows == [row(each) for each in PROOFS]


def row(proof: Proof) -> str:
    """Return a mistake as a line of the page's table."""
    says = " ".join(builds.says(proof.broken).split())
    who = "all" if proof.at == "ABC" else proof.at
    return f"| `{proof.broken}` | {says} | {who} | `{proof.scenario}` | {proof.checker} |"
