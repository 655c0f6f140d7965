"""The catalogue as a whole: names, links, checkers, settings; and the page that tells of it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from pathlib import Path
from types import ModuleType

import pytest

from boothlab.checkers.suite import CHECKERS
from boothlab.engine.topology.load import load
from boothlab.scenarios import catalogue, page
from boothlab.scenarios.catalogue import SCENARIOS
from boothlab.scenarios.field import ENTRIES, Entry
from boothlab.scenarios.scenario import PLAY, Scenario

ROOT = Path(__file__).parents[3]
NAMES = {each.name for each in CHECKERS}
EVERY = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
LINK = re.compile(r"https://[a-z.]+/[\w./-]+")


def test_no_two_scenarios_have_one_name() -> None:
    modules = [each for each in vars(catalogue).values() if isinstance(each, ModuleType)]
    found = (each for module in modules for each in vars(module).values() if isinstance(each, Scenario))
    names = Counter(each.name for each in found)

    assert [name for name, count in names.items() if count > 1] == []
    assert set(names) == set(SCENARIOS)


@EVERY
def test_a_scenario_tells_in_sentences_what_happens(scenario: Scenario) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", scenario.name)
    assert scenario.says.endswith(".")


@EVERY
def test_what_must_be_seen_and_what_is_known_to_fail_are_checkers(scenario: Scenario) -> None:
    known = chain.from_iterable(each.checkers for each in scenario.known)

    assert scenario.must_see <= NAMES
    assert set(known) <= NAMES | {PLAY}


@EVERY
def test_links_are_whole_and_lead_somewhere(scenario: Scenario) -> None:
    for link in (scenario.link, *(each.link for each in scenario.known)):
        if link.startswith("docs/"):
            assert (ROOT / link.partition("#")[0]).is_file()
        else:
            assert not link or LINK.fullmatch(link)


@EVERY
def test_what_is_known_is_told_in_a_sentence_and_shown_by_a_checker(scenario: Scenario) -> None:
    assert all(each.why.endswith(".") and each.tries > 0 for each in scenario.known)
    assert all(not each.shown_by or each.shown_by in each.checkers for each in scenario.known)


@EVERY
def test_a_scenario_fits_its_topologies_and_members(scenario: Scenario) -> None:
    for topology in scenario.topologies:
        for subject in scenario.all_subjects:
            loaded = load(topology, overrides=scenario.settings, subject=subject)
            assert loaded.topology.tickets


def test_a_suite_plays_a_scenario_with_its_own_members_and_extended_with_the_others() -> None:
    failover = SCENARIOS["split_leader"]

    assert catalogue.suite("standard")[failover] == failover.subjects == ("python",)
    assert catalogue.suite("extended")[failover] == failover.also != ()
    assert failover.all_subjects == (*failover.subjects, *failover.also)
    assert failover.all_suites == ("extended", "standard")


def test_all_members_that_the_suites_know_are_played_by_one() -> None:
    played = Counter(
        (each.name, who)
        for name in catalogue.suites()
        for each, subjects in catalogue.suite(name).items()
        for who in subjects
    )

    assert set(played.values()) == {1}
    assert set(played) == {
        (each.name, who) for each in SCENARIOS.values() if each.suites for who in each.all_subjects
    }


# what went wrong in the field


@pytest.mark.parametrize("entry", ENTRIES, ids=[each.id for each in ENTRIES])
def test_each_report_has_a_scenario_or_a_reason(entry: Entry) -> None:
    assert bool(page.answering(entry)) != bool(entry.instead)
    assert all(LINK.fullmatch(each) for each in entry.links)
    for file in re.findall(r"`([\w/.]+)`", entry.instead):
        assert (ROOT / file).exists()


def test_each_link_of_a_scenario_leads_to_a_report() -> None:
    told = {link for entry in ENTRIES for link in entry.links}

    assert {each.link for each in SCENARIOS.values() if each.link} <= told


def test_no_report_is_told_twice() -> None:
    links = Counter(link for entry in ENTRIES for link in entry.links)

    assert [link for link, count in links.items() if count > 1] == []


def test_the_page_tells_what_the_catalogue_has() -> None:
    written = (ROOT / page.PAGE).read_text(encoding="utf-8")

    assert written == page.text() + "\n", f"write it again: {page.COMMAND}"
