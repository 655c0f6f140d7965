"""What the tests on real labs share: short questions to a lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from integration.site import Site

from boothlab.faults import Faults
from boothlab.nemesis.vocabulary import parse_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.engine.lab import Lab
    from boothlab.engine.status import LabStatus
    from boothlab.faults import Applied


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Docker and takes its time."""
    for item in items:
        if "tests/integration" in item.nodeid:
            item.add_marker(pytest.mark.docker)
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def a(lab: Lab) -> Site:
    """Return site A."""
    return Site(lab, "A")


@pytest.fixture
def b(lab: Lab) -> Site:
    """Return site B."""
    return Site(lab, "B")


@pytest.fixture
def faults(lab: Lab) -> Iterator[Faults]:
    """Return the faults of a lab; all are healed in the end."""
    found = Faults(lab)
    yield found
    found.heal()


@pytest.fixture
def apply(faults: Faults) -> Callable[..., Applied]:
    """Return a way to apply a fault by its words."""

    def apply(words: str, seed: int = 1, backend: str | None = None) -> Applied:
        return faults.apply(parse_words(words.split()), seed=seed, backend=backend)

    return apply


@pytest.fixture
def eventually(lab: Lab, wait_until: Callable[..., Any]) -> Callable[..., LabStatus]:
    """Return a wait for a condition on the lab's status, with a generous deadline."""

    def wait(good: Callable[[LabStatus], object], what: str, limit_s: float = 90) -> LabStatus:
        return wait_until(lab.status, lambda status: bool(good(status)), what=what, limit_s=limit_s)

    return wait
