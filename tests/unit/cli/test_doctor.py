"""What ``boothlab doctor`` tells, on the terminal and as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from boothlab.cli.doctor import NO_IMAGES, Report, as_data, doctor, show
from boothlab.engine.capabilities import TRIALS, Ability, Capabilities
from boothlab.engine.preflight import Finding

if TYPE_CHECKING:
    from pathlib import Path

ABLE = Capabilities(**{trial.name: Ability(available=True) for trial in TRIALS})
WITHOUT_NETEM = replace(ABLE, netem=Ability(available=False, reason="Specified qdisc kind is unknown."))
FINE = Finding("ok", "engine", "Docker Engine 20.10.24")
TIGHT = Finding("warning", "memory", "little memory", "end something")
CLASH = Finding("error", "subnet.lab", "lab yours has the subnets", "boothlab down --lab yours")


def shown(report: Report) -> str:
    console = Console(file=io.StringIO(), width=120)
    show(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class TestReport:
    def test_every_finding_has_its_mark_and_the_remedy_below(self) -> None:
        lines = shown(Report((FINE, TIGHT, CLASH), ABLE)).splitlines()

        assert " ✓ Docker Engine 20.10.24" in lines
        assert lines[lines.index(" ! little memory") + 1].strip() == "end something"
        assert lines[lines.index(" ✗ lab yours has the subnets") + 1].strip() == "boothlab down --lab yours"

    def test_what_the_kernel_cannot_do_is_told_with_the_reason(self) -> None:
        lines = shown(Report((), WITHOUT_NETEM)).splitlines()

        (netem,) = [line for line in lines if "tc netem" in line]
        (tbf,) = [line for line in lines if "tc tbf" in line]
        assert netem.startswith(" ✗")
        assert netem.endswith("Specified qdisc kind is unknown.")
        assert tbf.startswith(" ✓")

    def test_without_images_the_impairments_are_unknown_and_it_says_how_to_know(self) -> None:
        text = shown(Report((FINE,), None, NO_IMAGES))

        assert "unknown until the images are built" in text
        assert "netem" not in text

    def test_text_in_brackets_is_not_taken_for_markup(self) -> None:
        assert "cannot [red] do" in shown(Report((replace(TIGHT, what="cannot [red] do"),), None, "no"))

    @pytest.mark.parametrize(
        ("findings", "healthy"), [((FINE, TIGHT), True), ((FINE, CLASH), False), ((), True)]
    )
    def test_only_errors_keep_a_lab_from_starting(self, findings: tuple[Finding, ...], healthy: bool) -> None:
        assert Report(findings, ABLE).healthy is healthy

    def test_json_has_the_same_content(self) -> None:
        data = as_data(Report((CLASH,), WITHOUT_NETEM))

        assert data["findings"][0]["remedy"] == "boothlab down --lab yours"
        impairments = {each["name"]: each for each in data["impairments"]}
        assert impairments["netem"]["available"] is False
        assert impairments["netem"]["reason"] == "Specified qdisc kind is unknown."
        assert impairments["tbf"]["available"] is True
        assert len(impairments) == len(TRIALS)

    def test_in_json_the_unknown_is_null_and_not_false(self) -> None:
        impairments = as_data(Report((), None, NO_IMAGES))["impairments"]

        assert {each["available"] for each in impairments} == {None}
        assert {each["reason"] for each in impairments} == {NO_IMAGES}


class TestCommand:
    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        return CliRunner()

    @pytest.fixture
    def app(self) -> typer.Typer:
        app = typer.Typer()
        app.command()(doctor)
        return app

    def test_a_missing_engine_is_an_error_with_its_remedy(self, run: CliRunner, app: typer.Typer) -> None:
        result = run.invoke(app, ["three-site"])

        assert result.exit_code == 1
        assert "✗ no Docker engine answers" in result.stdout
        assert "unset DOCKER_HOST" in result.stdout
        assert "unknown while no engine answers" in result.stdout

    def test_json_is_one_document_and_the_exit_code_is_the_same(
        self, run: CliRunner, app: typer.Typer
    ) -> None:
        result = run.invoke(app, ["three-site", "--json"])

        assert result.exit_code == 1
        data = json.loads(result.stdout)
        assert data["lab"] == "three-site"
        assert data["findings"][0]["code"] == "engine.silent"
