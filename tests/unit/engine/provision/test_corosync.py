"""corosync.conf, read back as Corosync reads it."""

from __future__ import annotations

from typing import Any

import pytest

from boothlab.engine.provision.corosync import render
from boothlab.engine.topology.load import load


def parsed(text: str) -> dict[str, Any]:
    """Return corosync.conf's sections; a section that repeats becomes a list of them."""
    root: dict[str, Any] = {}
    open_sections = [root]
    for line in filter(None, map(str.strip, text.splitlines())):
        if line == "}":
            open_sections.pop()
        elif line.endswith("{"):
            section: dict[str, Any] = {}
            open_sections[-1].setdefault(line.removesuffix("{").strip(), []).append(section)
            open_sections.append(section)
        else:
            key, value = line.split(": ")
            open_sections[-1][key] = value
    assert open_sections == [root], "braces do not match"
    return root


def conf(name: str, site: str) -> dict[str, Any]:
    return parsed(render(load(name).topology.site(site)))


def test_the_sites_nodes_are_listed_with_their_addresses() -> None:
    (nodelist,) = conf("three-site", "B")["nodelist"]

    assert nodelist["node"] == [
        {"ring0_addr": "192.168.102.101", "name": "clusterB-1", "nodeid": "1"},
        {"ring0_addr": "192.168.102.102", "name": "clusterB-2", "nodeid": "2"},
    ]


@pytest.mark.parametrize(("name", "two_node"), [("three-site", "1"), ("single-node-sites", None)])
def test_two_nodes_keep_quorum_when_one_is_lost_and_one_node_needs_no_such_rule(
    name: str, two_node: str | None
) -> None:
    (quorum,) = conf(name, "A")["quorum"]

    assert quorum["provider"] == "corosync_votequorum"
    assert quorum.get("two_node") == two_node


def test_the_cluster_has_its_name_and_encrypted_traffic() -> None:
    (totem,) = conf("three-site", "A")["totem"]

    assert totem["cluster_name"] == "clusterA"
    assert totem["transport"] == "knet"
    assert (totem["crypto_cipher"], totem["crypto_hash"]) == ("aes256", "sha256")
