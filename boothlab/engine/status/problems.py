"""What a status shows that is not as it should be, in sentences, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boothlab.engine.status.model import (
        ArbitratorStatus,
        MemberStatus,
        NodeStatus,
        SiteStatus,
        TicketStatus,
    )
    from boothlab.engine.topology.model import Topology


def problems(
    topology: Topology,
    tickets: Sequence[TicketStatus],
    sites: Sequence[SiteStatus],
    arbitrators: Sequence[ArbitratorStatus],
    members: Sequence[MemberStatus],
) -> tuple[str, ...]:
    """Return the sentences."""
    return (
        *_held_twice(topology, tickets, sites),
        *(sentence for ticket in tickets for sentence in _disagreement(ticket)),
        *(sentence for site in sites for sentence in _site(site)),
        *(sentence for each in arbitrators for sentence in _node(each.node)),
        *_booth(
            members,
            without_nodes={site.name for site in sites if not any(node.online for node in site.nodes)},
        ),
    )


def _held_twice(
    topology: Topology, tickets: Sequence[TicketStatus], sites: Sequence[SiteStatus]
) -> Iterator[str]:
    for ticket in tickets:
        if len(ticket.granted) > 1:
            yield f"{ticket.name} is granted at {_and(ticket.granted)} at once"
    for group in {group: None for ticket in topology.tickets.values() for group in ticket.resources}:
        where = [site.name for site in sites if any(r.group == group and r.node for r in site.resources)]
        if len(where) > 1:
            yield f"{group} runs at {_and(where)} at once"


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _disagreement(ticket: TicketStatus) -> Iterator[str]:
    if ticket.views and not ticket.agreed:
        said = ", ".join(f"{view.member} says {view.says}" for view in ticket.views)
        yield f"the members disagree on the leader of {ticket.name}: {said}"


def _site(site: SiteStatus) -> Iterator[str]:
    if site.problem:
        yield f"site {site.name}: {site.problem}"
    if site.quorum is False:
        yield f"site {site.name} has no quorum"
    if not site.agreed:
        yield f"site {site.name}: its nodes disagree on who is online; this is what {site.asked} says"
    for resource in site.resources:
        if resource.failed or resource.blocked:
            yield f"site {site.name}: {resource.name} {'has failed' if resource.failed else 'is blocked'}"
    yield from (f"site {site.name}: {failure}" for failure in site.failures)
    for node in site.nodes:
        yield from _node(node)
        if not site.problem and node.answers and not node.online:
            yield f"node {node.name} is not in its cluster ({node.state})"


def _node(node: NodeStatus) -> Iterator[str]:
    if node.container_state != "running":
        yield f"node {node.name} is not running (container {node.container_state})"
    elif not node.answers:
        yield f"node {node.name} does not answer"


def _booth(members: Sequence[MemberStatus], without_nodes: set[str]) -> Iterator[str]:
    """Tell of daemons; of a site whose cluster does not run, the cluster is the thing to tell."""
    for member in members:
        if member.state not in {"started", "unknown"} and member.name not in without_nodes:
            why = f" ({member.problem})" if member.problem else ""
            yield f"booth at {member.name} is {member.state}{why}"
