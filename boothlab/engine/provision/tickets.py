"""Granting the tickets that a topology wants granted, once Booth answers everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine.provision.resources import booth_answers, running, serves, services
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Ticket, Topology


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


def grant_and_wait(topology: Topology, *, with_pcs: bool) -> list[Step]:
    """Return the grants, and the waits until what they allow is running and answers."""
    found: list[Step] = []
    for name, ticket in topology.tickets.items():
        if ticket.granted is not None:
            found += _grant(topology, name, ticket, ticket.granted, with_pcs=with_pcs)
    return found


def _grant(topology: Topology, name: str, ticket: Ticket, where: str, *, with_pcs: bool) -> list[Step]:
    site = topology.site(where)
    node = client_node(topology, where)
    # pcs asks the default instance only, see its help; the client can be told which.
    with_pcs = with_pcs and topology.booth.name == "booth"
    command = (
        f"pcs booth ticket grant {name} {site.address}"
        if with_pcs
        else f"booth grant -c {topology.booth.name} -s {site.address} -w -t {name}"
    )
    found = [
        Step(
            f"grant {name}",
            node,
            command,
            f"Grant the ticket at site {where}",
            needs=tuple(f"booth {member.name}" for member in topology.members),
        )
    ]
    if topology.cluster == "standalone":
        return found
    for group in ticket.resources:
        last = topology.resources[group][-1].name
        found.append(
            Step(
                f"running {name} {last}",
                node,
                running(last),
                f"Wait until {group} runs at site {where}",
                needs=(f"grant {name}",),
                kind="wait",
            )
        )
    asking = _node_elsewhere(topology, where)
    found += [
        Step(
            f"answer {name} {service.group}",
            asking,
            serves(service.addresses[where], site),
            "Wait until the page answers from another network",
            needs=(found[-1].name,),
            kind="wait",
        )
        for service in services(topology)
        if service.ticket == name
    ]
    return found


def _node_elsewhere(topology: Topology, site: str) -> str:
    """Return a node in another network than the site's: an arbitrator's, if there is one."""
    if topology.arbitrators:
        return topology.arbitrators[0].node_name
    others = [each for each in topology.sites if each.name != site]
    return next(iter((others or list(topology.sites))[0].nodes))
