"""``boothlab topologies``: what labs there are, and whether a topology's file is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from boothlab.cli.options import AsJson, print_json
from boothlab.engine.topology.load import Loaded, available, load
from boothlab.engine.topology.problems import TopologyError, path_text
from boothlab.engine.topology.schema import schema_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.engine.topology.problems import Problem


_PIPE_WIDTH: Final = 200


@dataclass(frozen=True)
class Checked:
    """What a check found in one file."""

    topology: str
    """The name or path as it was given."""
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether a lab can be made of it; warnings do not count."""
        return all(each.severity != "error" for each in self.problems)


def topologies(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...", help="With --check: files or names; all shipped ones by default."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Tell everything that is wrong in the files.")
    ] = False,
    as_json: AsJson = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema for editors.")] = False,
) -> None:
    """List the topologies that there are, or check files of your own.

    Exit code 1: a checked file cannot be used.
    """
    if schema:
        typer.echo(schema_text(), nl=False)
    elif check:
        _check(files or [str(path) for path in available()], as_json=as_json)
    elif files:
        raise typer.BadParameter("files are for --check; `boothlab up FILE` builds a lab from one")
    else:
        _list([load(path) for path in available()], as_json=as_json)


def _list(found: Sequence[Loaded], *, as_json: bool) -> None:
    if as_json:
        print_json([as_data(each) for each in found])
        return
    table = Table(box=None, pad_edge=False)
    for title in ("name", "cluster", "provision", "members"):
        table.add_column(title, no_wrap=True)
    table.add_column("")
    for each in found:
        data = as_data(each)
        members = " ".join([*data["sites"], *(f"({name})" for name in data["arbitrators"])])
        cells = (data["name"], data["cluster"], data["provision"], members, data["description"])
        table.add_row(*map(Text, cells))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH  # no window limits a pipe: one line each, for grep
    console.print(table)


def as_data(loaded: Loaded) -> dict[str, Any]:
    """Return a topology's summary as JSON can say it."""
    topology = loaded.topology
    return {
        "name": topology.name,
        "description": topology.description,
        "cluster": topology.cluster,
        "provision": topology.provision,
        "distribution": list(topology.distribution),
        "sites": [site.name for site in topology.sites],
        "arbitrators": [each.name for each in topology.arbitrators],
        "nodes": list(topology.hosts()),
        "tickets": list(topology.tickets),
        "path": str(loaded.path),
    }


def _check(names: Sequence[str], *, as_json: bool) -> None:
    found = [examine(name) for name in names]
    if as_json:
        print_json([_checked_as_data(each) for each in found])
    else:
        for each in found:
            typer.echo("\n".join(map(str, each.problems)) or f"{each.topology}: nothing is wrong")
    if not all(each.usable for each in found):
        raise typer.Exit(1)


def examine(name: str) -> Checked:
    """Return everything that is wrong or doubtful in one topology.

    Raises:
        UnknownTopologyError: there is no such shipped topology.
    """
    try:
        return Checked(name, load(name).warnings)
    except TopologyError as error:
        return Checked(name, error.problems)


def _checked_as_data(checked: Checked) -> dict[str, Any]:
    problems = [
        {
            "severity": each.severity,
            "where": each.where,
            "path": path_text(each.path),
            "message": each.message,
            "remedy": each.remedy,
        }
        for each in checked.problems
    ]
    return {"topology": checked.topology, "usable": checked.usable, "problems": problems}
