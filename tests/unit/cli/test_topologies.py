"""``boothlab topologies``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from boothlab.cli.topologies import topologies
from boothlab.engine.topology.load import UnknownTopologyError
from boothlab.engine.topology.schema import schema

RIGHT = Path(__file__).parents[1] / "engine" / "topology" / "data" / "right.yaml"


@pytest.fixture
def app() -> typer.Typer:
    """Return a command line that has only this verb."""
    found = typer.Typer()
    found.command()(topologies)
    return found


def _run(app: typer.Typer, *arguments: str) -> Any:  # noqa: ANN401 - typer does not name its result
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_the_list_has_a_line_for_each_topology(app: typer.Typer) -> None:
    title, *lines = _run(app).output.splitlines()

    assert title.split() == ["name", "cluster", "provision", "members"]
    assert [line.split()[0] for line in lines] == [
        "five-member",
        "single-node-sites",
        "standalone",
        "standalone-five",
        "three-site",
        "three-site-fast",
        "three-site-mixed",
        "three-site-python",
    ]
    article = next(line for line in lines if line.startswith("three-site "))
    assert article.rstrip().split(maxsplit=6) == [
        "three-site",
        "pacemaker",
        "pcs",
        "A",
        "B",
        "(C)",
        "the article's two sites and arbitrator, set up with pcs",
    ]


def test_the_list_as_json_says_the_same_and_more(app: typer.Typer) -> None:
    listed = {each["name"]: each for each in json.loads(_run(app, "--json").output)}

    article = listed["three-site"]
    assert Path(article.pop("path")).name == "three-site.yaml"
    assert article == {
        "name": "three-site",
        "description": "the article's two sites and arbitrator, set up with pcs",
        "cluster": "pacemaker",
        "provision": "pcs",
        "distribution": ["rocky9", "rocky8", "debian12"],
        "sites": ["A", "B"],
        "arbitrators": ["C"],
        "nodes": ["clusterA-1", "clusterA-2", "clusterB-1", "clusterB-2", "arbitrator"],
        "tickets": ["apacheticket"],
    }


def test_the_schema_is_printed_for_editors(app: typer.Typer) -> None:
    assert json.loads(_run(app, "--schema").output) == schema()


def test_a_check_of_what_is_shipped_finds_nothing(app: typer.Typer) -> None:
    result = _run(app, "--check")

    assert result.exit_code == 0
    assert all(line.endswith(": nothing is wrong") for line in result.output.splitlines())
    assert len(result.output.splitlines()) == 8


def test_a_check_tells_every_problem_of_every_file_and_fails(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = RIGHT.read_text()
    Path("bad.yaml").write_text(text.replace("expire: 120", "expires: 120"))
    Path("worse.yaml").write_text(text.replace("granted: A", "granted: D").replace("[web]", "[wob]"))

    result = _run(app, "--check", "bad.yaml", str(RIGHT), "worse.yaml")

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "bad.yaml:26: tickets.t.expires: is unknown here; write expire",
        f"{RIGHT}: nothing is wrong",
        "worse.yaml:28: tickets.t.resources[0]: there is no resource group 'wob'; write web",
        "worse.yaml:29: tickets.t.granted: there is no site 'D'; write A or B",
    ]


def test_warnings_are_told_and_do_not_fail_a_check(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lab.yaml").write_text(RIGHT.read_text().replace("sites:\n", "  d: {subnet: 10.9.0.0/24}\nsites:\n"))

    result = _run(app, "--check", "lab.yaml")

    assert result.exit_code == 0
    assert result.output.startswith("lab.yaml:6: warning: networks.d: no member is in this network")


def test_a_check_as_json_is_for_programs(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(RIGHT.read_text().replace("expire: 120", "expires: 120"))

    result = _run(app, "--check", "--json", "bad.yaml", "standalone")

    assert result.exit_code == 1
    assert json.loads(result.output) == [
        {
            "topology": "bad.yaml",
            "usable": False,
            "problems": [
                {
                    "severity": "error",
                    "where": "bad.yaml:26",
                    "path": "tickets.t.expires",
                    "message": "is unknown here",
                    "remedy": "write expire",
                }
            ],
        },
        {"topology": "standalone", "usable": True, "problems": []},
    ]


def test_files_without_a_check_are_a_mistake_that_is_told(app: typer.Typer) -> None:
    result = _run(app, "lab.yaml")

    assert result.exit_code == 2
    assert "files are for" in result.output


def test_an_unknown_name_is_the_loaders_error(app: typer.Typer) -> None:
    with pytest.raises(UnknownTopologyError, match="standalone"):
        _run(app, "--check", "standalon")
