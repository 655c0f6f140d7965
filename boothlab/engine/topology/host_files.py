"""The files of this machine that a topology names: where they are, and whether they are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boothlab.engine.topology.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology


def anchored(topology: Topology, folder: Path) -> Topology:
    """Return the topology with absolute paths; those in it are seen from ``folder``, its file's."""
    found = {
        name: each.model_copy(
            update={"files": {at: str(folder / source) for at, source in each.files.items()}}
        )
        if each.files
        else each
        for name, each in topology.implementations.items()
    }
    return topology.model_copy(update={"implementations": found}) if found else topology


def missing(topology: Topology) -> Iterator[Problem]:
    """Yield the files that are not there. Absolute paths are expected, see ``anchored``."""
    for name, each in topology.implementations.items():
        for at, source in each.files.items():
            if not Path(source).exists():
                path = ("implementations", name, "files", at)
                yield Problem(path, f"there is no {source}", "build it first, or write where it is")
