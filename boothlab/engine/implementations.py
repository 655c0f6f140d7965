"""Which Booth runs in a node: all that the lab knows lie there, links choose one.

Every node holds ClusterLabs' Booth (kept by its image), boothlab's own, and what else
a member of the lab runs, each in a folder of its own under FOLDER. ``boothd``,
``booth`` and ``geostore`` in /usr/sbin are links to those of one of them, so that the
client of one can be tried on the daemon of another in any node.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.engine import pyz
from boothlab.engine.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Implementation, Topology

FOLDER: Final = "/usr/lib/boothlab/implementations"
"""Folder in a node with a folder for each implementation."""

PROGRAMS: Final = ("boothd", "booth", "geostore")
"""What an implementation consists of."""

IN_PLACE: Final = "/usr/sbin"
"""Folder of the programs that systemd, the resource agent, pcs and people run."""

_PROGRAM_MODE: Final = 0o755


def files(topology: Topology, distribution: DistributionData) -> dict[str, list[File]]:
    """Return what each node gets: the implementations of all members, and links to its own.

    Raises:
        OSError: a vendor's file cannot be read.
    """
    everywhere = _python(distribution)
    used = {member.implementation for member in topology.members}
    for name, definition in topology.implementations.items():
        if name in used:
            everywhere += _vendor(name, definition)
    return {
        node: [*everywhere, *_links(topology, implementation)]
        for node, implementation in by_node(topology).items()
    }


def by_node(topology: Topology) -> dict[str, str]:
    """Return the name of the implementation that each node runs, by host name."""
    sites = {node: site.implementation for site in topology.sites for node in site.nodes}
    return sites | {each.node_name: each.implementation for each in topology.arbitrators}


def _python(distribution: DistributionData) -> list[File]:
    home = f"{FOLDER}/python"
    # -I: whatever the environment says; -S: nothing but the standard library, found sooner.
    program = pyz.pack(f"{distribution.python} -IS")
    return [
        File(f"{home}/boothd", program, mode=_PROGRAM_MODE),
        *(File(f"{home}/{name}", link="boothd") for name in PROGRAMS[1:]),
    ]


def _vendor(name: str, definition: Implementation) -> list[File]:
    if definition.image is not None:
        return []
    home = f"{FOLDER}/{name}"
    found = [file for path, source in definition.files.items() for file in _carried(path, Path(source))]
    for program in PROGRAMS:
        if command := definition.commands.get(program):
            script = f'#!/bin/sh\nexec {command} "$@"\n'
            found.append(File(f"{home}/{program}", script, mode=_PROGRAM_MODE))
        else:
            found.append(File(f"{home}/{program}", link=f"{FOLDER}/clusterlabs/{program}"))
    return found


def _carried(path: str, source: Path) -> Iterator[File]:
    """Yield a file of this machine, or all files of a folder, as they shall be in a node."""
    for each in sorted(source.rglob("*")) if source.is_dir() else [source]:
        if each.is_file():
            inside = f"{path}/{each.relative_to(source).as_posix()}" if source.is_dir() else path
            yield File(inside, each.read_bytes(), mode=each.stat().st_mode & 0o777)


def _links(topology: Topology, implementation: str) -> list[File]:
    """Return the links of a node; none to what its image has in place anyway."""
    definition = topology.implementations.get(implementation)
    if implementation == "clusterlabs" or (definition and definition.image):
        return []
    return [
        File(f"{IN_PLACE}/{program}", link=f"{FOLDER}/{implementation}/{program}") for program in PROGRAMS
    ]
