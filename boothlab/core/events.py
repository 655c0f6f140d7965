"""What can happen to a member. One door takes it all: ``Member.step(now, event)``.

Whatever an effect asked for under a number (``request``, ``client``) is answered exactly
once by the shell, also when it failed or took too long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Promise:
    """What a member must not forget when its process is replaced: its word to the others.

    The shell stores it with ``effects.Remember`` and hands it back in ``Started``, but only
    while the monotonic clock it was made on still runs (the same boot).
    """

    term: int
    voted_for: int
    """Whom it voted for in this term: a site id, or ``UNKNOWN``."""
    leader: int
    """Whose lease it acknowledged: a site id, ``UNKNOWN`` or ``NO_ONE``."""
    lease_end_ms: int
    """When that lease ends, on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class CibTicket:
    """A ticket as Pacemaker stores it; None where an attribute is missing."""

    granted: bool | None = None
    owner: int | None = None
    """As stored, signed: a site id, 0 (unknown) or -1 (nobody)."""
    expires_s: int | None = None
    """Wall clock, seconds since the epoch."""
    term: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Whatever else it has, without id, last-granted and booth-cfg-name."""


@dataclass(frozen=True, slots=True)
class Started:
    """The process is up and its sockets are bound. The first event, and only once."""

    promises: Mapping[str, Promise] = field(default_factory=dict)
    """What it promised before it was restarted, by ticket."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """Bytes came in over UDP, at most 1024 of them."""

    data: bytes
    source: str
    """The address they came from, for the log only: members are known by what they sign."""


@dataclass(frozen=True, slots=True)
class Request:
    """A client sent one whole message over TCP."""

    client: int
    """The connection's number, never used twice."""
    data: bytes


@dataclass(frozen=True, slots=True)
class ClientGone:
    """A client closed its connection, or it was closed for it. It need not be answered."""

    client: int


@dataclass(frozen=True, slots=True)
class Woken:
    """The deadline came, or the shell woke up early: no harm."""


@dataclass(frozen=True, slots=True)
class CibLoaded:
    """The answer to ``LoadCib``."""

    request: int
    ticket: str
    state: CibTicket | None = None
    """None: Pacemaker has no such ticket, or it could not be read."""
    error: str = ""
    """Why it could not be read; empty when it could."""


@dataclass(frozen=True, slots=True)
class CibWritten:
    """The answer to ``WriteCib``."""

    request: int
    ticket: str
    error: str = ""
    """Why it failed; empty when Pacemaker took it."""


@dataclass(frozen=True, slots=True)
class HandlerEnded:
    """The answer to ``RunHandler``."""

    request: int
    ticket: str
    status: int
    """Exit code, or 128 and the signal's number; 0 says that the ticket may be held."""
    error: str = ""
    """Why it could not be run at all; empty when it was."""


@dataclass(frozen=True, slots=True)
class SendFailed:
    """A datagram could not be handed to the kernel."""

    to: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """The process is about to end. Nothing is sent and no ticket changes: a restart goes on."""


Event = (
    Started
    | Datagram
    | Request
    | ClientGone
    | Woken
    | CibLoaded
    | CibWritten
    | HandlerEnded
    | SendFailed
    | Stopping
)
