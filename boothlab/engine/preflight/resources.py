"""Is there enough memory for the lab, and enough disk space for its images?

The estimates are measured on Debian 12 nodes (resident memory and the part of the
page cache that is in use) and rounded up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection

    from boothlab.engine.topology.model import Topology

_ROUTER_MB: Final = 10
_STANDALONE_MB: Final = 30
_SYSTEMD_MB: Final = 35  # systemd, its journal and boothd
_PCSD_MB: Final = 120
_PYTHON_MB: Final = 25  # what boothlab's own Booth takes more than ClusterLabs'
_CLUSTER_MB: Final = 145  # Corosync, Pacemaker's daemons, the resources

_COMFORT: Final = 1.25
"""With less than this many times the estimate, a lab may start but is worth a warning."""

IMAGES_MB: Final = 2000
"""Disk space for building the images, with the base they are built on."""


def memory_mb(topology: Topology) -> int:
    """Return about how much memory a whole lab takes, in MB."""
    python = _PYTHON_MB * sum(member.implementation == "python" for member in topology.members)
    if topology.cluster == "standalone":
        return _ROUTER_MB + _STANDALONE_MB * len(topology.hosts()) + python
    every_node = _SYSTEMD_MB + (_PCSD_MB if topology.provision == "pcs" else 0)
    in_clusters = sum(len(site.nodes) for site in topology.sites)
    return _ROUTER_MB + every_node * len(topology.hosts()) + _CLUSTER_MB * in_clusters + python


def judge_memory(topology: Topology, *, running: int, available_mb: int) -> Finding:
    """Compare what is missing of a lab with the memory that is left.

    Args:
        topology: the lab.
        running: how many of its containers run already.
        available_mb: what new processes can have, in MB.
    """
    containers = 1 + len(topology.hosts())
    needed_mb = round(memory_mb(topology) * max(0, containers - running) / containers)
    if needed_mb == 0:
        return Finding("ok", "memory", f"the lab runs already; {available_mb} MB are available")
    what = f"the lab takes about {needed_mb} MB; {available_mb} MB are available"
    remedy = "end other containers and programs, or take a smaller topology (`boothlab topologies`)"
    if available_mb < needed_mb:
        return Finding("error", "memory", what, remedy)
    if available_mb < needed_mb * _COMFORT:
        return Finding("warning", "memory", what, remedy)
    return Finding("ok", "memory", what)


def images_complete(topology: Topology, there: Collection[str]) -> bool:
    """Return whether the kinds of images that are there are enough for a topology."""
    nodes = {"standalone"} if topology.cluster == "standalone" else {"debian", "rocky"}
    return "router" in there and not nodes.isdisjoint(there)


def judge_disk(*, free_mb: int, folder: str) -> Finding:
    """Judge the space for images that are still to be built.

    Args:
        free_mb: free space where the engine keeps its data, in MB.
        folder: where that is.
    """
    what = f"images are to be built: about {IMAGES_MB} MB; {free_mb} MB are free in {folder}"
    if free_mb < IMAGES_MB:
        return Finding("warning", "disk", what, "free some: docker system df, docker image prune")
    return Finding("ok", "disk", what)


def available_mb(meminfo: str) -> int | None:
    """Read MemAvailable, in MB, from the text of /proc/meminfo; None when it is not there."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return None
