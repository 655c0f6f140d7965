"""Booth's messages as values. ``wire`` turns them into bytes and back.

Numbers are as on the wire: ids, terms and codes are unsigned 32 bit; ``valid`` has the
unit of the cluster's configuration, see ``TimeScale``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from boothlab.core.codes import NO_ONE


@dataclass(frozen=True, slots=True)
class Header:
    """What every message begins with. ``length`` is the wire's business."""

    command: int
    """What it is; any number from the wire, mostly one of ``Command``."""
    sender: int
    """The sender's site id."""
    request: int = 0
    """The command that this answers, else 0."""
    options: int = 0
    """A client's ``Option`` bits; between members, see ``announce``."""
    reason: int = 0
    result: int = 0
    opts: int = 0
    """``OPTS_AUTHENTICATED`` when it is signed, ``OPTS_ATTRIBUTE``; nothing depends on it."""
    stamp_us: int = 0
    """When it was signed: wall clock, microseconds since the epoch; 0 without authentication."""


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """A message about a ticket: all between members, grant and revoke, and their results."""

    header: Header
    ticket: str
    leader: int = NO_ONE
    """Who holds it, or is voted for: a site id, ``NO_ONE``, or 0 towards clients."""
    term: int = 0
    valid: int = 0
    """What is left of the lease, in the cluster's time scale."""


@dataclass(frozen=True, slots=True)
class AttributeMessage:
    """A client's request about a ticket's attribute."""

    header: Header
    ticket: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A daemon's answer to list, peers, get and list of attributes."""

    header: Header
    text: bytes = field(default=b"")


@dataclass(frozen=True, slots=True)
class HeaderMessage:
    """A header alone: errors that precede the ticket's logic."""

    header: Header


Message = TicketMessage | AttributeMessage | TextMessage | HeaderMessage
