"""Which Booth lies in a node, and which of them the node runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import implementations
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from boothlab.engine.files import File
    from boothlab.engine.topology.model import Topology

HOME = implementations.FOLDER
STANDALONE = Path(__file__).parents[3] / "lab" / "topologies" / "standalone.yaml"
VENDORS = """
implementations:
  acme:
    boothd: /opt/acme/bin/boothd --quiet
    files: {/opt/acme: build, /etc/acme.conf: acme.conf}
  umbrella: {image: umbrella/booth-node}
"""


def found(topology: Topology, distribution: str = "debian12") -> dict[str, dict[str, File]]:
    """Return each node's files by path."""
    given = implementations.files(topology, DISTRIBUTIONS[distribution])  # type: ignore[index]
    assert all(len({file.path for file in files}) == len(files) for files in given.values())
    return {node: {file.path: file for file in files} for node, files in given.items()}


def links(files: dict[str, File]) -> dict[str, str | None]:
    """Return what the programs in place lead to."""
    return {path: file.link for path, file in files.items() if path.startswith("/usr/sbin/")}


def all_of(implementation: str) -> dict[str, str]:
    return {
        f"/usr/sbin/{name}": f"{HOME}/{implementation}/{name}" for name in ("boothd", "booth", "geostore")
    }


@pytest.fixture
def vendors(tmp_path: Path) -> Path:
    """Return a topology's file that defines two vendors' implementations."""
    (tmp_path / "build" / "bin").mkdir(parents=True)
    (tmp_path / "build" / "bin" / "boothd").write_bytes(b"\x7fELF")
    (tmp_path / "build" / "bin" / "boothd").chmod(0o755)
    (tmp_path / "build" / "rules.txt").write_text("rules")
    (tmp_path / "build" / "rules.txt").chmod(0o640)
    (tmp_path / "acme.conf").write_text("conf")
    file = tmp_path / "lab.yaml"
    file.write_text(STANDALONE.read_text() + VENDORS)
    return file


def test_a_lab_of_clusterlabs_booth_leaves_the_images_programs_in_place() -> None:
    for files in found(load("three-site").topology).values():
        assert links(files) == {}


@pytest.mark.parametrize("name", ["standalone", "three-site", "three-site-python", "three-site-mixed"])
def test_boothlabs_own_booth_lies_in_every_node_whoever_runs_it(name: str) -> None:
    topology = load(name).topology

    assert found(topology).keys() == set(topology.hosts())
    for files in found(topology).values():
        assert files[f"{HOME}/python/boothd"].mode == 0o755
        assert {files[f"{HOME}/python/{program}"].link for program in ("booth", "geostore")} == {"boothd"}


@pytest.mark.parametrize(
    ("distribution", "interpreter"),
    [("debian12", "/usr/bin/python3"), ("rocky8", "/usr/bin/python3.11"), ("rocky9", "/usr/bin/python3.11")],
)
def test_it_is_run_by_the_distributions_python_and_nothing_from_the_environment(
    distribution: str, interpreter: str
) -> None:
    program = found(load("three-site").topology, distribution)["clusterA-1"][f"{HOME}/python/boothd"].content

    assert isinstance(program, bytes)
    assert program.startswith(f"#!{interpreter} -IS\n".encode())


def test_every_node_of_a_member_runs_the_members_implementation() -> None:
    nodes = found(load("three-site-mixed").topology)

    assert {node for node, files in nodes.items() if links(files) == all_of("python")} == {
        "clusterB-1",
        "clusterB-2",
    }
    assert links(nodes["clusterA-1"]) == links(nodes["arbitrator"]) == {}


def test_a_vendors_command_is_run_with_all_arguments_and_clusterlabs_clients_stand_in(vendors: Path) -> None:
    files = found(load(vendors, subject="A=acme").topology)["boothA"]

    assert links(files) == all_of("acme")
    assert files[f"{HOME}/acme/boothd"].content == '#!/bin/sh\nexec /opt/acme/bin/boothd --quiet "$@"\n'
    assert files[f"{HOME}/acme/boothd"].mode == 0o755
    assert files[f"{HOME}/acme/booth"].link == f"{HOME}/clusterlabs/booth"
    assert files[f"{HOME}/acme/geostore"].link == f"{HOME}/clusterlabs/geostore"


def test_a_vendors_files_and_folders_lie_in_every_node_as_they_are_here(vendors: Path) -> None:
    for files in found(load(vendors, subject="A=acme").topology).values():
        theirs = {path: file for path, file in files.items() if "acme" in path and HOME not in path}
        assert {path: (file.content, file.mode) for path, file in theirs.items() if file.link is None} == {
            "/opt/acme/bin/boothd": (b"\x7fELF", 0o755),
            "/opt/acme/rules.txt": (b"rules", 0o640),
            "/etc/acme.conf": (b"conf", (vendors.parent / "acme.conf").stat().st_mode & 0o777),
        }


def test_an_implementation_that_no_member_runs_is_left_out(vendors: Path) -> None:
    assert not any("acme" in path for files in found(load(vendors).topology).values() for path in files)


def test_an_image_keeps_its_own_programs(vendors: Path) -> None:
    files = found(load(vendors, subject="umbrella").topology)["boothA"]

    assert links(files) == {}
    assert not any("umbrella" in path for path in files)
