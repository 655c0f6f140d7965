"""From a name or a path to a topology."""

from __future__ import annotations

from pathlib import Path

import pytest

from boothlab.engine.topology.load import UnknownTopologyError, available, load
from boothlab.engine.topology.problems import TopologyError


@pytest.mark.parametrize("as_path", [str, Path], ids=["text", "Path"])
def test_a_path_is_read(as_path: type, right: str, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text(right)

    loaded = load(as_path(file))

    assert loaded.topology.name == "base"
    assert loaded.path == file
    assert loaded.warnings == ()


def test_a_bare_name_is_a_shipped_topology_wherever_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "three-site").mkdir()
    monkeypatch.chdir(tmp_path)

    loaded = load("three-site")

    assert loaded.topology.name == "three-site"
    assert loaded.path in available()


def test_a_name_with_a_suffix_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(TopologyError, match=r"three-site.yaml: cannot be read"):
        load("three-site.yaml")


def test_an_unknown_name_is_told_with_the_one_that_was_meant_and_all_others() -> None:
    with pytest.raises(UnknownTopologyError) as caught:
        load("standalon")

    assert caught.value.message == "there is no topology 'standalon'"
    assert caught.value.remedy == (
        "did you mean standalone? There are five-member, single-node-sites, standalone, standalone-five, "
        "three-site, three-site-fast, three-site-mixed or three-site-python, or the path of a file"
    )


def test_an_error_carries_all_problems_and_the_way_to_check_again(right: str, tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text(right.replace("granted: A", "granted: D").replace("[web]", "[wob]"))

    with pytest.raises(TopologyError) as caught:
        load(file)

    assert [each.path for each in caught.value.problems] == [
        ("tickets", "t", "resources", 0),
        ("tickets", "t", "granted"),
    ]
    assert [each.line for each in caught.value.problems] == [28, 29]
    assert str(caught.value) == (
        f"{file} cannot be used:\n"
        f"  {file}:28: tickets.t.resources[0]: there is no resource group 'wob'; write web\n"
        f"  {file}:29: tickets.t.granted: there is no site 'D'; write A or B\n"
        "  correct this, then check with `boothlab topologies --check FILE`"
    )


def test_files_of_this_machine_are_seen_from_the_topologys_file(
    right: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boothd").write_text("")
    vendor = "implementations:\n  acme: {boothd: /opt/acme/boothd, files: {/opt/acme/boothd: boothd}}\n"
    (tmp_path / "lab.yaml").write_text(right + vendor)
    monkeypatch.chdir("/")

    files = load(tmp_path / "lab.yaml").topology.implementations["acme"].files

    assert files == {"/opt/acme/boothd": str(tmp_path / "boothd")}


def test_files_below_the_working_directory_are_told_by_their_short_path(
    right: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lab.yaml").write_text(right.replace("granted: A", "granted: D"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(TopologyError) as caught:
        load(tmp_path / "lab.yaml")

    assert caught.value.problems[0].where == "lab.yaml:29"
