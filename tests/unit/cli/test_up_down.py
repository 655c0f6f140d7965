"""``up``, ``down`` and ``exec``: what they refuse, and which lab they mean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from boothlab.cli import down as cli_down
from boothlab.cli import execute as cli_execute
from boothlab.engine.lab import NoLabError
from boothlab.engine.runtime import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Boothlab = Callable[..., tuple[int, str, str]]


class TestUp:
    def test_all_wrong_settings_are_listed_at_once(self, boothlab: Boothlab) -> None:
        code, out, err = boothlab(
            *("up", "standalone"),
            *("--set", "apacheticket.expir=20"),
            *("--set", "apachetiket.expire=20"),
            *("--set", "sites.A.address=192.168.7.7"),
        )

        assert (code, out) == (1, "")
        for setting in ("apacheticket.expir=20", "apachetiket.expire=20", "sites.A.address=192.168.7.7"):
            assert f"--set {setting}: " in err
        assert "write expire" in err
        assert "write apacheticket" in err

    def test_a_misspelt_topology_gets_the_right_name(self, boothlab: Boothlab) -> None:
        code, _, err = boothlab("up", "three-sit")

        assert code == 1
        assert "did you mean three-site?" in err

    def test_a_file_that_is_not_there_is_named(self, boothlab: Boothlab) -> None:
        code, _, err = boothlab("up", "labs/none.yaml")

        assert code == 1
        assert "labs/none.yaml" in err

    def test_a_file_of_ones_own_is_checked_with_its_lines(self, boothlab: Boothlab, tmp_path: Path) -> None:
        file = tmp_path / "mine.yaml"
        file.write_text("name: mine\nnetworks: {a: {subnet: 10.1.0.0/24}}\nsitez: []\n")
        code, _, err = boothlab("up", str(file))

        assert code == 1
        assert "mine.yaml:3: sitez" in err


class Engines:
    """What ``down`` finds on an engine, and what it removed of it."""

    def __init__(self, *labs: str) -> None:
        self.labs = labs
        self.removed: list[str] = []


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Engines]:
    def having(*labs: str) -> Engines:
        found = Engines(*labs)

        def remove(_client: object, name: str, _progress: object) -> tuple[str, ...]:
            found.removed.append(name)
            return () if name not in labs else (f"boothlab-{name}-router", f"boothlab-{name}-site-a")

        monkeypatch.setattr(cli_down, "connect", lambda: None)
        monkeypatch.setattr(cli_down.teardown, "labs_with_remains", lambda _client: labs)
        monkeypatch.setattr(cli_down.teardown, "down", remove)
        return found

    return having


class TestDown:
    def test_the_only_lab_needs_no_name(self, boothlab: Boothlab, engine: Callable[..., Engines]) -> None:
        found = engine("three-site")

        assert boothlab("down")[:2] == (0, "lab three-site is removed (2 containers and networks)\n")
        assert found.removed == ["three-site"]

    def test_of_several_labs_one_must_be_named(
        self, boothlab: Boothlab, engine: Callable[..., Engines]
    ) -> None:
        found = engine("standalone", "three-site")
        code, _, err = boothlab("down")

        assert code == NoLabError.exit_code
        assert "standalone, three-site" in err
        assert "--all" in err
        assert found.removed == []

    @pytest.mark.parametrize(
        ("options", "removed"),
        [(("--lab", "standalone"), ["standalone"]), (("--all",), ["standalone", "three-site"])],
    )
    def test_it_removes_what_was_named(
        self, options: tuple[str, ...], removed: list[str], boothlab: Boothlab, engine: Callable[..., Engines]
    ) -> None:
        found = engine("standalone", "three-site")

        assert boothlab("down", *options)[0] == 0
        assert found.removed == removed

    @pytest.mark.parametrize("options", [(), ("--all",)])
    def test_nothing_to_remove_is_no_error(
        self, options: tuple[str, ...], boothlab: Boothlab, engine: Callable[..., Engines]
    ) -> None:
        engine()

        assert boothlab("down", *options)[:2] == (0, "there is no lab to remove\n")

    def test_a_lab_of_which_nothing_is_there_is_not_said_to_be_removed(
        self, boothlab: Boothlab, engine: Callable[..., Engines]
    ) -> None:
        engine("three-site")

        assert boothlab("down", "--lab", "three-sit")[:2] == (0, "there is nothing of lab three-sit\n")

    def test_json_tells_what_was_removed(self, boothlab: Boothlab, engine: Callable[..., Engines]) -> None:
        engine("x")

        _, out, _ = boothlab("down", "--json")
        assert json.loads(out) == {"x": ["boothlab-x-router", "boothlab-x-site-a"]}


class TellingLab:
    """A lab whose nodes repeat what they were asked."""

    def run(self, node: str, argv: list[str], *, limit_s: float) -> Answer:
        return Answer(7, f"{node} {argv} {limit_s:g}\n", "and an error\n", 0.1)


class TestExec:
    def test_without_a_command_it_shows_how(self, boothlab: Boothlab) -> None:
        code, _, err = boothlab("exec", "clusterA-1")

        assert code == 1
        assert "no command is given" in err
        assert "boothlab exec clusterA-1 pcs status" in err

    def test_output_errors_and_exit_code_are_the_commands(
        self, boothlab: Boothlab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cli_execute, "connect", lambda: None)
        monkeypatch.setattr(cli_execute, "find", lambda _client, _name: TellingLab())

        assert boothlab("exec", "clusterA-1", "pcs", "status", "--full") == (
            7,
            "clusterA-1 ['pcs', 'status', '--full'] 300\n",
            "and an error\n",
        )

    def test_the_commands_options_are_its_own(
        self, boothlab: Boothlab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cli_execute, "connect", lambda: None)
        monkeypatch.setattr(cli_execute, "find", lambda _client, _name: TellingLab())

        _, out, _ = boothlab("exec", "--limit", "5", "arbitrator", "booth", "list", "--lab", "-h")
        assert out == "arbitrator ['booth', 'list', '--lab', '-h'] 5\n"
