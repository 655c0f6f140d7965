"""The data of the distributions is complete and fits the images."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images import bases
from boothlab.engine.topology.model import Distribution

NAMES = get_args(Distribution)


def test_every_distribution_a_topology_can_name_has_its_data() -> None:
    assert set(DISTRIBUTIONS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestEveryDistribution:
    def test_has_an_image(self, name: Distribution) -> None:
        assert (lab_folder() / "images" / DISTRIBUTIONS[name].image / "Dockerfile").exists()

    def test_names_its_bases_without_a_registry(self, name: Distribution) -> None:
        assert DISTRIBUTIONS[name].bases
        for base in DISTRIBUTIONS[name].bases:
            assert re.fullmatch(r"[a-z]+(/[a-z]+)?:[a-z0-9-]+", base), base

    def test_has_a_base_that_can_be_pulled_before_one_that_must_be_made(self, name: Distribution) -> None:
        assert bases.names(name)[0] == DISTRIBUTIONS[name].bases[0]

    def test_gives_paths_inside_a_node(self, name: Distribution) -> None:
        data = DISTRIBUTIONS[name]
        assert data.apache_config.startswith("/etc/")
        assert data.document_root.startswith("/var/")

    def test_has_a_cib_that_every_pacemaker_2_takes(self, name: Distribution) -> None:
        attributes = DISTRIBUTIONS[name].cib_attributes
        assert set(attributes) == {"crm_feature_set", "validate-with"}
        assert re.fullmatch(r"pacemaker-[23]\.\d+", attributes["validate-with"])


def test_firewalld_is_said_to_be_where_the_image_has_it() -> None:
    for data in DISTRIBUTIONS.values():
        dockerfile = (lab_folder() / "images" / data.image / "Dockerfile").read_text()
        assert data.has_firewalld == bool(re.search(r"\bfirewalld\b", dockerfile))


def test_debian_alone_can_be_made_without_a_registry() -> None:
    assert [name for name, data in DISTRIBUTIONS.items() if data.debootstrap_suite] == ["debian12"]
