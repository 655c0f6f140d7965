"""How many members and nodes there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem
from boothlab.engine.topology.rules import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Location

MEMBERS_MAX: Final = 16
"""The most members that Booth accepts."""
NODES_MAX: Final = 16
"""The most nodes of one cluster that Corosync is made for."""
_MEMBERS_SAFE: Final = 3


def members_can_decide(topology: Topology) -> Iterator[Problem]:
    """An odd number of members, three at least, outlives the loss of one without a tie."""
    count = len(topology.members)
    place: Location = ("arbitrators",)
    sites: tuple[Location, ...] = (("sites",),)
    if count > MEMBERS_MAX:
        message = f"{count} members are more than Booth accepts"
        yield Problem(place, message, f"write {MEMBERS_MAX} sites and arbitrators at most", related=sites)
    elif topology.provision == "pcs" and (count % 2 == 0 or len(topology.sites) == 1):
        message = f"pcs wants two sites at least and an odd number of members, not {_counted(topology)}"
        remedy = "add a site or an arbitrator, or write provision: direct"
        yield Problem(place, message, remedy, related=(*sites, ("provision",)))
    elif count < _MEMBERS_SAFE:
        message = f"with {_counted(topology)}, no majority is left when one is lost"
        yield Problem(place, message, "add sites or arbitrators, three members in all", "warning", sites)
    elif count % 2 == 0:
        message = f"{count} members are an even number: when half are lost, no majority is left"
        yield Problem(place, message, "add or remove an arbitrator", "warning", sites)


def _counted(topology: Topology) -> str:
    sites, arbitrators = len(topology.sites), len(topology.arbitrators)
    return f"{sites} site{'s' * (sites != 1)} and {arbitrators} arbitrator{'s' * (arbitrators != 1)}"


def clusters_have_few_nodes(topology: Topology) -> Iterator[Problem]:
    """Corosync has its limit, too."""
    for place, site in walk.sites(topology):
        if len(site.nodes) > NODES_MAX:
            message = f"{len(site.nodes)} nodes are more than a Corosync cluster takes"
            yield Problem((*place, "nodes"), message, f"write {NODES_MAX} nodes at most")


PART: Final = (clusters_have_few_nodes,)
WHOLE: Final = (members_can_decide,)
