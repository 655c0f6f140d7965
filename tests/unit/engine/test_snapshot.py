"""The known state: what each node keeps, and what is said when one cannot."""

from __future__ import annotations

import re

import pytest

from boothlab.engine import snapshot
from boothlab.engine.runtime import Answer
from boothlab.engine.topology.load import load


class KeepingLab:
    """Remembers what its nodes were told; the node ``full`` cannot."""

    def __init__(self, name: str, full: str | None = None) -> None:
        self.topology = load(name).topology
        self.nodes = tuple(self.topology.hosts())
        self.full = full
        self.told: dict[str, str] = {}

    def run(self, node: str, script: str) -> Answer:
        self.told[node] = script
        return (
            Answer(1, "", "No space left on device\n", 0.1) if node == self.full else Answer(0, "", "", 0.1)
        )


def take(lab: KeepingLab) -> None:
    snapshot.take(lab)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["three-site", "standalone"])
def test_every_node_keeps_booths_files(name: str) -> None:
    lab = KeepingLab(name)
    take(lab)

    assert lab.told.keys() == set(lab.nodes)
    assert all(f"cp -a /etc/booth {snapshot.FOLDER}/booth" in script for script in lab.told.values())


def test_every_node_keeps_which_booth_it_runs_and_gets_it_back() -> None:
    lab = KeepingLab("three-site-mixed")
    take(lab)

    kept, programs = f"{snapshot.FOLDER}/programs", "/usr/sbin/boothd /usr/sbin/booth /usr/sbin/geostore"
    for script in lab.told.values():
        assert f"cp -a {programs} {kept}" in script
    assert f"rm -f {programs} && cp -a {kept}/. /usr/sbin" in snapshot.RESTORE_BOOTH


def test_only_where_pacemaker_runs_there_is_a_cib_to_keep() -> None:
    article, plain = KeepingLab("three-site"), KeepingLab("standalone")
    take(article)
    take(plain)

    keeping = {node for node, script in article.told.items() if re.search(r"cibadmin --query", script)}
    assert keeping == set(article.nodes) - {"arbitrator"}
    assert not any("cibadmin" in script for script in plain.told.values())


def test_a_node_that_cannot_keep_it_is_named_with_what_it_said() -> None:
    with pytest.raises(snapshot.SnapshotError, match=r"clusterB-2 .*No space left on device"):
        take(KeepingLab("three-site", full="clusterB-2"))
