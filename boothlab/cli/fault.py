"""``boothlab fault``: break the lab in ways that can be undone."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from boothlab.cli.options import AsJson, LabName, console, print_json
from boothlab.engine.client import connect
from boothlab.engine.lab import Lab, find
from boothlab.engine.lock import exclusive
from boothlab.errors import BoothlabError
from boothlab.faults import Applied, Faults
from boothlab.faults.examples import example
from boothlab.nemesis.errors import FaultError
from boothlab.nemesis.fault import Fault, key, required
from boothlab.nemesis.vocabulary import KINDS, parse_words

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(help="Break the lab in ways that can be undone.", no_args_is_help=True)


@app.command("list")
def list_kinds(lab: LabName = None, as_json: AsJson = False) -> None:
    """List the kinds of faults, their details, and whether this lab can have them here."""
    found = find(connect(), lab)
    faults = Faults(found)
    rows = [_kind_data(each, faults.available(example(kind, found.topology))) for kind, each in KINDS.items()]
    if as_json:
        print_json(rows)
    else:
        _print_kinds(rows)


def _kind_data(kind: type[Fault], reason: str | None) -> dict[str, Any]:
    return {
        "fault": kind.kind,
        "does": kind.does,
        "needs": [key(each) for each in fields(kind) if required(each)],
        "may_have": [key(each) for each in fields(kind) if not required(each)],
        "available": reason is None,
        "reason": reason,
    }


def _print_kinds(rows: Sequence[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("fault", "details", "what happens"):
        table.add_column(title, no_wrap=title == "fault")
    for row in rows:
        details = " ".join(
            [*(f"{name}=" for name in row["needs"]), *(f"[{name}=]" for name in row["may_have"])]
        )
        what = row["does"] if row["available"] else f"not here: {row['reason']}"
        style = "" if row["available"] else "dim"
        table.add_row(*(Text(cell, style=style) for cell in (row["fault"], details, what)))
    console().print(table)


@app.command()
def apply(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A kind and its details, e.g. loss from=A percent=30.", metavar="KIND [KEY=VALUE]..."
        ),
    ],
    lab: LabName = None,
    seed: Annotated[int, typer.Option("--seed", help="For what is left to chance.")] = 0,
    ticket: Annotated[
        str | None, typer.Option("--ticket", help="Whose leader is meant; the first one's by default.")
    ] = None,
    for_s: Annotated[
        float | None, typer.Option("--for", help="Heal it after so many seconds, or at Ctrl-C.", min=0.001)
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option("--backend", help="What carries it out: netem or userspace; chosen by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Apply a fault: `boothlab fault apply partition members=leader`. It lasts until it is healed."""
    found = find(connect(), lab)
    faults = Faults(found)
    _check_ticket(found, ticket)
    with exclusive(found.name):
        applied = faults.apply(_parsed(words), seed=seed, ticket=ticket, backend=backend)
    if as_json:
        print_json(applied.as_data())
    else:
        over = "done" if applied.fault.instant else "applied"
        typer.echo(f"{applied.id}: {applied.fault}{_who(applied)} is {over}")
    if for_s is not None and not applied.fault.instant:
        try:
            time.sleep(for_s)
        finally:
            faults.undo(applied)
        if not as_json:
            typer.echo(f"{applied.id} is healed")


def _parsed(words: Sequence[str]) -> Fault:
    try:
        return parse_words(words)
    except FaultError as error:
        raise BoothlabError(
            str(error), remedy="`boothlab fault list` tells the faults and their details"
        ) from None


def _check_ticket(lab: Lab, ticket: str | None) -> None:
    if ticket is not None and ticket not in lab.topology.tickets:
        raise BoothlabError(
            f"there is no ticket {ticket}", remedy=f"the lab's tickets: {', '.join(lab.topology.tickets)}"
        )


def _who(applied: Applied) -> str:
    """Return what symbolic targets stood for, in brackets; nothing when there were none."""
    told = [f"{name} is {', '.join(who)}" for name, who in applied.who.items() if list(who) != [name]]
    return f" ({'; '.join(told)})" if told else ""


@app.command()
def show(lab: LabName = None, as_json: AsJson = False) -> None:
    """Show the faults that are applied, and how many packets they hit so far."""
    faults = Faults(find(connect(), lab))
    active = faults.active()
    if as_json:
        print_json([each.as_data() for each in active])
        return
    if not active:
        typer.echo("no fault is applied")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("id", "fault", "packets hit", "by", "since"):
        table.add_column(title)
    for each in active:
        packets = "" if each.matched is None else f"{_number(each.hit)} of {each.matched}"
        table.add_row(*map(Text, (each.id, f"{each.fault}{_who(each)}", packets, each.backend, each.at)))
    console().print(table)
    if not faults.works():
        typer.echo("what does that in the router is gone, so packets pass: heal, then apply anew", err=True)


def _number(count: int | None) -> str:
    """Return a number of packets; a question mark where nobody counts."""
    return "?" if count is None else str(count)


@app.command()
def heal(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Which faults, as `show` names them; all by default.", metavar="[ID]..."),
    ] = None,
    lab: LabName = None,
    as_json: AsJson = False,
) -> None:
    """Undo faults: all, or those that are named."""
    found = find(connect(), lab)
    with exclusive(found.name):
        healed = _heal(Faults(found), ids or [])
    if as_json:
        print_json([each.id for each in healed])
    else:
        typer.echo("\n".join(f"{each.id} is healed" for each in healed) or "no fault was applied")


def _heal(faults: Faults, ids: Sequence[str]) -> list[Applied]:
    if not ids:
        return faults.heal()
    active = {each.id: each for each in faults.active()}
    for name in ids:
        if name not in active:
            raise BoothlabError(
                f"no fault {name} is applied", remedy=f"applied are: {', '.join(active) or 'none'}"
            )
    for name in ids:
        faults.undo(active[name])
    return [active[name] for name in ids]
