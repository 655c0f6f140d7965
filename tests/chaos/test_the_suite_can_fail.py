"""The chaos suite finds each of these mistakes, by the right checker, and nothing where there is none.

Every broken daemon is boothlab's own with one small patch, put in place as a vendor's is. It
plays a scenario that anybody's daemon would be played: nothing here knows what is wrong with it.
"""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from chaos import builds
from chaos.proofs import PROOFS, Proof

from boothlab.checkers.verdict import Status
from boothlab.report.folder import RunFolder
from boothlab.scenarios.outcome import Outcome

if TYPE_CHECKING:
    from chaos.conftest import Play

    from boothlab.scenarios.outcome import Run


def subject(proof: Proof) -> str:
    """Return who runs what, as ``--subject`` takes it."""
    broken = builds.implementation(proof.broken)
    return ",".join(f"{member}={broken if member in proof.at else 'python'}" for member in "ABC")


def every_proof() -> list[object]:
    return [
        pytest.param(
            each,
            id=f"{each.broken}-{each.scenario}",
            marks=() if each.always else pytest.mark.matrix,
        )
        for each in PROOFS
    ]


def every_scenario() -> list[object]:
    always = {each.scenario for each in PROOFS if each.always}
    names = dict.fromkeys(each.scenario for each in PROOFS)
    return [pytest.param(each, marks=() if each in always else pytest.mark.matrix) for each in names]


@pytest.mark.parametrize("proof", every_proof())
def test_a_mistake_is_found(play: Play, proof: Proof) -> None:
    run = play(proof.scenario, subject(proof))
    verdict = run.judgement.verdicts[proof.checker]
    told = f"{builds.says(proof.broken)}\n{run.judgement}\n{run.folder}"
    assert verdict.status is Status.INVALID, told
    assert verdict.evidence, told
    assert run.outcome is Outcome.FAILED
    assert_reported(run, proof.checker, verdict.summary)


def assert_reported(run: Run, checker: str, summary: str) -> None:
    """Check that everything a run leaves names the checker, and says what it says."""
    folder = RunFolder(run.folder)
    (kept,) = [each for each in json.loads(folder.verdicts.read_text()) if each["name"] == checker]
    assert (kept["status"], kept["summary"]) == ("invalid", summary)
    cases = ET.parse(folder.junit).getroot().iter("testcase")  # noqa: S314 - our own
    (failure,) = [each.find("failure") for each in cases if each.get("name") == checker]
    assert failure is not None
    assert failure.get("message") == summary
    page = unescape(folder.page.read_text())
    assert checker in page
    assert summary in page


@pytest.mark.parametrize("scenario", every_scenario())
def test_without_a_mistake_nothing_is_found(play: Play, scenario: str) -> None:
    run = play(scenario, "python")
    assert run.outcome is Outcome.PASSED, f"{run.judgement}\n{run.folder}"
