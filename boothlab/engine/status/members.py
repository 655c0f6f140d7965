"""A Booth daemon's part of the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from boothlab.engine.status.model import MemberStatus, PeerStatus, TicketView
from boothlab.engine.topology.model import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.parsers import booth
    from boothlab.engine.status.answers import NodeAnswer
    from boothlab.engine.topology.model import Member, Topology

State = Literal["started", "starting", "stopped", "silent", "unknown"]


def member_status(topology: Topology, member: Member, answers: Mapping[str, NodeAnswer]) -> MemberStatus:
    """Return the status of one member: of the daemon on that of its nodes where it runs."""
    nodes = list(member.nodes) if isinstance(member, Site) else [_node_of(topology, member)]
    here = [answers[node] for node in nodes if node in answers]
    answer = max(here, key=lambda each: _likelihood(each, str(member.address)), default=None)
    state = _state(answer)
    return MemberStatus(
        name=member.name,
        role="site" if isinstance(member, Site) else "arbitrator",
        address=str(member.address),
        implementation=member.implementation,
        node=answer.node if answer and state in {"started", "starting", "silent"} else None,
        state=state,
        pid=answer.daemon.pid if answer and answer.daemon else None,
        problem=_problem(member, answer, state),
        tickets=tuple(_view(member, each) for each in answer.tickets or ()) if answer else (),
        peers=tuple(_peer(topology, each) for each in answer.peers) if answer else (),
    )


def _node_of(topology: Topology, member: Member) -> str:
    return next(each.node_name for each in topology.arbitrators if each.name == member.name)


def _likelihood(answer: NodeAnswer, address: str) -> tuple[bool, bool, bool]:
    """Rank the nodes of a site: Booth runs on one of them."""
    return answer.tickets is not None, answer.daemon is not None, address in answer.addresses


def _state(answer: NodeAnswer | None) -> State:
    if answer is None:
        return "unknown"
    if answer.daemon is not None and answer.daemon.state == "starting":
        return "starting"
    if answer.tickets is not None:
        return "started"  # `booth status` may have lost the daemon's lock file; the answer counts
    return "silent" if answer.booth_hangs or answer.daemon is not None else "stopped"


def _problem(member: Member, answer: NodeAnswer | None, state: State) -> str | None:
    if answer is None:
        return "its node does not answer"
    if state == "stopped" and str(member.address) not in answer.addresses:
        return f"no node has {member.address}"
    return answer.booth_problem


def _view(member: Member, ticket: booth.ListedTicket) -> TicketView:
    return TicketView(
        ticket=ticket.name,
        member=member.name,
        leader=ticket.leader,
        says=ticket.says,
        expires=ticket.expires,
        pending_until=ticket.pending_until,
        manual=ticket.manual,
    )


def _peer(topology: Topology, peer: booth.Peer) -> PeerStatus:
    names = {str(member.address): member.name for member in topology.members}
    return PeerStatus(
        name=names.get(peer.address),
        address=peer.address,
        last_recv=peer.last_recv,
        sent=peer.sent,
        sent_errors=peer.sent_errors,
        resends=peer.resends,
        received=peer.received,
        received_errors=peer.received_errors,
        authfail=peer.authfail,
        invalid=peer.invalid,
    )
