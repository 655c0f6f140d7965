"""What the tests of the chaos suite share: a lab on which any broken daemon can be put in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from boothlab.pytest_plugin import Labs
    from boothlab.scenarios.outcome import Run


class Play(Protocol):
    """Plays a scenario of the catalogue; ``subject`` says whose members, as the command line takes it."""

    def __call__(self, scenario: str, subject: str) -> Run:
        """Return what it came to."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Docker and takes its time."""
    for item in items:
        if "tests/chaos" in item.nodeid:
            item.add_marker(pytest.mark.docker)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.chaos)


@pytest.fixture(scope="session")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a topology that has all broken daemons among its implementations."""
    from chaos import builds  # noqa: PLC0415 - pytest starts without the engine

    return builds.topology(tmp_path_factory.mktemp("broken"))


@pytest.fixture
def play(topology: Path, boothlab_labs: Labs, tmp_path: Path) -> Play:
    """Return how to play a scenario on the real standalone lab, which all tests share."""
    from boothlab.engine.topology.load import load  # noqa: PLC0415
    from boothlab.scenarios.catalogue import scenario_named  # noqa: PLC0415
    from boothlab.scenarios.runner import Wish, run  # noqa: PLC0415

    found = load(topology, subject="python").topology.model_copy(update={"name": "test-chaos"})
    lab = boothlab_labs.get(found, grant=False, reset=False)

    def played(scenario: str, subject: str) -> Run:
        return run(lab, Wish(scenario_named(scenario), str(topology), subject), tmp_path / scenario)

    return played
