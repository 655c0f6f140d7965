"""CIBs: the same primitives, parameters and constraints as pcs makes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.provision import cib
from boothlab.engine.topology.load import load

DATA = Path(__file__).parents[1] / "data"
PCS_MADE = {"A": DATA / "granted-a/clusterA-1.cib.xml", "B": DATA / "granted-b/clusterB-1.cib.xml"}
DEBIAN = DISTRIBUTIONS["debian12"]


def made(site: str, *overrides: str, name: str = "three-site-fast") -> ET.Element:
    topology = load(name, overrides=overrides).topology
    return ET.fromstring(cib.whole(topology, topology.site(site), DEBIAN))  # noqa: S314 - our own


def pcs_made(site: str) -> ET.Element:
    return ET.parse(PCS_MADE[site]).getroot()  # noqa: S314 - our own capture


def groups(root: ET.Element) -> dict[str, list[dict[str, str]]]:
    return {
        group.attrib["id"]: [dict(primitive.attrib) for primitive in group.iterfind("primitive")]
        for group in root.iterfind("./configuration/resources/group")
    }


def parameters(root: ET.Element) -> dict[str, dict[str, str]]:
    return {
        primitive.attrib["id"]: {
            pair.attrib["name"]: pair.attrib["value"]
            for pair in primitive.iterfind("instance_attributes/nvpair")
        }
        for primitive in root.iter("primitive")
    }


def constraints(root: ET.Element) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in root.iterfind("./configuration/constraints/*")]


def properties(root: ET.Element) -> dict[str, str]:
    pairs = root.iterfind("./configuration/crm_config/cluster_property_set/nvpair")
    return {pair.attrib["name"]: pair.attrib["value"] for pair in pairs}


@pytest.mark.parametrize("site", PCS_MADE)
def test_it_says_the_same_as_the_cib_that_pcs_made(site: str) -> None:
    ours, theirs = made(site), pcs_made(site)

    assert groups(ours) == groups(theirs)
    assert parameters(ours) == parameters(theirs)
    assert constraints(ours) == constraints(theirs)
    assert properties(ours).items() <= properties(theirs).items()


def test_resources_start_in_the_topologys_order_and_booths_group_has_pcs_names() -> None:
    order = {group: [each["id"] for each in members] for group, members in groups(made("A")).items()}

    assert order == {
        "apachegroup": ["WebSite", "VIP"],
        "booth-booth-group": ["booth-booth-ip", "booth-booth-service"],
    }


def test_monitors_are_as_often_as_the_topology_says() -> None:
    every = {
        primitive.attrib["id"]: op.attrib["interval"]
        for primitive in made("A").iter("primitive")
        for op in primitive.iter("op")
        if op.attrib["name"] == "monitor"
    }

    assert every == {
        "WebSite": "1min",
        "VIP": "10s",
        "booth-booth-ip": "10s",
        "booth-booth-service": "10s",
    }


@pytest.mark.parametrize("policy", ["fence", "stop", "freeze", "demote"])
def test_a_loss_policy_is_part_of_the_constraint(policy: str) -> None:
    (constraint,) = constraints(made("A", f"apacheticket.loss-policy={policy}"))

    assert constraint["loss-policy"] == policy


def test_another_instance_has_a_group_and_a_configuration_of_its_name() -> None:
    root = made("B", "booth.name=geo")

    assert "booth-geo-group" in groups(root)
    assert parameters(root)["booth-geo-ip"] == {"ip": "192.168.102.100"}
    assert parameters(root)["booth-geo-service"] == {"config": "/etc/booth/geo.conf"}


@pytest.mark.parametrize(
    ("name", "site"), [("three-site", "A"), ("five-member", "C"), ("single-node-sites", "B")]
)
def test_no_id_is_used_twice(name: str, site: str) -> None:
    ids = [element.attrib["id"] for element in made(site, name=name).iter() if "id" in element.attrib]
    references = [each["id"] for each in constraints(made(site, name=name))]

    assert len(ids) == len(set(ids))
    assert references


def test_without_resources_only_booth_is_left() -> None:
    root = made("A", "resources={}", "apacheticket.resources=[]")

    assert list(groups(root)) == ["booth-booth-group"]
    assert constraints(root) == []


def test_values_that_xml_must_escape_come_back_whole() -> None:
    value = """<a & "b" 'c'>"""
    root = made(
        "A", f"resources.apachegroup.WebSite.parameters.options='{value.replace(chr(39), chr(39) * 2)}'"
    )

    assert parameters(root)["WebSite"]["options"] == value


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_seed_only_shortens_the_election_and_keeps_resources_where_they_are(distribution: str) -> None:
    root = ET.fromstring(cib.seed(DISTRIBUTIONS[distribution]))  # noqa: S314 - our own

    assert properties(root) == {"dc-deadtime": "1s"}
    assert groups(root) == {}
    assert [section.tag for section in root.iterfind("configuration/*")] == [
        "crm_config",
        "nodes",
        "resources",
        "constraints",
        "rsc_defaults",
    ]
    assert [(each.get("name"), each.get("value")) for each in root.iterfind(".//rsc_defaults//nvpair")] == [
        ("resource-stickiness", "1")
    ]
    assert root.attrib.items() >= DISTRIBUTIONS[distribution].cib_attributes.items()
