"""docs/tutorial/walkthrough.md tells what a bring-up does today, and is written from nothing less."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import transcript
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.provision import article
from boothlab.engine.steps import Record, Step
from boothlab.engine.topology.load import load
from boothlab.engine.transcript import Transcript
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from types import ModuleType


def script() -> ModuleType:
    """Return docs/tutorial/write.py, which is no part of a package."""
    path = Path(__file__).parents[2] / "docs" / "tutorial" / "write.py"
    spec = importlib.util.spec_from_file_location("boothlab_tutorial", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


write = script()
DIFFICULT = "## 3. A heading\n# a comment\nOn clusterA-1:\n"
"""Output that looks like the walkthrough around it."""


def bring_up(
    distribution: str = "debian12", *, output: str = "done", overrides: tuple[str, ...] = ()
) -> Transcript:
    """Return the transcript of a bring-up in which every command printed the same."""
    steps = article.steps(load("three-site", overrides=overrides).topology, DISTRIBUTIONS[distribution])
    return Transcript(
        lab="three-site",
        distribution=distribution,
        provision="pcs",
        started_at="2026-11-22T10:00:00Z",
        phases=(),
        records=tuple(Record(step, output, 0, 0.0, 0.1) for step in steps),
        complete=True,
    )


def with_steps(kept: Transcript, *steps: Step) -> Transcript:
    """Return a transcript of other steps."""
    return kept.model_copy(update={"records": tuple(Record(step, "", 0, 0.0, 0.1) for step in steps)})


def test_the_walkthrough_in_the_docs_is_what_a_bring_up_does_today() -> None:
    write.main(["--check"])


@pytest.mark.parametrize("distribution", sorted(DISTRIBUTIONS))
@pytest.mark.parametrize("output", ["", "done", DIFFICULT])
def test_a_fresh_walkthrough_is_current_whatever_the_commands_printed(distribution: str, output: str) -> None:
    write.require_current(write.walkthrough(bring_up(distribution, output=output)))


def test_different_output_does_not_make_a_walkthrough_stale() -> None:
    write.require_current(write.walkthrough(bring_up(output="done")).replace("done", "finished at 10:42"))


def test_a_changed_command_makes_a_walkthrough_stale_and_is_named() -> None:
    text = write.walkthrough(bring_up())

    with pytest.raises(BoothlabError, match=r"(?s)pcs booth synch.*today.*pcs booth sync"):
        write.require_current(text.replace("# pcs booth sync\n", "# pcs booth synch\n"))


def test_a_command_on_another_node_makes_a_walkthrough_stale() -> None:
    text = write.walkthrough(bring_up())

    with pytest.raises(BoothlabError, match=r"on clusterA-2: pcs booth setup"):
        write.require_current(
            text.replace(
                "On clusterA-1:\n\n```console\n# pcs booth setup",
                "On clusterA-2:\n\n```console\n# pcs booth setup",
            )
        )


@pytest.mark.parametrize("missing", [0, 20, -1])
def test_a_missing_step_makes_a_bring_up_unfit_for_the_tutorial(missing: int) -> None:
    kept = bring_up()
    told = [record.step for record in kept.records if record.step.kind != "wait"]
    del told[missing]

    with pytest.raises(BoothlabError, match="not what a bring-up does today"):
        write.walkthrough(with_steps(kept, *told))


def test_a_step_too_many_makes_a_bring_up_unfit_for_the_tutorial() -> None:
    kept = bring_up()
    steps = [record.step for record in kept.records]
    extra = replace(steps[-1], name="extra", title="Celebrate", command="echo hurray", kind="article")

    with pytest.raises(BoothlabError, match=r"(?s)echo hurray.*today +nothing more"):
        write.walkthrough(with_steps(kept, *steps, extra))


def test_ticket_times_of_ones_own_make_a_bring_up_unfit_for_the_tutorial() -> None:
    with pytest.raises(BoothlabError, match="expire=240"):
        write.walkthrough(bring_up(overrides=("apacheticket.expire=240",)))


def test_a_bring_up_that_failed_is_refused() -> None:
    with pytest.raises(BoothlabError, match="did not come to a good end"):
        write.walkthrough(bring_up().model_copy(update={"complete": False}))


def test_a_bring_up_without_pcs_is_refused() -> None:
    with pytest.raises(BoothlabError, match="not provisioned with pcs but direct"):
        write.walkthrough(bring_up().model_copy(update={"provision": "direct"}))


def test_a_walkthrough_that_does_not_say_what_it_was_made_on_is_refused() -> None:
    text = write.walkthrough(bring_up())

    with pytest.raises(BoothlabError, match="does not say on which nodes"):
        write.require_current(text.replace("debian12 nodes. Do not edit", "amiga nodes. Do not edit"))


def test_a_walkthrough_that_is_not_there_fails_the_check(tmp_path: Path) -> None:
    with pytest.raises(BoothlabError, match=r"there is no walkthrough.md"):
        write.main(["--check"], target=tmp_path / "walkthrough.md")


def test_the_walkthrough_is_written_from_the_recorded_bring_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTHLAB_STATE", str(tmp_path / "state"))
    transcript.save(bring_up(output="what it printed"))

    write.main([], target=tmp_path / "walkthrough.md")

    assert "# pcs booth sync\nwhat it printed" in (tmp_path / "walkthrough.md").read_text()
    write.main(["--check"], target=tmp_path / "walkthrough.md")
