"""What a status shows that is not as it should be, in sentences, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    containers: Mapping[str, str],
) -> tuple[str, ...]:
    """Return the sentences; ``containers`` as in ``assemble``."""
    others = {name: state for name, state in containers.items() if name not in topology.hosts()}
    found = (
        *_exclusion(topology, tickets, sites),
        *(sentence for ticket in tickets for sentence in _disagreement(ticket)),
        *(sentence for site in sites for sentence in _site(site)),
        *(sentence for each in arbitrators for sentence in _node(each.node)),
        *(
            f"the {name} is not running (container {state})"
            for name, state in others.items()
            if state != "running"
        ),
        *_booth(
            members,
            without_nodes={site.name for site in sites if not any(node.online for node in site.nodes)},
        ),
    )
    return tuple(dict.fromkeys(found))  # a group may be bound to several tickets


def _exclusion(
    topology: Topology, tickets: Sequence[TicketStatus], sites: Sequence[SiteStatus]
) -> Iterator[str]:
    """Tell where the ticket does not do what it is for."""
    for ticket in tickets:
        if len(ticket.granted) > 1:
            yield f"{ticket.name} is granted at {_and(ticket.granted)} at once"
    for name, options in topology.tickets.items():
        for group in options.resources:
            where = [site for site in sites if any(r.group == group and r.node for r in site.resources)]
            if len(where) > 1:
                yield f"{group} runs at {_and([site.name for site in where])} at once"
            if options.loss_policy in {None, "stop", "fence"}:
                yield from (
                    f"{group} runs at {site.name}, where {name} is not granted"
                    for site in where
                    if _started(site, group) and not _granted(site, name)
                )


def _started(site: SiteStatus, group: str) -> bool:
    """Tell whether some of a group runs and is not being stopped just now."""
    return any(each.group == group and each.state == "Started" for each in site.resources)


def _granted(site: SiteStatus, name: str) -> bool:
    return any(ticket.name == name and ticket.granted for ticket in site.tickets)


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
