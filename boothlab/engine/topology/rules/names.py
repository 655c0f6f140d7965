"""Names that must be unique."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from boothlab.engine.names import ROUTER
from boothlab.engine.topology.problems import Problem, path_text
from boothlab.engine.topology.rules import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Location

_RESERVED_HOSTS: Final = {ROUTER: "the lab's own router", "localhost": "every node itself"}


def members_have_names_of_their_own(topology: Topology) -> Iterator[Problem]:
    """Two members of one name could not be told apart on the command line."""
    return _unique(((*place, "name"), member.name) for place, member in walk.members(topology))


def hosts_have_names_of_their_own(topology: Topology) -> Iterator[Problem]:
    """Host names are unique in the whole lab: each node's /etc/hosts lists them all."""
    yield from _unique(walk.nodes(topology))
    for place, name in walk.nodes(topology):
        if name.lower() in _RESERVED_HOSTS:
            meaning = _RESERVED_HOSTS[name.lower()]
            yield Problem(place, f"{name} is the name of {meaning}", "write another host name")


def clusters_have_names_of_their_own(topology: Topology) -> Iterator[Problem]:
    """Two clusters of one name confuse Corosync, pcs and their users."""
    if topology.cluster == "standalone":
        return iter(())
    given = {site.name.casefold(): (place, site) for place, site in walk.sites(topology)}  # once per name
    return _unique(
        ((*place, "cluster" if site.cluster else "name"), site.cluster_name) for place, site in given.values()
    )


def resources_have_names_of_their_own(topology: Topology) -> Iterator[Problem]:
    """Groups and resources share the CIB's ids, also with those that run Booth."""
    groups: Iterator[tuple[Location, str]] = ((("resources", name), name) for name in topology.resources)
    inside = (((*place, "name"), each.name) for place, each in walk.resources(topology))
    named = list(chain(groups, inside))
    yield from _unique(named, ignore_case=False)  # the CIB minds case
    booth = topology.booth.name
    own = {f"booth-{booth}-{part}" for part in ("ip", "service", "group")}
    for place, name in named:
        if name in own:
            message = f"{name} is the name of a resource that runs Booth itself"
            yield Problem(place, message, "write another name", related=(("booth", "name"),))


def _unique(names: Iterable[tuple[Location, str]], *, ignore_case: bool = True) -> Iterator[Problem]:
    for place, name, first in walk.repeated(names, ignore_case=ignore_case):
        message = f"the name {name} is used twice, also in {path_text(first)}"
        yield Problem(place, message, "write another name", related=(first,))


PART: Final = (
    members_have_names_of_their_own,
    hosts_have_names_of_their_own,
    clusters_have_names_of_their_own,
    resources_have_names_of_their_own,
)
