"""A lab's status on a terminal, one screen high; without colours it reads as well.

A narrow terminal gets fewer columns, never cut words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from boothlab.engine.status import (
        LabStatus,
        NodeStatus,
        PeerStatus,
        ResourceStatus,
        SiteStatus,
        TicketStatus,
    )

_WIDE: Final = 96
"""Columns from which on addresses and packet counters fit."""
_MEMBERS_WITH_COUNTERS: Final = 3
"""Up to so many members the packet counters fit."""
_USUAL: Final = "clusterlabs"
"""The implementation that needs no mention while every member runs it."""

_LAB_STYLES: Final = {"running": "green", "partial": "yellow", "down": "red"}
_NODE_STYLES: Final = {"online": "green", "offline": "red", "unclean": "bold red"}
_ROLE_STYLES: Final = {"Started": "green", "Promoted": "green", "Unpromoted": "green", "Stopped": "dim"}
_DAEMON_STYLES: Final = {"started": "green", "starting": "yellow", "unknown": "dim"}


def render(status: LabStatus) -> RenderableType:
    """Return the status as something rich can print."""
    return _View(status)


@dataclass(frozen=True)
class _View:
    status: LabStatus

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        status, wide = self.status, options.max_width >= _WIDE
        parts: list[Text | Table] = [
            _title(status),
            _tickets(status, wide=wide),
            _nodes(status, wide=wide),
            _booth(status, options.max_width),
        ]
        for part in parts:
            yield part
            yield ""
        yield from (Text(f" ! {problem}", style="bold yellow") for problem in status.problems)


def _title(status: LabStatus) -> Text:
    at = f"  at {status.at:%H:%M:%S %Z}" if status.at else ""
    return Text.assemble(
        (f" {status.lab}", "bold"), "  ", (status.state, _LAB_STYLES[status.state]), (at, "dim")
    )


def _table(columns: dict[str, bool]) -> Table:
    """Return a table of these columns: heading, and whether it is to be shown."""
    table = Table(box=None, header_style="bold dim", padding=(0, 1))
    for column in (column for column, shown in columns.items() if shown):
        table.add_column(column, no_wrap=column != "RUNS")
    return table


def _add(table: Table, cells: dict[str, Text | str]) -> None:
    """Add a row of those cells whose columns the table has."""
    table.add_row(*(cells.get(str(column.header), "") for column in table.columns))


def _joined(parts: Iterable[Text]) -> Text:
    return Text(", ").join(parts)


# tickets


def _tickets(status: LabStatus, *, wide: bool) -> Table:
    table = _table(
        {"TICKET": True, "LEADER": True, "LEASE": True, "TERM": True, "GRANTED AT": wide, "MEMBERS": True}
    )
    for ticket in status.tickets:
        cells: dict[str, Text | str] = {
            "TICKET": Text(ticket.name, style="bold"),
            "LEADER": _leader(ticket, wide=wide),
            "LEASE": _lease(ticket, status.at),
            "TERM": "-" if ticket.term is None else str(ticket.term),
            "GRANTED AT": Text(
                ", ".join(ticket.granted) or "-", "bold red" if len(ticket.granted) > 1 else ""
            ),
            "MEMBERS": _members(ticket),
        }
        _add(table, cells)
    return table


def _leader(ticket: TicketStatus, *, wide: bool) -> Text:
    if ticket.leader:
        address = f" {ticket.leader}" if wide or ticket.leader_site is None else ""
        return Text.assemble((ticket.leader_site or "?", "bold green"), address)
    if not ticket.views:
        return Text("no booth answers", style="red")
    known = any(view.says == "none" for view in ticket.views)
    return Text("nobody (revoked)" if known else "nobody (unknown)", style="yellow")


def _lease(ticket: TicketStatus, at: datetime | None) -> Text:
    if ticket.leader is None:
        return Text("-")
    if ticket.expires is None:
        return Text("without end" if ticket.manual else "unknown")
    left_s = round((ticket.expires - at).total_seconds()) if at else None
    if left_s is None:
        text = Text(f"until {ticket.expires:%H:%M:%S}")
    elif left_s < 0:
        text = Text(f"expired {-left_s} s ago", style="red")
    else:
        text = Text(f"expires in {left_s} s")
    if ticket.pending_until:
        text.append(f", CIB waits until {ticket.pending_until:%H:%M:%S}", style="yellow")
    return text


def _members(ticket: TicketStatus) -> Text:
    names = [view.member for view in ticket.views]
    if not names:
        return Text("-")
    if ticket.agreed:
        return Text(f"{', '.join(names)} {'agree' if len(names) > 1 else 'alone'}")
    return Text("disagree", style="bold red")


# sites and arbitrators


def _nodes(status: LabStatus, *, wide: bool) -> Table:
    table = _table({"NODE": True, "ADDRESS": wide, "STATE": True, "RUNS": True})
    for site in status.sites:
        _add_member(
            table, "site", site.name, site.address, _site_state(site), (site.cluster if wide else "") or ""
        )
        for node in site.nodes:
            _add_node(table, node, [*_runs(site, node), *_plain_booth(status, site, node)])
        stopped = [each for each in site.resources if each.node is None]
        if stopped:
            _add(table, {"STATE": Text("stopped", "dim"), "RUNS": _joined(_grouped(site, stopped))})
    for each in status.arbitrators:
        _add_member(table, "arbitrator", each.name, each.address, Text())
        _add_node(table, each.node, _plain_booth(status, None, each.node))
    return table


def _add_member(table: Table, role: str, name: str, address: str, state: Text, cluster: str = "") -> None:
    title = Text.assemble((f"{role} ", "bold"), (name, "bold cyan"), (f" {cluster}", "dim"))
    _add(table, {"NODE": title, "ADDRESS": address, "STATE": state})


def _add_node(table: Table, node: NodeStatus, runs: Iterable[Text]) -> None:
    cells: dict[str, Text | str] = {
        "NODE": f"  {node.name}",
        "ADDRESS": Text(node.address, "dim"),
        "STATE": _node_state(node),
        "RUNS": _joined(runs),
    }
    _add(table, cells)


def _plain_booth(status: LabStatus, site: SiteStatus | None, node: NodeStatus) -> Iterator[Text]:
    """Name the daemon where it runs without Pacemaker; with it, it is one of the resources."""
    pacemaker = site is not None and site.cluster is not None
    if not pacemaker and any(member.node == node.name for member in status.members):
        yield Text("booth", "green")


def _site_state(site: SiteStatus) -> Text:
    if site.cluster is None:
        return Text()
    if not any(node.online for node in site.nodes):
        return Text("down", "bold red")
    return Text("quorum", "green") if site.quorum else Text("no quorum", "bold red")


def _node_state(node: NodeStatus) -> Text:
    if node.container_state != "running":
        return Text(node.container_state, style="bold red")
    if not node.answers:
        return Text("no answer", style="bold red")
    return Text(node.state + (", DC" if node.dc else ""), style=_NODE_STYLES.get(node.state, "yellow"))


def _runs(site: SiteStatus, node: NodeStatus) -> Iterator[Text]:
    here = [each for each in site.resources if each.node == node.name]
    yield from _grouped(site, here)
    active = {each.name for each in here}
    for vip in site.vips:
        if vip.node == node.name and vip.resource not in active:
            yield Text(f"{vip.address} ({vip.resource}'s, left over)", style="yellow")


def _grouped(site: SiteStatus, resources: list[ResourceStatus]) -> Iterator[Text]:
    """Name each group once, before its first resource; not when the resources' names say it."""
    named: set[str] = set()
    for each in resources:
        text = _resource(site, each)
        if (
            each.group
            and each.group not in named
            and not each.name.startswith(each.group.removesuffix("-group"))
        ):
            text = Text.assemble((f"{each.group}: ", "dim"), text)
            named.add(each.group)
        yield text


def _resource(site: SiteStatus, resource: ResourceStatus) -> Text:
    style = "bold red" if resource.failed or resource.blocked else _ROLE_STYLES.get(resource.state, "yellow")
    text = Text(resource.name, style=style)
    vip = next((vip for vip in site.vips if vip.resource == resource.name), None)
    if resource.node and vip:
        holds = any(v.resource == resource.name and v.node == resource.node for v in site.vips)
        text.append(f" {vip.address}" if holds else f" ({vip.address} is not there)", "" if holds else "red")
    if resource.state not in {"Started", "Stopped"}:
        text.append(f" {resource.state.lower()}")
    if not resource.managed:
        text.append(" (unmanaged)", "yellow")
    return text


# booth


def _booth(status: LabStatus, width: int) -> Table:
    heard = [f"HEARD {member.name}" for member in status.members]
    table = _table(dict.fromkeys(["BOOTH", "DAEMON", "ON", *heard], True))
    named = any(member.implementation != _USUAL for member in status.members)
    names_width = max((len(member.implementation) + 1 for member in status.members), default=0) * named
    counters = width >= _WIDE + names_width and len(status.members) <= _MEMBERS_WITH_COUNTERS
    for member in status.members:
        cells: dict[str, Text | str] = dict.fromkeys(heard, Text("-", "dim"))
        cells |= {
            "BOOTH": Text.assemble((member.name, "bold cyan"), (f" {member.implementation}" * named, "dim")),
            "DAEMON": Text(member.state, _DAEMON_STYLES.get(member.state, "bold red")),
            "ON": member.node or "-",
        }
        cells |= {f"HEARD {peer.name}": _heard(peer, status.at, counters=counters) for peer in member.peers}
        _add(table, cells)
    return table


def _heard(peer: PeerStatus, at: datetime | None, *, counters: bool) -> Text:
    text = Text(_age(peer.last_recv, at))
    if counters:
        text.append(f", {peer.received} in {peer.sent} out", style="dim")
    refused = {
        "authfail": peer.authfail,
        "invalid": peer.invalid,
        "errors": peer.received_errors + peer.sent_errors,
    }
    text.append("".join(f" {count} {what}" for what, count in refused.items() if count), style="bold red")
    return text


def _age(heard: datetime | None, at: datetime | None) -> str:
    if heard is None:
        return "never"
    return f"{max(0, round((at - heard).total_seconds()))} s ago" if at else f"{heard:%H:%M:%S}"
