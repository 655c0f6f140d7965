"""Direct provisioning: what each node is given before it starts, and what is waited for then."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree as ET

import pytest

from boothlab.engine import booth_conf
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.files import HACLUSTER, File
from boothlab.engine.provision import direct
from boothlab.engine.steps import Record, perform
from boothlab.engine.topology.load import available, load

PACEMAKER = [path.stem for path in available() if not path.stem.startswith("standalone")]
WANTED = "/etc/systemd/system/multi-user.target.wants"


@cache
def given(name: str = "three-site-fast", *overrides: str) -> dict[str, dict[str, File]]:
    """Return each node's files by path."""
    found = direct.files(load(name, overrides=overrides).topology, DISTRIBUTIONS["debian12"])
    return {node: {file.path: file for file in files} for node, files in found.items()}


@pytest.mark.parametrize("name", PACEMAKER)
def test_every_node_gets_files_and_no_path_twice(name: str) -> None:
    topology = load(name).topology
    found = direct.files(topology, DISTRIBUTIONS["debian12"])

    assert set(found) == set(topology.hosts())
    for files in found.values():
        assert len({file.path for file in files}) == len(files)
        assert all(file.path.startswith("/") for file in files)


def test_all_members_share_booths_configuration_and_key() -> None:
    topology = load("three-site-fast").topology
    for path in (booth_conf.conf_path(topology), booth_conf.key_path(topology)):
        assert len({files[path].content for files in given().values()}) == 1


def test_the_key_of_a_cluster_is_its_own() -> None:
    keys = {
        node: files["/etc/corosync/authkey"].content
        for node, files in given().items()
        if node != "arbitrator"
    }

    assert keys["clusterA-1"] == keys["clusterA-2"] != keys["clusterB-1"] == keys["clusterB-2"]
    assert all(len(key) == 256 for key in keys.values())


def test_secrets_are_for_their_readers_alone() -> None:
    rights = {path: (file.mode, file.owner) for path, file in given()["clusterA-1"].items()}

    assert rights["/etc/corosync/authkey"] == (0o400, (0, 0))
    assert rights["/etc/pacemaker/authkey"] == (0o400, HACLUSTER)
    assert rights["/etc/booth/booth.key"] == (0o600, HACLUSTER)
    assert rights["/var/lib/pacemaker/cib/cib.xml"] == (0o600, HACLUSTER)


def test_each_site_has_its_own_cib_and_page() -> None:
    for node, address, site in [
        ("clusterA-2", "192.168.101.110", "A"),
        ("clusterB-2", "192.168.102.110", "B"),
    ]:
        files = given()[node]
        cib = ET.fromstring(str(files["/var/lib/pacemaker/cib/cib.xml"].content))  # noqa: S314 - our own
        assert address in [pair.get("value") for pair in cib.iter("nvpair")]
        assert f"site {site} " in str(files["/var/www/html/index.html"].content)


def test_cluster_nodes_start_the_cluster_and_the_arbitrator_starts_booth() -> None:
    enabled = {
        node: {
            path.rpartition("/")[2] for path, file in files.items() if path.startswith(WANTED) and file.link
        }
        for node, files in given("three-site-fast", "booth.name=geo").items()
    }

    assert enabled["clusterA-1"] == enabled["clusterB-2"] == {"corosync.service", "pacemaker.service"}
    assert enabled["arbitrator"] == {"booth@geo.service"}


@pytest.mark.parametrize("name", PACEMAKER)
def test_only_waits_come_before_the_grant_and_it_waits_for_every_member(name: str) -> None:
    topology = load(name).topology
    steps = direct.steps(topology)
    grant = next(step for step in steps if step.name.startswith("grant "))

    assert {step.kind for step in steps if step is not grant} == {"wait"}
    assert set(grant.needs) == {f"booth {member.name}" for member in topology.members}
    assert len({step.name for step in steps}) == len(steps)
    assert [record.step for record in perform(steps, lambda step: Record(step, "", 0, 0, 0))] == steps
