"""The parts of a topology together with where they stand."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boothlab.engine.topology.model import Member, Resource, Site, Topology
    from boothlab.engine.topology.problems import Location


def sites(topology: Topology) -> Iterator[tuple[Location, Site]]:
    """Yield the sites."""
    return ((("sites", index), site) for index, site in enumerate(topology.sites))


def members(topology: Topology) -> Iterator[tuple[Location, Member]]:
    """Yield the sites, then the arbitrators."""
    arbitrators = ((("arbitrators", index), each) for index, each in enumerate(topology.arbitrators))
    return chain(sites(topology), arbitrators)


def nodes(topology: Topology) -> Iterator[tuple[Location, str]]:
    """Yield the host names of all nodes."""
    for place, site in sites(topology):
        yield from (((*place, "nodes", name), name) for name in site.nodes)
    for index, each in enumerate(topology.arbitrators):
        yield ("arbitrators", index, "node" if each.node else "name"), each.node_name


def resources(topology: Topology) -> Iterator[tuple[Location, Resource]]:
    """Yield the resources of all groups."""
    for group, inside in topology.resources.items():
        yield from ((("resources", group, index), each) for index, each in enumerate(inside))


def repeated(
    names: Iterable[tuple[Location, str]], *, ignore_case: bool
) -> Iterator[tuple[Location, str, Location]]:
    """Yield the names that stood before: where, the name, and where it stood first."""
    first: dict[str, Location] = {}
    for place, name in names:
        known = first.setdefault(name.casefold() if ignore_case else name, place)
        if known != place:
            yield place, name, known
