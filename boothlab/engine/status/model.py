"""The status of a lab, as ``boothlab status --json`` publishes it.

``model_dump(mode="json")`` is a public format: fields may be added, never renamed
or removed. Times are ISO 8601 with an offset; what nobody could tell is null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class NodeStatus(BaseModel, frozen=True):
    """A container of the lab."""

    name: str
    address: str
    online: bool
    """Pacemaker's word; without Pacemaker, whether the node answers."""
    state: str
    """online, standby, maintenance, pending, unclean or offline."""
    dc: bool = False
    container_state: str
    """The container engine's word, e.g. running, paused, exited; ``absent`` when there is none."""
    answers: bool
    """Whether the node answered what it was asked for this status."""


class ResourceStatus(BaseModel, frozen=True):
    """A Pacemaker resource at a site."""

    name: str
    group: str | None
    agent: str
    state: str
    """Pacemaker's word, e.g. Started, Stopped, Starting, Stopping."""
    node: str | None
    """Where it is active; the first such node should there be several."""
    failed: bool = False
    managed: bool = True
    blocked: bool = False


class VipStatus(BaseModel, frozen=True):
    """A virtual address of a site and the node whose interface really has it."""

    resource: str
    address: str
    node: str | None


class SiteTicket(BaseModel, frozen=True):
    """A ticket in a site's CIB: what Booth told Pacemaker there."""

    name: str
    granted: bool
    standby: bool
    owner: str | None
    """Address of the leader that the CIB names; null when it names nobody."""
    expires: datetime | None
    term: int | None
    last_granted: datetime | None


class SiteStatus(BaseModel, frozen=True):
    """A site: its cluster as a node in the quorate partition sees it."""

    name: str
    cluster: str | None
    """Corosync's name for the cluster; null at a site without one."""
    address: str
    """Booth's address."""
    quorum: bool | None
    dc: str | None
    asked: str | None
    """The node whose answer is shown."""
    agreed: bool
    """Whether all its nodes that have a cluster name the same nodes as online."""
    nodes: tuple[NodeStatus, ...]
    resources: tuple[ResourceStatus, ...]
    vips: tuple[VipStatus, ...]
    tickets: tuple[SiteTicket, ...]
    failures: tuple[str, ...] = ()
    """Failed operations that Pacemaker still remembers, a sentence each."""
    problem: str | None = None
    """Why some of this could not be told, e.g. that Pacemaker does not run."""


class ArbitratorStatus(BaseModel, frozen=True):
    """A member that only votes, and its node."""

    name: str
    address: str
    node: NodeStatus


class TicketView(BaseModel, frozen=True):
    """A ticket as one member's Booth knows it."""

    ticket: str
    member: str
    leader: str | None
    """The leader's address; null when it is nobody."""
    says: str
    """The leader as printed: an address, ``none`` (revoked) or ``NONE`` (unknown)."""
    expires: datetime | None
    pending_until: datetime | None = None
    """Until when the leader waits before it tells its CIB."""
    manual: bool = False


class TicketStatus(BaseModel, frozen=True):
    """A ticket, put together from all members and all CIBs."""

    name: str
    leader: str | None
    """Address of the leader, as ``booth list`` prints it; null when it is nobody.

    Should members disagree, the one that most of them name.
    """
    leader_site: str | None
    """Name of the leader's site."""
    expires: datetime | None
    """End of the lease by the leader's own word; by the latest of the others when it is silent."""
    term: int | None
    """The term in the leader's CIB; the highest in any CIB when there is no leader to ask."""
    agreed: bool
    """Whether every member that answered names the same leader; false when none answered."""
    granted: tuple[str, ...]
    """Names of the sites whose CIB has it granted. More than one is what Booth must prevent."""
    granted_at: datetime | None
    """When the latest of these was granted it."""
    pending_until: datetime | None
    manual: bool
    views: tuple[TicketView, ...]


class PeerStatus(BaseModel, frozen=True):
    """What a member's Booth tells about another member; counters count packets."""

    name: str | None
    """The other member's name; null when the topology has no such address."""
    address: str
    last_recv: datetime | None
    """When something was last received from it; null: never."""
    sent: int
    sent_errors: int
    resends: int
    received: int
    received_errors: int
    authfail: int
    invalid: int


class MemberStatus(BaseModel, frozen=True):
    """A Booth daemon."""

    name: str
    role: Literal["site", "arbitrator"]
    address: str
    implementation: str
    node: str | None
    """Where it runs; null when it runs nowhere, or nobody can tell."""
    state: Literal["started", "starting", "stopped", "silent", "unknown"]
    """``silent``: it runs and does not answer. ``unknown``: its node does not answer."""
    pid: int | None
    problem: str | None
    tickets: tuple[TicketView, ...]
    """Its own view of each ticket."""
    peers: tuple[PeerStatus, ...]
    """The other members as it knows them."""


class LabStatus(BaseModel, frozen=True):
    """A lab at one moment."""

    lab: str
    topology: str
    """Name of the topology."""
    state: Literal["running", "partial", "down"]
    """running: every container runs; partial: some do not; down: none does."""
    at: datetime | None
    """When it was asked, by the nodes' clock; null when no node answered."""
    tickets: tuple[TicketStatus, ...]
    sites: tuple[SiteStatus, ...]
    arbitrators: tuple[ArbitratorStatus, ...]
    members: tuple[MemberStatus, ...]
    """The Booth daemons, sites' first."""
    problems: tuple[str, ...]
    """What is not as it should be, a sentence each, the worst first."""
