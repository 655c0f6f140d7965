"""Granting the tickets that a topology wants granted, once Booth answers everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine.provision.resources import booth_answers, idle, running, serves, services
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Topology


def client_node(topology: Topology, site: str) -> str:
    """Return the node of a site from which clients are run: its first."""
    return next(iter(topology.site(site).nodes))


def booth_ready(topology: Topology, *, needs: tuple[str, ...] = ()) -> list[Step]:
    """Return the waits for every member's Booth.

    A grant while a site does not answer would be held back for expire + acquire-after.
    """
    nodes = {site.name: client_node(topology, site.name) for site in topology.sites}
    nodes |= {each.name: each.node_name for each in topology.arbitrators}
    return [
        Step(
            f"booth {member.name}",
            nodes[member.name],
            booth_answers(topology, member),
            "Wait until Booth answers everywhere",
            needs=needs,
            kind="wait",
        )
        for member in topology.members
    ]


def grants(topology: Topology, *, with_pcs: bool) -> list[Step]:
    """Return the grants that the topology declares; they need ``booth_ready``."""
    return [
        Step(
            f"grant {name}",
            client_node(topology, ticket.granted),
            _grant(topology, name, ticket.granted, with_pcs=with_pcs),
            f"Grant the ticket at site {ticket.granted}",
            needs=_answering(topology),
        )
        for name, ticket in topology.tickets.items()
        if ticket.granted is not None
    ]


def granted_and_served(topology: Topology, *, with_pcs: bool) -> list[Step]:
    """Return the grants, and the waits until what they allow is running and answers."""
    found = grants(topology, with_pcs=with_pcs)
    return found + served(topology, needs=tuple(step.name for step in found))


def _answering(topology: Topology) -> tuple[str, ...]:
    """Return the names of ``booth_ready``'s steps."""
    return tuple(f"booth {member.name}" for member in topology.members)


def _grant(topology: Topology, ticket: str, where: str, *, with_pcs: bool) -> str:
    address = topology.site(where).address
    # pcs asks the default instance only, see its help; the client can be told which.
    if with_pcs and topology.booth.name == "booth":
        return f"pcs booth ticket grant {ticket} {address}"
    return f"booth grant -c {topology.booth.name} -s {address} -w -t {ticket}"


def served(topology: Topology, *, needs: tuple[str, ...]) -> list[Step]:
    """Return the waits until what the granted tickets allow runs, and its pages answer."""
    if topology.cluster == "standalone":
        return []
    allowed = _allowed(topology)
    pages = {service.group: service.addresses for service in services(topology)}
    runs = [
        Step(
            f"running {group}",
            client_node(topology, where),
            running(topology.resources[group][-1].name),
            f"Wait until {group} runs at site {where}",
            needs=needs,
            kind="wait",
        )
        for group, where in allowed.items()
    ]
    answers = [
        Step(
            f"answer {group}",
            _node_elsewhere(topology, where),
            serves(pages[group][where], topology.site(where)),
            "Wait until the page answers from another network",
            needs=(f"running {group}",),
            kind="wait",
        )
        for group, where in allowed.items()
        if group in pages
    ]
    settled = [
        Step(
            f"settled {site.name}",
            client_node(topology, site.name),
            idle(),
            "Wait until the clusters rest",
            needs=tuple(step.name for step in runs) or needs or _answering(topology),
            kind="wait",
        )
        for site in topology.sites
    ]
    return [*runs, *answers, *settled]


def _allowed(topology: Topology) -> dict[str, str]:
    """Return the groups that may run somewhere, by the site where all their tickets are granted."""
    holders: dict[str, set[str | None]] = {}
    for ticket in topology.tickets.values():
        for group in ticket.resources:
            holders.setdefault(group, set()).add(ticket.granted)
    return {
        group: where for group, (where, *elsewhere) in holders.items() if where is not None and not elsewhere
    }


def _node_elsewhere(topology: Topology, site: str) -> str:
    """Return a node in another network than the site's: an arbitrator's, if there is one."""
    if topology.arbitrators:
        return topology.arbitrators[0].node_name
    others = [each for each in topology.sites if each.name != site]
    return next(iter((others or list(topology.sites))[0].nodes))
