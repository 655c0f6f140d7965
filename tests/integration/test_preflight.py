"""The checks and the probes, on whatever engine is here."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import names, preflight
from boothlab.engine.capabilities import (
    PROBE_LAB,
    TRIALS,
    ProbeFailedError,
    probe,
    probe_container,
    router_image,
)
from boothlab.engine.client import EngineUnavailableError, connect
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """Return a client of the engine that is here."""
    try:
        client = connect()
    except EngineUnavailableError as error:
        pytest.skip(error.message)
    yield client
    client.close()


@pytest.fixture(scope="module")
def image(client: docker.DockerClient) -> str:
    """Return the router's image."""
    return router_image(client) or pytest.skip("there is no router image yet: make lab-up")


def probes(client: docker.DockerClient) -> list[str]:
    label = f"{names.LABEL_LAB}={PROBE_LAB}"
    return [each["Id"] for each in client.api.containers(all=True, filters={"label": label})]


def test_every_capability_is_tried_and_what_is_missing_has_a_reason(
    client: docker.DockerClient, image: str
) -> None:
    found = probe(client, image)

    for trial in TRIALS:
        ability = getattr(found, trial.name)
        assert bool(ability.reason) == (not ability.available), trial.name
    assert found.iptables_statistic.available or found.nft_numgen.available
    assert probes(client) == []


def test_the_engine_gives_nodes_the_rights_they_need(client: docker.DockerClient, image: str) -> None:
    finding = preflight.check_grants(client, load("three-site").topology, image)

    assert finding.severity == "ok", finding.what
    assert probes(client) == []


def test_rights_that_the_engine_cannot_give_are_told(client: docker.DockerClient, image: str) -> None:
    with (
        pytest.raises(ProbeFailedError, match="NO_SUCH_RIGHT"),
        probe_container(client, image, cap_add=["NO_SUCH_RIGHT"]),
    ):
        pytest.fail("it started")

    assert probes(client) == []


def test_the_engine_is_judged_and_its_networks_are_looked_at(client: docker.DockerClient) -> None:
    codes = [each.code for each in preflight.check(client, load("three-site").topology)]

    assert codes[0].startswith("engine")
    assert any(code.startswith("subnet") for code in codes)
    assert "memory" in codes


def test_a_lab_whose_subnet_the_engine_uses_is_refused(client: docker.DockerClient) -> None:
    bridge = client.networks.list(names=["bridge"])
    if not bridge:
        pytest.skip("this engine has no default bridge")
    subnet = bridge[0].attrs["IPAM"]["Config"][0]["Subnet"]
    topology = load("three-site").topology
    taken = next(iter(topology.networks.values())).model_copy(update={"subnet": ip_network(subnet)})
    clashing = topology.model_copy(update={"networks": {"site-a": taken}})

    with pytest.raises(preflight.PreflightError, match="Docker's network bridge"):
        preflight.require(client, clashing)
