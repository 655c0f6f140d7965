"""The rows of a timeline, and which one a record belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.config.model import Role
from boothlab.history.observations import BoothView, CibView, CibWrite, ResourceChange, ResourceView
from boothlab.report.shapes import Row, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.history.header import Header
    from boothlab.history.records import Record

REMARKS: Final = Row("remarks", RowKind.REMARKS, "remarks")
SHARED: Final = (
    Row("faults", RowKind.FAULTS, "faults"),
    Row("clients", RowKind.CLIENTS, "clients"),
)


def rows(header: Header) -> Iterator[Row]:
    """Yield the rows: what all share, then for each ticket its sites and the arbitrators."""
    yield from SHARED
    for ticket in header.tickets:
        for member in header.members:
            name = member.name
            yield Row(booth_row(name, ticket.name), RowKind.BOOTH, "Booth", name, ticket.name)
            if member.role is Role.ARBITRATOR:
                continue
            yield Row(cib_row(name, ticket.name), RowKind.CIB, "CIB", name, ticket.name)
            for resource in ticket.resources:
                yield Row(resource_row(name, resource), RowKind.RESOURCE, resource, name, ticket.name)


def booth_row(member: str, ticket: str) -> str:
    """Return the id of the row of what a member's Booth says about a ticket."""
    return f"booth/{member}/{ticket}"


def cib_row(site: str, ticket: str) -> str:
    """Return the id of the row of a ticket in a site's CIB."""
    return f"cib/{site}/{ticket}"


def resource_row(site: str, resource: str) -> str:
    """Return the id of the row of a resource at a site."""
    return f"resource/{site}/{resource}"


def row_of(record: Record) -> str:
    """Return the id of the row that shows what a record observed; empty for what is no such thing."""
    match record:
        case BoothView():
            return booth_row(record.member, record.ticket)
        case CibView() | CibWrite():
            return cib_row(record.site, record.ticket)
        case ResourceView() | ResourceChange():
            return resource_row(record.site, record.resource)
        case _:
            return ""
