"""What a member asks its shell to do, in this order and best at once.

Best effort means: never wait for it. Everything with a ``request`` number is answered by
the event that its docstring names, exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boothlab.core.events import Promise
    from boothlab.core.notes import Note


@dataclass(frozen=True, slots=True)
class Send:
    """Send a datagram to a member; best effort, ``SendFailed`` when the kernel refuses it."""

    to: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Send bytes to a client; when ``final``, close the connection after them."""

    client: int
    data: bytes
    final: bool = True


@dataclass(frozen=True, slots=True)
class Remember:
    """Store what must survive a restart of this process, before any later effect is carried out."""

    ticket: str
    promise: Promise


@dataclass(frozen=True, slots=True)
class LoadCib:
    """Read a ticket from Pacemaker; answered by ``CibLoaded``."""

    request: int
    ticket: str


@dataclass(frozen=True, slots=True)
class WriteCib:
    """Grant or revoke a ticket in Pacemaker; answered by ``CibWritten``.

    Never two at a time for one ticket. When ``deadline_ms`` comes before the tool has ended, it
    is killed and answered as failed: what it would still write is not true any more. Until a
    grant's deadline is moved by a later grant or lifted by a revoke, the shell's lease guard
    revokes the ticket at that moment should this process have died or stopped.
    """

    request: int
    ticket: str
    granted: bool
    owner: int
    """As stored, signed: a site id, 0 (unknown) or -1 (nobody)."""
    expires_s: int
    """Wall clock, seconds since the epoch."""
    term: int
    deadline_ms: int | None = None
    """Monotonic; a grant's lease end. None for a revoke."""


@dataclass(frozen=True, slots=True)
class CancelWrite:
    """Kill a running ``WriteCib``; it is still answered, by a failure if it had not ended."""

    request: int
    ticket: str


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Store an attribute of a ticket in Pacemaker, or delete it (``value`` None).

    Best effort: tried a few times, never answered. In order for one ticket.
    """

    ticket: str
    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RunHandler:
    """Run the ticket's before-acquire-handler; answered by ``HandlerEnded``."""

    request: int
    ticket: str
    expires_s: int
    """The lease's end, for its environment: wall clock, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class CancelHandler:
    """End a running handler; it is still answered."""

    request: int
    ticket: str


@dataclass(frozen=True, slots=True)
class Log:
    """Write a note to the log. Nothing is ever decided by it."""

    note: Note


Effect = (
    Send
    | Answer
    | Remember
    | LoadCib
    | WriteCib
    | CancelWrite
    | SetAttribute
    | RunHandler
    | CancelHandler
    | Log
)
