"""What all tickets of a member share, and what one step of it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from boothlab.core import wire
from boothlab.core.config.model import Role
from boothlab.core.effects import Answer, Log, Send
from boothlab.core.notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from random import Random

    from boothlab.core.auth import ReplayCache, Stamps
    from boothlab.core.clock import Now
    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.effects import Effect
    from boothlab.core.messages import Message, TicketMessage
    from boothlab.core.notes import Code
    from boothlab.core.ticket import Ticket


@dataclass(slots=True)
class Peer:
    """Another member, and what was exchanged with it."""

    config: MemberConfig
    ours: bool = False
    """Whether its latest message bore our mark, see ``announce``."""
    last_heard_us: int = 0
    """Wall clock, microseconds since the epoch; 0 when never."""
    sent: int = 0
    send_errors: int = 0
    resends: int = 0
    received: int = 0
    receive_errors: int = 0
    auth_failures: int = 0
    invalid: int = 0


@dataclass(slots=True)
class World:
    """What all tickets of a member share."""

    config: Config
    me: MemberConfig
    key: bytes | None
    rng: Random
    peers: Mapping[int, Peer]
    stamps: Stamps
    replays: ReplayCache
    local_time: Callable[[float], str]
    """Writes seconds since the epoch as people at this site read them."""
    requests: Iterator[int] = field(default_factory=count)
    last_stamp_us: int = 0

    @property
    def is_site(self) -> bool:
        """Return whether this member can hold tickets."""
        return self.me.role is Role.SITE

    def site_ids(self) -> list[int]:
        """Return the sites' ids in the configuration's order."""
        return [site.id for site in self.config.sites]

    def name_of(self, number: int) -> str:
        """Return a member's address, or its number if it is none of ours."""
        member = self.config.member(number)
        return member.address if member else str(number)


@dataclass(slots=True)
class Turn:
    """One step of a member: when it is, and what it asks the shell to do."""

    world: World
    now: Now
    effects: list[Effect] = field(default_factory=list)

    @property
    def mono_ms(self) -> int:
        """Return the monotonic clock, milliseconds."""
        return self.now.mono_ms

    @property
    def me(self) -> int:
        """Return this member's site id."""
        return self.world.me.id

    def emit(self, effect: Effect) -> None:
        """Ask the shell for something."""
        self.effects.append(effect)

    def encode(self, message: Message) -> bytes:
        """Return a message's bytes, signed if there is a key, with a stamp that never repeats."""
        self.world.last_stamp_us = max(self.now.wall_us, self.world.last_stamp_us + 1)
        return wire.encode(message, key=self.world.key, stamp_us=self.world.last_stamp_us)

    def send(self, message: TicketMessage, to: Iterable[int], *, again: bool = False) -> None:
        """Send the same bytes to some members; ``again`` counts them as resends."""
        data = self.encode(message)
        for number in to:
            peer = self.world.peers[number]
            peer.sent += 1
            peer.resends += again
            self.emit(Send(number, data))

    def answer(self, client: int, message: Message, *, final: bool = True) -> None:
        """Answer a client."""
        self.emit(Answer(client, self.encode(message), final))

    def note(self, code: Code, ticket: Ticket | None = None, **fields: object) -> None:
        """Tell the administrator something, about a ticket or the member as a whole."""
        if ticket is None:
            self.emit(Log(Note(code, fields)))
            return
        left_ms = ticket.left_ms(self.mono_ms)
        self.emit(Log(Note(code, fields, ticket.config.name, ticket.state, ticket.term, left_ms)))
