"""All scenarios, by name: Booth's own live tests first."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from boothlab.scenarios.catalogue import (
    double_grants,
    generated,
    issues,
    issues_clients,
    issues_elections,
    live_tests,
    placement,
    placement_inside,
    placement_limits,
    reconnection,
    sharp,
    surroundings,
)
from boothlab.scenarios.errors import ScenarioError
from boothlab.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

_MODULES: Final = (
    *(live_tests, reconnection, double_grants, surroundings),
    *(issues, issues_elections, issues_clients, sharp, generated),
    *(placement, placement_inside, placement_limits),
)


def _found(module: ModuleType) -> list[Scenario]:
    """Return a module's scenarios, in the order in which they stand there."""
    return [each for each in vars(module).values() if isinstance(each, Scenario)]


SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {each.name: each for module in _MODULES for each in _found(module)}
)


def scenario_named(name: str) -> Scenario:
    """Return a scenario.

    Raises:
        ScenarioError: there is none of this name.
    """
    try:
        return SCENARIOS[name]
    except KeyError:
        raise ScenarioError(
            f"there is no scenario {name}", remedy="`boothlab chaos list` shows all"
        ) from None


def suite(name: str) -> dict[Scenario, tuple[str, ...]]:
    """Return the scenarios of a suite, and whose members it plays each with.

    Raises:
        ScenarioError: there is no such suite.
    """
    found = {each: each.subjects_in(name) for each in SCENARIOS.values() if each.subjects_in(name)}
    if not found:
        raise ScenarioError(f"there is no suite {name}", remedy=f"the suites: {', '.join(suites())}")
    return found


def suites() -> tuple[str, ...]:
    """Return the names of all suites."""
    return tuple(sorted({each for scenario in SCENARIOS.values() for each in scenario.suites}))
