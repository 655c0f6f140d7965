"""Which runs share a lab."""

from __future__ import annotations

from boothlab.scenarios.campaign import by_lab
from boothlab.scenarios.catalogue import SCENARIOS
from boothlab.scenarios.runner import Wish


def wish(name: str, *settings: str, subject: str = "python") -> Wish:
    scenario = SCENARIOS[name]
    return Wish(scenario, scenario.topologies[0], subject, settings=settings)


def test_runs_that_differ_in_booth_alone_share_a_lab() -> None:
    times = wish("site_cut_off", "apacheticket.expire=60")
    members = wish("site_cut_off", subject="A=python,B=clusterlabs")

    assert by_lab([times, members]) == [[times, members]]


def test_what_only_a_new_bring_up_can_change_takes_a_lab_of_its_own() -> None:
    first, frozen, again = (
        wish("resource_cannot_stop"),
        wish("loss_policy_freeze"),
        wish("resource_cannot_start"),
    )

    assert by_lab([first, frozen, again]) == [[first, again], [frozen]]
