"""The ``boothlab`` command: its verbs, and how errors reach a person."""

from __future__ import annotations

from typing import Annotated

import typer

import boothlab
from boothlab.cli.chaos import app as chaos
from boothlab.cli.doctor import doctor
from boothlab.cli.down import down
from boothlab.cli.ending import told
from boothlab.cli.execute import execute
from boothlab.cli.explain import explain
from boothlab.cli.fault import app as fault
from boothlab.cli.logs import logs
from boothlab.cli.packets import packets
from boothlab.cli.report import report
from boothlab.cli.reset import reset
from boothlab.cli.shell import shell
from boothlab.cli.status import status
from boothlab.cli.topologies import topologies
from boothlab.cli.up import up

app = typer.Typer(
    name="boothlab",
    help="A lab for Booth, the ticket manager of multi-site Pacemaker clusters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}

app.command()(up)
app.command()(down)
app.command()(reset)
app.command()(status)
app.command("exec", context_settings=_PASS_ON)(execute)
app.command()(shell)
app.command()(logs)
app.command()(explain)
app.command()(doctor)
app.command()(topologies)
app.add_typer(fault, name="fault")
app.add_typer(chaos, name="chaos")
app.command()(packets)
app.command()(report)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"boothlab {boothlab.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A lab for Booth, the ticket manager of multi-site Pacemaker clusters."""


def main() -> None:
    """Run the command line; report what a user can mend without a traceback."""
    with told():
        app()
