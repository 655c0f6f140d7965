"""Scenarios as people play them: on the command line, with what a run leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from typer.testing import CliRunner

from boothlab.checkers.verdict import Status
from boothlab.cli.main import app
from boothlab.engine import bringup, host, names, teardown
from boothlab.engine.progress import SilentProgress
from boothlab.engine.topology.load import load
from boothlab.engine.waits import wait_until
from boothlab.history import store
from boothlab.history.observations import BoothView, CibWrite, PeersView
from boothlab.history.records import Fault, Operation, Packet
from boothlab.report.folder import RunFolder
from boothlab.scenarios.campaign import SUMMARY, Campaign
from boothlab.scenarios.catalogue import scenario_named
from boothlab.scenarios.outcome import Outcome
from boothlab.scenarios.runner import Wish
from boothlab.scenarios.scenario import STANDALONE

if TYPE_CHECKING:
    from click.testing import Result

    from boothlab.pytest_plugin import Labs
    from boothlab.scenarios.outcome import Run

pytestmark = [pytest.mark.docker, pytest.mark.slow]

LIMIT_S: Final = 90.0
"""How long a busy machine may take until a lab is up, or gone."""
SCHEDULE = """\
duration_ms: 5000
faults:
  - {at_ms: 200, lasts_ms: 100, fault: loss, from: [A], to: [A], percent: 50}
  - {at_ms: 500, lasts_ms: 1500, fault: partition, members: [B]}
  - {at_ms: 3000, fault: restart-booth, at: [C]}
"""


@pytest.fixture
def runs(tmp_path: Path, boothlab_labs: Labs) -> Path:
    """Return where runs go, with no other lab in the way of those that are brought up."""
    boothlab_labs.close()  # it has the same subnets
    return tmp_path / "runs"


def chaos(*words: str) -> Result:
    return CliRunner().invoke(app, ["chaos", *words])


def only_run(runs: Path) -> RunFolder:
    (folder,) = (each for each in runs.iterdir() if each.is_dir())
    return RunFolder(folder)


def test_a_run_leaves_all_that_tells_what_happened(runs: Path, tmp_path: Path) -> None:
    xml = tmp_path / "chaos.xml"

    result = chaos(
        "run", "split_leader", "--subject", "python", "--runs", str(runs), "--junit", str(xml), "--json"
    )

    assert result.exit_code == 0, result.output
    (told,) = json.loads((runs / SUMMARY).read_text())
    assert (told["scenario"], told["outcome"]) == ("split_leader", "passed")
    folder = only_run(runs)
    history = store.read(folder.history)
    assert history.finished
    assert {each.name for each in history.of(Fault)} == {"partition"}
    assert all(history.of(kind) for kind in (BoothView, CibWrite, PeersView, Operation, Packet))
    assert folder.report().status is Status.VALID
    assert folder.capture.stat().st_size > 1000
    assert "split_leader" in folder.page.read_text()
    assert 'name="exclusive-grants"' in xml.read_text()
    assert sorted(path.name for path in folder.logs.iterdir()) == [
        "arbitrator.log",
        "boothA.log",
        "boothB.log",
    ]


def test_a_schedule_that_somebody_wrote_is_played_and_can_be_cut_down(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SCHEDULE)
    first, second = runs / "first", runs / "second"

    played = chaos("play", str(file), "--runs", str(first))
    folder = only_run(first)
    kept = folder.path / "schedule.jsonl"
    head, *_, restart = kept.read_text().splitlines()
    kept.write_text(f"{head}\n{restart}\n")
    again = chaos("replay", str(folder.path), "--runs", str(second))

    assert played.exit_code == 0, played.output
    refused = next(each for each in store.read(folder.history).of(Fault) if each.name == "loss")
    assert "no packets pass the router" in refused.failed
    assert refused.instant, "or it would trouble everything until the end"
    assert again.exit_code == 0, again.output
    faults = [each.name for each in store.read(only_run(second).history).of(Fault)]
    assert faults == ["restart-booth"]


def test_nobody_else_touches_the_lab_meanwhile_and_a_cancelled_run_leaves_none(runs: Path) -> None:
    client = host.ensure_engine(SilentProgress())
    command = [Path(sys.executable).with_name("boothlab"), "chaos", "run", "split_leader", "--runs", runs]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as playing:
        try:
            wait_until(lambda: [*runs.glob("*/history.jsonl")], what="it is played", limit_s=LIMIT_S)
            refused = CliRunner().invoke(app, ["down", "--lab", "standalone"])
            playing.terminate()
            code = playing.wait(timeout=LIMIT_S)
        finally:
            playing.kill()

    assert "another process" in str(refused.exception)
    assert code > 0, "it ended by itself, in order"
    assert "standalone" not in teardown.labs_with_remains(client)
    assert json.loads((runs / SUMMARY).read_text()) == []


def test_a_lab_that_a_run_leaves_in_ruins_is_built_anew(runs: Path) -> None:
    client = host.ensure_engine(SilentProgress())
    ruined: list[str] = []

    def ruin(run: Run) -> None:
        if not ruined:
            client.containers.get(names.container_name("standalone", "boothB")).remove(force=True)
            ruined.append(run.scenario.name)

    wish = Wish(scenario_named("client_exit_codes"), "standalone")
    done = Campaign(runs, SilentProgress(), ruin).play([wish, wish])

    assert ruined
    assert [run.outcome for run in done] == [Outcome.PASSED] * 2


def test_a_lab_that_somebody_uses_is_left_alone_and_one_that_a_run_left_is_not(runs: Path) -> None:
    client = host.ensure_engine(SilentProgress())
    scenario = ("run", "client_exit_codes", "--subject", "python", "--runs", str(runs))
    mine = bringup.up(client, load("standalone").topology, SilentProgress())
    refused = chaos(*scenario)
    mine_is_up = mine.is_ready()
    teardown.down(client, mine.name, SilentProgress())
    kept, again = chaos(*scenario, "--keep"), chaos(*scenario)

    assert "lab standalone is up" in str(refused.exception)
    assert mine_is_up
    assert (kept.exit_code, again.exit_code) == (0, 0), kept.output + again.output
    assert "runs 1: passed 1" in again.output
    assert "standalone" not in teardown.labs_with_remains(client)


def test_a_run_that_could_not_be_watched_is_played_once_more(runs: Path) -> None:
    impatient = replace(STANDALONE, observation_gap_ms=0)  # nobody looks as often as that
    unwatched = replace(scenario_named("client_exit_codes"), bounds=impatient)
    done = Campaign(runs, SilentProgress()).play([Wish(unwatched, "standalone")])

    assert [run.outcome for run in done] == [Outcome.FAILED], "what cannot be told does not pass"
    assert len([each for each in runs.iterdir() if each.is_dir()]) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "split_leadr"], "there is no scenario split_leadr"),
        (["run", "grant", "--topology", "nowhere"], "there is no topology 'nowhere'"),
        (["replay", "nowhere"], "nowhere tells of no run"),
        (["play", "nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_what_cannot_be_played_is_told_before_anything_is_built(words: list[str], message: str) -> None:
    result = chaos(*words)

    assert result.exit_code == 1
    assert message in str(result.exception)
