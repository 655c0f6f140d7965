"""What the ways to build a lab cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem
from boothlab.engine.topology.rules import walk
from boothlab.engine.topology.rules.texts import VALUE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Location

_DIRECT: Final = "leave it out, or write provision: direct"
_CLUSTER_NAME_MAX: Final = 32


def key_files_have_short_paths(topology: Topology) -> Iterator[Problem]:
    """The path of the key is a value in booth.conf, and limited as such."""
    path = f"/etc/booth/{topology.booth.name}.key"
    if topology.booth.authentication and len(path) > VALUE_BYTES_MAX:
        longest = len(topology.booth.name) - (len(path) - VALUE_BYTES_MAX)
        message = (
            f"the path of its key, {path}, is longer than the {VALUE_BYTES_MAX} bytes that booth.conf takes"
        )
        yield Problem(("booth", "name"), message, f"write {longest} characters at most")


def standalone_labs_are_plain(topology: Topology) -> Iterator[Problem]:
    """Without Pacemaker there are no resources, no pcs, and a site is one container."""
    if topology.cluster != "standalone":
        return
    pacemaker = "leave it out, or write cluster: pacemaker"
    if topology.resources:
        yield Problem(
            ("resources",), "a standalone lab runs no resources", pacemaker, related=(("cluster",),)
        )
    if topology.provision == "pcs":
        remedy = "write provision: direct, or cluster: pacemaker"
        yield Problem(("provision",), "a standalone lab has no pcs", remedy, related=(("cluster",),))
    for name, ticket in topology.tickets.items():
        if ticket.loss_policy is not None:
            path = ("tickets", name, "loss-policy")
            yield Problem(path, "a standalone lab has nothing to stop", pacemaker, related=(("cluster",),))
    for place, site in walk.sites(topology):
        if len(site.nodes) > 1:
            message = f"a site of a standalone lab is one node, not {len(site.nodes)}"
            yield Problem((*place, "nodes"), message, "write one node", related=(("cluster",),))


def pcs_can_set_the_options(topology: Topology) -> Iterator[Problem]:
    """A ticket's options can be set with pcs, booth.conf's others cannot, and quotes are refused."""
    if topology.provision != "pcs":
        return
    booth = topology.booth
    unsettable = {
        "port": booth.port != type(booth).model_fields["port"].default,
        "authentication": not booth.authentication,
        "maxtimeskew": booth.maxtimeskew is not None,
        "debug": booth.debug is not None,
    }
    for key in (key for key, used in unsettable.items() if used):
        yield _pcs(("booth", key), "pcs cannot set this", _DIRECT)
    for name, ticket in topology.tickets.items():
        place = ("tickets", name)
        if "/" in name:
            yield _pcs(place, "pcs takes no slash in the name of a ticket", "write a hyphen")
        if len(ticket.attr_prereq) > 1:
            message = f"pcs can set one condition, not {len(ticket.attr_prereq)}"
            yield _pcs((*place, "attr-prereq"), message, "write one, or provision: direct")
        if set("'\"") & set(ticket.before_acquire_handler or ""):
            yield _pcs((*place, "before-acquire-handler"), "pcs takes no quotes", "write it without quotes")


def pcs_takes_the_cluster_names(topology: Topology) -> Iterator[Problem]:
    """A cluster's name must suit GFS2, or pcs refuses it."""
    for place, site in walk.sites(topology):
        if topology.provision == "pcs" and len(site.cluster_name) > _CLUSTER_NAME_MAX:
            message = f"pcs takes {_CLUSTER_NAME_MAX} characters as the name of a cluster"
            path = (*place, "cluster")
            yield Problem(path, message, "write a shorter one", related=((*place, "name"), ("provision",)))


def _pcs(path: Location, message: str, remedy: str) -> Problem:
    return Problem(path, message, remedy, related=(("provision",),))


PART: Final = (
    key_files_have_short_paths,
    standalone_labs_are_plain,
    pcs_can_set_the_options,
    pcs_takes_the_cluster_names,
)
