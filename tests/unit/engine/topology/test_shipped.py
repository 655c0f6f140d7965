"""The topologies that boothlab ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.topology.changes import differences
from boothlab.engine.topology.load import available, load

if TYPE_CHECKING:
    from pathlib import Path


def test_the_eight_are_there() -> None:
    assert [path.stem for path in available()] == [
        "five-member",
        "single-node-sites",
        "standalone",
        "standalone-five",
        "three-site",
        "three-site-fast",
        "three-site-mixed",
        "three-site-python",
    ]


@pytest.mark.parametrize("path", available(), ids=lambda path: path.stem)
def test_each_loads_without_a_warning_under_the_name_of_its_file(path: Path) -> None:
    loaded = load(path.stem)

    assert loaded.warnings == ()
    assert loaded.topology.name == path.stem
    assert loaded.topology.description
    assert path.read_text().startswith("# "), "the first comment says what the topology is for"


def test_three_site_is_the_article() -> None:
    article = load("three-site").topology

    assert {name: str(address) for name, address in article.hosts().items()} == {
        "clusterA-1": "192.168.101.101",
        "clusterA-2": "192.168.101.102",
        "clusterB-1": "192.168.102.101",
        "clusterB-2": "192.168.102.102",
        "arbitrator": "192.168.100.100",
    }
    assert [(each.name, str(each.address)) for each in article.members] == [
        ("A", "192.168.101.100"),
        ("B", "192.168.102.100"),
        ("C", "192.168.100.100"),
    ]
    assert [site.cluster_name for site in article.sites] == ["clusterA", "clusterB"]
    assert article.provision == "pcs"
    ticket = article.tickets["apacheticket"]
    assert ticket.booth_options() == {"expire": 120, "acquire-after": 60, "timeout": 5}
    assert (ticket.resources, ticket.granted) == (("apachegroup",), "A")


def test_the_fast_one_is_the_article_but_for_times_and_provisioning() -> None:
    article, fast = load("three-site").topology, load("three-site-fast").topology

    assert (fast.networks, fast.sites, fast.arbitrators) == (
        article.networks,
        article.sites,
        article.arbitrators,
    )
    assert fast.resources == article.resources
    assert fast.provision == "direct"
    assert fast.tickets["apacheticket"].renewal_ms < article.tickets["apacheticket"].renewal_ms


@pytest.mark.parametrize(
    ("name", "implementations"),
    [
        ("three-site-python", {"A": "python", "B": "python", "C": "python"}),
        ("three-site-mixed", {"A": "clusterlabs", "B": "python", "C": "clusterlabs"}),
    ],
)
def test_the_article_on_other_implementations_is_the_article_all_the_same(
    name: str, implementations: dict[str, str]
) -> None:
    article, other = load("three-site").topology, load(name).topology

    assert {each.name: each.implementation for each in other.members} == implementations
    assert list(differences(article, other)) == [
        f"name: three-site -> {name}",
        *(
            f"{'sites' if member != 'C' else 'arbitrators'}.{member}.implementation: clusterlabs -> python"
            for member, implementation in implementations.items()
            if implementation == "python"
        ),
    ]


def test_the_standalone_labs_differ_in_members_only() -> None:
    three, five = load("standalone").topology, load("standalone-five").topology

    assert (len(five.sites), len(five.arbitrators)) == (3, 2)
    assert five.tickets == three.tickets


def test_members_and_nodes_are_as_the_names_say() -> None:
    five, single, plain = (load(name).topology for name in ("five-member", "single-node-sites", "standalone"))

    assert (len(five.sites), len(five.arbitrators)) == (3, 2)
    assert all(len(site.nodes) == 1 for site in single.sites)
    assert plain.cluster == "standalone"
    assert plain.tickets["apacheticket"].renewal_ms == 1000
