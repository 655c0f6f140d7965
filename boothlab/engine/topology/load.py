"""From a file, or the name of a topology that boothlab ships, to a topology.

This is the one way in: what comes out of ``load`` has passed every rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.engine.assets import lab_folder
from boothlab.engine.topology import host_files
from boothlab.engine.topology import overrides as overriding
from boothlab.engine.topology.problems import TopologyError, choices, closest
from boothlab.engine.topology.source import read
from boothlab.engine.topology.validate import validate
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Problem

_SUFFIXES: Final = (".yaml", ".yml")


class UnknownTopologyError(BoothlabError):
    """No topology that boothlab ships has this name."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A topology that can be used, and what is doubtful about it."""

    topology: Topology
    warnings: tuple[Problem, ...]
    path: Path
    """The file it was read from."""


def available() -> tuple[Path, ...]:
    """Return the files of the topologies that boothlab ships, by name."""
    return tuple(sorted((lab_folder() / "topologies").glob("*.yaml"), key=lambda path: path.stem))


def load(name_or_path: str | Path, *, overrides: Sequence[str] = (), subject: str = "") -> Loaded:
    """Return a topology with its overrides applied.

    Args:
        name_or_path: a file, or the bare name of a shipped topology (``three-site``).
        overrides: changes of the form ``apacheticket.expire=20``, see ``overrides.py``.
        subject: the implementation that all members run (``python``), or that some do
            (``A=python,B=clusterlabs``); as the file says when left out.

    Raises:
        UnknownTopologyError: a bare name that no shipped topology has.
        TopologyError: the file cannot be used; all its problems at once.
    """
    path = _find(name_or_path)
    origin = _short(path)
    source = overriding.apply(read(path, origin), overrides, subject)
    topology, found = validate(source.data)
    if topology is not None:
        topology = host_files.anchored(topology, path.resolve().parent)
        found += host_files.missing(topology)
    problems = sorted(map(source.place, [*source.problems, *found]), key=lambda each: each.line)
    if topology is None or any(each.severity == "error" for each in problems):
        raise TopologyError(origin, problems)
    return Loaded(topology, tuple(problems), path)


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    is_path = isinstance(name_or_path, Path) or len(path.parts) != 1 or path.suffix in _SUFFIXES
    if is_path:
        return path
    shipped = {each.stem: each for each in available()}
    if path.name not in shipped:
        meant = closest(path.name, shipped)
        remedy = f"{choices(shipped)}, or the path of a file"
        raise UnknownTopologyError(
            f"there is no topology {path.name!r}",
            remedy=f"did you mean {meant}? There are {remedy}" if meant else f"there are {remedy}",
        )
    return shipped[path.name]


def _short(path: Path) -> str:
    """Return a path as people at this place would type it."""
    resolved = path.resolve()
    return str(resolved.relative_to(Path.cwd())) if resolved.is_relative_to(Path.cwd()) else str(path)
