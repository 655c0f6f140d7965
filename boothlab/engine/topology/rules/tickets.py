"""What tickets are bound to, and where they are granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem, write_one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology


def groups_are_known(topology: Topology) -> Iterator[Problem]:
    """A ticket is bound to resource groups that there are, once to each."""
    inside = {each.name: group for group, members in topology.resources.items() for each in members}
    for name, ticket in topology.tickets.items():
        for index, group in enumerate(ticket.resources):
            path = ("tickets", name, "resources", index)
            if group in ticket.resources[:index]:
                yield Problem(path, f"{group} stands here twice", "leave one of them out")
            elif group in inside and group not in topology.resources:
                message = f"{group} is not a group but a resource of {inside[group]}"
                yield Problem(path, message, f"write {inside[group]}")
            elif group not in topology.resources:
                remedy = write_one_of(group, topology.resources)
                yield Problem(path, f"there is no resource group {group!r}", remedy)


def groups_have_one_ticket(topology: Topology) -> Iterator[Problem]:
    """Pacemaker allows several tickets for a group; it then runs only where all of them are."""
    bound: dict[str, str] = {}
    for name, ticket in topology.tickets.items():
        for index, group in enumerate(ticket.resources):
            if bound.setdefault(group, name) != name:
                path = ("tickets", name, "resources", index)
                message = f"{group} is bound to {bound[group]} as well, and runs only where both are granted"
                yield Problem(path, message, "bind it to one of them, unless that is meant", "warning")


def loss_policies_have_resources(topology: Topology) -> Iterator[Problem]:
    """A loss policy is about the resources of the ticket."""
    for name, ticket in topology.tickets.items():
        if ticket.loss_policy is not None and not ticket.resources:
            message, remedy = "has no effect without resources", "write resources: [GROUP], or leave it out"
            yield Problem(("tickets", name, "loss-policy"), message, remedy, "warning")


def grants_are_to_sites(topology: Topology) -> Iterator[Problem]:
    """A ticket can be granted to a site, not to an arbitrator."""
    sites = [site.name for site in topology.sites]
    arbitrators = {each.name for each in topology.arbitrators}
    for name, ticket in topology.tickets.items():
        if ticket.granted is None or ticket.granted in sites:
            continue
        message = f"there is no site {ticket.granted!r}"
        if ticket.granted in arbitrators:
            message = f"{ticket.granted} is an arbitrator, which only votes"
        yield Problem(("tickets", name, "granted"), message, write_one_of(ticket.granted, sites))


WHOLE: Final = (groups_are_known, groups_have_one_ticket, loss_policies_have_resources, grants_are_to_sites)
