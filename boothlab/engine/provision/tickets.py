"""Granting the tickets that a topology wants granted, once Booth answers everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine.provision.resources import booth_answers, running, serves, services
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
    asking = client_node(topology, topology.sites[0].name)
    return [
        Step(
            f"booth {member.name}",
            asking,
            booth_answers(topology, member.address),
            "Wait until Booth answers everywhere",
            needs=needs,
            kind="wait",
        )
        for member in topology.members
    ]


def grants(topology: Topology, *, with_pcs: bool) -> list[Step]:
    """Return the grants that the topology declares; they need ``booth_ready``."""
    answering = tuple(f"booth {member.name}" for member in topology.members)
    return [
        Step(
            f"grant {name}",
            client_node(topology, ticket.granted),
            _grant(topology, name, ticket.granted, with_pcs=with_pcs),
            f"Grant the ticket at site {ticket.granted}",
            needs=answering,
        )
        for name, ticket in topology.tickets.items()
        if ticket.granted is not None
    ]


def granted_and_served(topology: Topology, *, with_pcs: bool) -> list[Step]:
    """Return the grants, and the waits until what they allow is running and answers."""
    found = grants(topology, with_pcs=with_pcs)
    return found + served(topology, needs=tuple(step.name for step in found))


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
    granted = {name: each.granted for name, each in topology.tickets.items() if each.granted is not None}
    runs = [
        Step(
            f"running {group}",
            client_node(topology, where),
            running(topology.resources[group][-1].name),
            f"Wait until {group} runs at site {where}",
            needs=needs,
            kind="wait",
        )
        for name, where in granted.items()
        for group in topology.tickets[name].resources
    ]
    answers = [
        Step(
            f"answer {service.group}",
            _node_elsewhere(topology, granted[service.ticket]),
            serves(service.addresses[granted[service.ticket]], topology.site(granted[service.ticket])),
            "Wait until the page answers from another network",
            needs=(f"running {service.group}",),
            kind="wait",
        )
        for service in services(topology)
        if service.ticket in granted
    ]
    return [*runs, *answers]


def _node_elsewhere(topology: Topology, site: str) -> str:
    """Return a node in another network than the site's: an arbitrator's, if there is one."""
    if topology.arbitrators:
        return topology.arbitrators[0].node_name
    others = [each for each in topology.sites if each.name != site]
    return next(iter((others or list(topology.sites))[0].nodes))
