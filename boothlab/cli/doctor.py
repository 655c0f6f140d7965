"""``boothlab doctor``: can a lab start here, and which impairments can this kernel do?"""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from boothlab.cli.options import AsJson, Overrides, TopologyName, print_json
from boothlab.engine import host, preflight
from boothlab.engine.capabilities import TRIALS, ProbeFailedError, probe, router_image
from boothlab.engine.client import EngineUnavailableError, chosen_address, connect
from boothlab.engine.preflight import Finding
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    import docker

    from boothlab.engine.capabilities import Ability, Capabilities
    from boothlab.engine.topology.model import Topology

NO_IMAGES: Final = "unknown until the images are built (make lab-up)"

_MARKS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}


@dataclass(frozen=True)
class Report:
    """What the doctor found."""

    findings: tuple[Finding, ...]
    capabilities: Capabilities | None
    unknown: str = ""
    """Why the capabilities are not known."""

    @property
    def healthy(self) -> bool:
        """Whether a lab can start."""
        return all(each.severity != "error" for each in self.findings)


def doctor(
    topology: TopologyName = "three-site",
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Check beforehand whether a lab can start here, and what this kernel can do to it.

    Changes nothing and installs nothing. Exit code 1: it cannot start.
    """
    loaded = load(topology, overrides=overrides or [])
    report = examine(loaded.topology)
    if as_json:
        print_json({"lab": loaded.topology.name} | as_data(report))
    else:
        console = Console(highlight=False)
        console.print(f"Can lab {loaded.topology.name} start here?", style="bold")
        show(report, console)
    if not report.healthy:
        raise typer.Exit(1)


def examine(topology: Topology) -> Report:
    """Look at the host and, where one answers, at the engine."""
    try:
        client = connect()
    except EngineUnavailableError as error:
        here = preflight.check_host(topology) if chosen_address() is None else ()
        return Report((_silent(error), *here), None, "unknown while no engine answers")
    with_engine = preflight.check(client, topology)
    image = router_image(client)
    if image is None:
        return Report(with_engine, None, NO_IMAGES)
    return _with_probes(client, topology, with_engine, image)


def _silent(error: EngineUnavailableError) -> Finding:
    """Tell what to do where no engine answers, or what ``make lab-up`` will do by itself."""
    action = host.decide(host.gather(error.silence))
    commands = [*action.commands, *([action.daemon] if action.daemon else [])]
    line = " && ".join(shlex.join(command) for command in commands)
    remedy = action.says if action.kind == "tell" else f"`make lab-up` will do it: {action.says} ({line})"
    return Finding("error", "engine.silent", error.message, remedy)


def _with_probes(
    client: docker.DockerClient, topology: Topology, found: tuple[Finding, ...], image: str
) -> Report:
    grants = preflight.check_grants(client, topology, image)
    try:
        return Report((*found, grants), probe(client, image))
    except ProbeFailedError as error:
        return Report((*found, grants), None, f"unknown: {error.message}")


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as JSON can say it; ``available`` is null for what is not known."""
    impairments = [
        {"name": name, "does": does, "by": by, "available": available, "reason": reason}
        for name, does, by, available, reason in _rows(report)
    ]
    return {"findings": [asdict(each) for each in report.findings], "impairments": impairments}


def show(report: Report, console: Console) -> None:
    """Print the findings with their remedies, then the table of impairments."""
    for each in report.findings:
        mark, style = _MARKS[each.severity]
        console.print(Text(f" {mark} ", style).append(each.what, "default"), soft_wrap=True)
        if each.remedy:
            console.print(Text(f"   {each.remedy}", "yellow"), soft_wrap=True)
    console.print("\nWhat can this kernel do to packets and nodes?", style="bold")
    if report.capabilities is None:
        console.print(f" ? {report.unknown}", markup=False, soft_wrap=True)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    for _, does, by, available, reason in _rows(report):
        mark, style = _MARKS["ok" if available else "error"]
        why = Text(f": {reason}" if reason else "", "dim")
        table.add_row(Text(f" {mark}", style), Text(does), Text(by).append(why))
    console.print(table)


def _rows(report: Report) -> list[tuple[str, str, str, bool | None, str]]:
    rows = []
    for trial in TRIALS:
        ability: Ability | None = getattr(report.capabilities, trial.name, None)
        available, reason = (None, report.unknown) if ability is None else (ability.available, ability.reason)
        rows.append((trial.name, trial.does, trial.by, available, reason))
    return rows
