"""What a lab is doing: asked with one command per node, answered as one value.

``questions`` gives every node a script to run, ``assemble`` makes a ``LabStatus`` of
what they printed. Both are pure; carrying the scripts to the nodes is the caller's.
"""

from boothlab.engine.status.assemble import assemble
from boothlab.engine.status.model import (
    ArbitratorStatus,
    LabStatus,
    MemberStatus,
    NodeStatus,
    PeerStatus,
    ResourceStatus,
    SiteStatus,
    SiteTicket,
    TicketStatus,
    TicketView,
    VipStatus,
)
from boothlab.engine.status.questions import Section, questions, sections

__all__ = [
    "ArbitratorStatus",
    "LabStatus",
    "MemberStatus",
    "NodeStatus",
    "PeerStatus",
    "ResourceStatus",
    "Section",
    "SiteStatus",
    "SiteTicket",
    "TicketStatus",
    "TicketView",
    "VipStatus",
    "assemble",
    "questions",
    "sections",
]
