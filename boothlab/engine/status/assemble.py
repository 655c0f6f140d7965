"""Many nodes' answers, put together to the status of the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from boothlab.engine.status import members, problems, sites, tickets
from boothlab.engine.status.answers import read
from boothlab.engine.status.model import ArbitratorStatus, LabStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Topology


def assemble(
    topology: Topology, answers: Mapping[str, str | None], containers: Mapping[str, str]
) -> LabStatus:
    """Put the nodes' answers together.

    Args:
        topology: the lab's topology.
        answers: standard output of each node's script by host name; None for a node
            that does not run or did not answer.
        containers: the container engine's word for each container's state by host
            name, the router's included.
    """
    read_answers = {node: read(node, text) for node, text in answers.items() if text is not None}
    site_list = tuple(sites.site_status(topology, site, read_answers, containers) for site in topology.sites)
    member_list = tuple(members.member_status(topology, each, read_answers) for each in topology.members)
    ticket_list = tickets.ticket_statuses(topology, site_list, member_list)
    arbitrators = tuple(
        ArbitratorStatus(
            name=each.name,
            address=str(each.address),
            node=sites.plain_node(each.node_name, str(each.address), read_answers, containers),
        )
        for each in topology.arbitrators
    )
    return LabStatus(
        lab=topology.name,
        topology=topology.name,
        state=_state(topology, containers),
        at=max((each.at for each in read_answers.values() if each.at), default=None),
        tickets=ticket_list,
        sites=site_list,
        arbitrators=arbitrators,
        members=member_list,
        problems=problems.problems(topology, ticket_list, site_list, arbitrators, member_list, containers),
    )


def _state(topology: Topology, containers: Mapping[str, str]) -> Literal["running", "partial", "down"]:
    states = dict.fromkeys(topology.hosts(), "absent") | dict(containers)
    running = [state == "running" for state in states.values()]
    if all(running):
        return "running"
    return "partial" if any(running) else "down"
