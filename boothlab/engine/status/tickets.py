"""The tickets' part of the status: what all members and all CIBs say, and whether they agree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from boothlab.engine.status.model import TicketStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from boothlab.engine.status.model import MemberStatus, SiteStatus, TicketView
    from boothlab.engine.topology.model import Topology


def ticket_statuses(
    topology: Topology, sites: Sequence[SiteStatus], members: Sequence[MemberStatus]
) -> tuple[TicketStatus, ...]:
    """Return the status of the topology's tickets, then of others that Booth or a CIB knows."""
    seen = [view.ticket for member in members for view in member.tickets]
    seen += [ticket.name for site in sites for ticket in site.tickets]
    return tuple(_status(name, sites, members) for name in dict.fromkeys([*topology.tickets, *seen]))


def _status(name: str, sites: Sequence[SiteStatus], members: Sequence[MemberStatus]) -> TicketStatus:
    views = tuple(view for member in members for view in member.tickets if view.ticket == name)
    leader = _leader(views)
    leader_site = next((site.name for site in sites if site.address == leader), None)
    lease = _lease(leader_site, [view for view in views if view.leader == leader]) if leader else None
    granted = [(site.name, ticket) for site in sites for ticket in site.tickets if ticket.name == name]
    granted = [(site, ticket) for site, ticket in granted if ticket.granted]
    return TicketStatus(
        name=name,
        leader=leader,
        leader_site=leader_site,
        expires=lease.expires if lease else None,
        term=_term(name, leader_site, sites),
        agreed=len({view.leader for view in views}) == 1,
        granted=tuple(site for site, _ in granted),
        granted_at=max((ticket.last_granted for _, ticket in granted if ticket.last_granted), default=None),
        pending_until=lease.pending_until if lease else None,
        manual=any(view.manual for view in views),
        views=views,
    )


def _leader(views: Sequence[TicketView]) -> str | None:
    """Return whom most members name; between equals somebody before nobody, then the latest lease."""
    votes = Counter(view.leader for view in views)
    best = max(
        views, key=lambda view: (votes[view.leader], view.leader is not None, _end(view)), default=None
    )
    return best.leader if best else None


def _lease(leader_site: str | None, views: Sequence[TicketView]) -> TicketView | None:
    """Return the leader's own view of its lease, or the latest of the others'."""
    own = next((view for view in views if view.member == leader_site), None)
    return own or max(views, key=_end, default=None)


def _end(view: TicketView) -> float:
    at: datetime | None = view.expires
    return at.timestamp() if at else 0.0


def _term(name: str, leader_site: str | None, sites: Sequence[SiteStatus]) -> int | None:
    terms = {
        site.name: ticket.term
        for site in sites
        for ticket in site.tickets
        if ticket.name == name and ticket.term is not None
    }
    if leader_site in terms:
        return terms[leader_site]
    return max(terms.values(), default=None)
