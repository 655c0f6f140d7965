"""A site's part of the status: its cluster, as the right one of its nodes sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from boothlab.engine.parsers import booth
from boothlab.engine.status.model import NodeStatus, ResourceStatus, SiteStatus, SiteTicket, VipStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boothlab.engine.parsers import cib, crm_mon
    from boothlab.engine.status.answers import NodeAnswer
    from boothlab.engine.topology.model import Site, Topology


def site_status(
    topology: Topology, site: Site, answers: Mapping[str, NodeAnswer], containers: Mapping[str, str]
) -> SiteStatus:
    """Return the status of one site."""
    here = [answers[node] for node in site.nodes if node in answers]
    views = [(each, each.cluster) for each in here if each.cluster is not None]
    asked, cluster = max(views, key=_authority, default=(here[0] if here else None, None))
    pacemaker = topology.cluster == "pacemaker"
    return SiteStatus(
        name=site.name,
        cluster=site.cluster_name if pacemaker else None,
        address=str(site.address),
        quorum=cluster.quorum if cluster else None,
        dc=cluster.dc if cluster else None,
        asked=asked.node if asked else None,
        agreed=len({view.online for _, view in views}) <= 1,
        nodes=tuple(
            _cluster_node(name, str(address), cluster, answers, containers)
            if pacemaker
            else plain_node(name, str(address), answers, containers)
            for name, address in site.nodes.items()
        ),
        resources=tuple(_resource(each) for each in cluster.resources) if cluster else (),
        vips=tuple(_vips(topology, site, here)) if pacemaker else (),
        tickets=_tickets(topology, asked),
        failures=tuple(_failure(each) for each in cluster.failures) if cluster else (),
        problem=_problem(asked, pacemaker=pacemaker),
    )


def _authority(view: tuple[NodeAnswer, crm_mon.Cluster]) -> tuple[bool, bool, int]:
    """Rank a node's view: the quorate partition's first, there the DC's own, else the largest one's."""
    answer, cluster = view
    return cluster.quorum is True, cluster.dc == answer.node, len(cluster.online)


def _problem(asked: NodeAnswer | None, *, pacemaker: bool) -> str | None:
    if asked is None:
        return "no node answers"
    if pacemaker and asked.cluster is None and asked.cluster_problem is None:
        return "its nodes' answers were cut off"
    return asked.cluster_problem


def plain_node(
    name: str, address: str, answers: Mapping[str, NodeAnswer], containers: Mapping[str, str]
) -> NodeStatus:
    """Return the status of a node without a cluster: online when it answers."""
    answered = name in answers
    return NodeStatus(
        name=name,
        address=address,
        online=answered,
        state="online" if answered else "offline",
        container_state=containers.get(name, "absent"),
        answers=answered,
    )


def _cluster_node(
    name: str,
    address: str,
    cluster: crm_mon.Cluster | None,
    answers: Mapping[str, NodeAnswer],
    containers: Mapping[str, str],
) -> NodeStatus:
    seen = next((node for node in cluster.nodes if node.name == name), None) if cluster else None
    return NodeStatus(
        name=name,
        address=address,
        online=seen is not None and seen.online,
        state=_node_state(seen) if seen else "offline",
        dc=cluster is not None and cluster.dc == name,
        container_state=containers.get(name, "absent"),
        answers=name in answers,
    )


def _node_state(node: crm_mon.Node) -> str:
    for state in ("unclean", "pending", "maintenance", "standby", "online"):
        if getattr(node, state):
            return state
    return "offline"


def _resource(resource: crm_mon.Resource) -> ResourceStatus:
    return ResourceStatus(
        name=resource.name,
        group=resource.group,
        agent=resource.agent,
        state=resource.role,
        node=resource.nodes[0] if resource.nodes else None,
        failed=resource.failed,
        managed=resource.managed,
        blocked=resource.blocked,
    )


def _failure(failure: crm_mon.Failure) -> str:
    why = f": {failure.reason}" if failure.reason else ""
    return f"{failure.operation} failed on {failure.node} ({failure.status}){why}"


def _vips(topology: Topology, site: Site, here: list[NodeAnswer]) -> Iterator[VipStatus]:
    """Tell who has each virtual address: a line for each node that has it, or one for nobody."""
    wanted = {
        resource.name: resource.parameters_at(site.name).get("ip", "")
        for group in topology.resources.values()
        for resource in group
        if resource.agent.endswith(":IPaddr2")
    }
    wanted[f"booth-{topology.booth.name}-ip"] = str(site.address)  # as `pcs booth create ip` names it
    for resource, address in wanted.items():
        holders = [answer.node for answer in here if address in answer.addresses]
        if not holders:
            yield VipStatus(resource=resource, address=address, node=None)
        yield from (VipStatus(resource=resource, address=address, node=node) for node in holders)


def _tickets(topology: Topology, asked: NodeAnswer | None) -> tuple[SiteTicket, ...]:
    if asked is None:
        return ()
    if asked.cib is not None:
        owners = {booth.site_id(str(member.address)): str(member.address) for member in topology.members}
        return tuple(_ticket(each, owners) for each in asked.cib)
    return tuple(
        SiteTicket(
            name=each.name,
            granted=each.granted,
            standby=each.standby,
            owner=None,
            expires=None,
            term=None,
            last_granted=each.last_granted,
        )
        for each in (asked.cluster.tickets if asked.cluster else ())
    )


def _ticket(ticket: cib.TicketState, owners: Mapping[int, str]) -> SiteTicket:
    return SiteTicket(
        name=ticket.name,
        granted=ticket.granted,
        standby=ticket.standby,
        owner=owners.get(ticket.owner) if ticket.owner is not None else None,
        expires=_time(ticket.expires),
        term=ticket.term,
        last_granted=_time(ticket.last_granted),
    )


def _time(epoch_s: int | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
