"""What the tests of two implementations beside each other share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("interop.checks", "interop.cluster")

from interop.cluster import Cluster  # noqa: E402 - its assertions are to be told well

if TYPE_CHECKING:
    from interop.checks import Measured

    from boothlab.engine.lab import Lab

_MEASURED = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Docker and takes its time."""
    for item in items:
        if "tests/interop" in item.nodeid:
            item.add_marker(pytest.mark.docker)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.interop)


@pytest.fixture
def placement() -> str:
    """Return which implementation runs where; tests choose others with ``placements.on``."""
    return "CPC"


@pytest.fixture
def settings() -> tuple[str, ...]:
    """Return changes to the topology's booth.conf, as ``--set`` takes them."""
    return ()


@pytest.fixture
def cluster(lab: Lab, placement: str, settings: tuple[str, ...]) -> Cluster:
    """Return the lab with this placement, just started: the ticket is nobody's and never was."""
    found = Cluster(lab, placement, settings)
    found.fresh()
    return found


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Return how to tell a figure; all of them are printed when the tests are over."""
    told = request.config.stash.setdefault(_MEASURED, [])
    return lambda name, value: told.append(f"{value:10.3f}  {name}  {request.node.name}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was measured."""
    if told := config.stash.get(_MEASURED, []):
        terminalreporter.section("measured between the implementations")
        for line in told:
            terminalreporter.write_line(line)
