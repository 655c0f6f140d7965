"""Who observes what, and by which names."""

from __future__ import annotations

import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.parsers.booth import site_id
from boothlab.engine.topology.load import load
from boothlab.observers import observers_of
from boothlab.observers.subjects import Names


def test_a_standalone_lab_has_daemons_and_cibs_that_are_watched() -> None:
    topology = load(lab_folder() / "topologies" / "standalone.yaml").topology

    assert [(each.name, each.period_ms is None) for each in observers_of(topology)] == [
        ("booth@A", False),
        ("booth@B", False),
        ("booth@C", False),
        ("cib@A", True),
        ("cib@B", True),
    ]


def test_one_with_pacemaker_has_resources_too() -> None:
    topology = load(lab_folder() / "topologies" / "three-site.yaml").topology

    names = [each.name for each in observers_of(topology)]
    assert names[-2:] == ["resources@A", "resources@B"]


def test_members_are_known_by_address_by_number_and_by_node() -> None:
    names = Names(load(lab_folder() / "topologies" / "three-site.yaml").topology)

    assert names.leader("192.168.102.100") == "B"
    assert names.owner(site_id("192.168.102.100")) == "B"
    assert names.by_node["clusterB-2"] == "B"


@pytest.mark.parametrize("number", [None, -1, 0, 0xFFFFFFFF])
def test_some_owners_are_nobody(number: int | None) -> None:
    names = Names(load(lab_folder() / "topologies" / "standalone.yaml").topology)

    assert names.owner(number) is None
    assert names.leader(None) is None
