"""That the chaos suite can fail is proven for all of it: what tests/chaos plays, and what there is."""

from __future__ import annotations

from chaos import builds
from chaos.proofs import PROOFS

from boothlab.checkers.suite import CHECKERS
from boothlab.scenarios.catalogue import scenario_named

NEEDS_PACEMAKER = {"exclusive-resources", "placement"}


def test_every_checker_finds_somebody() -> None:
    assert {each.checker for each in PROOFS} == {each.name for each in CHECKERS} - NEEDS_PACEMAKER


def test_every_broken_daemon_is_played_in_the_standard_suite() -> None:
    assert {each.broken for each in PROOFS} == set(builds.names())
    assert all("standard" in scenario_named(each.scenario).suites for each in PROOFS)


def test_every_broken_daemon_says_what_is_wrong_with_it() -> None:
    assert all(builds.says(name).endswith(".") for name in builds.names())
