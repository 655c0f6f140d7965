"""A member of a Booth cluster: one door in, effects out.

``step`` takes whatever happened and returns what is to be done about it. It reads no clock,
no socket and no file; the same configuration, seed and events give the same effects; and
nothing that comes from the network makes it raise.
"""

from __future__ import annotations

import heapq
from random import Random
from typing import TYPE_CHECKING, assert_never

from boothlab.core import announce, cib, clients, handling, leading, peers, starting, timers, voting, wire
from boothlab.core.auth import ReplayCache, Stamps
from boothlab.core.effects import Answer
from boothlab.core.events import (
    CibLoaded,
    CibWritten,
    ClientGone,
    Datagram,
    HandlerEnded,
    Request,
    SendFailed,
    Started,
    Stopping,
    Woken,
)
from boothlab.core.notes import Code
from boothlab.core.ticket import Ticket
from boothlab.core.view import MemberView, PeerView, TicketView, utc_text
from boothlab.core.world import Peer, Turn, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.core.clock import Now
    from boothlab.core.config.model import Config
    from boothlab.core.effects import Effect
    from boothlab.core.events import Event, Promise


class Member:
    """One Booth member, site or arbitrator, with all its tickets."""

    def __init__(
        self,
        config: Config,
        me: int,
        *,
        key: bytes | None = None,
        seed: int = 0,
        local_time: Callable[[float], str] | None = None,
    ) -> None:
        """Make a member that has not started yet.

        Args:
            config: The cluster's configuration.
            me: This member's site id.
            key: The shared key; None without authentication.
            seed: Of the random delays after lost elections.
            local_time: How seconds since the epoch are written in texts for people; UTC if None.

        Raises:
            ValueError: the configuration has no such member.
        """
        this = config.member(me)
        if this is None:
            raise ValueError(f"no member has the id {me}: check the address in {config.path}")
        others = {each.id: Peer(each) for each in config.members if each.id != me}
        skew_s = config.max_time_skew_s
        self._world = World(
            config,
            this,
            key,
            Random(seed),  # noqa: S311 - delays, not secrets
            others,
            Stamps(skew_s),
            ReplayCache(skew_s),
            local_time or utc_text,
        )
        # Rounds begin anywhere: what was sent to the process before this one answers none of ours.
        first = self._world.rng.randrange(announce.ROUND_BITS)
        self._tickets = {each.name: Ticket(each, round_number=first) for each in config.tickets}
        self._promises: Mapping[str, Promise] = {}
        self._due: list[tuple[int, str]] = []
        self._wanted: dict[str, int | None] = {}

    @property
    def deadline_ms(self) -> int | None:
        """Return when to step with ``Woken`` at the latest: monotonic clock; None: nothing is due."""
        while self._due and self._wanted.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)  # it was moved
        return self._due[0][0] if self._due else None

    def step(self, now: Now, event: Event) -> list[Effect]:
        """Take an event; return what is to be done about it, in this order.

        What is due is done first: after a pause, a leader finds its lease over before it reads
        what was sent to it meanwhile.
        """
        turn = Turn(self._world, now)
        self._fire(turn)
        for ticket in self._handle(turn, event):
            self._schedule(now, ticket)
        return turn.effects

    def _fire(self, turn: Turn) -> None:
        while (due := self.deadline_ms) is not None and due <= turn.mono_ms:
            _, name = heapq.heappop(self._due)
            self._wanted[name] = None
            timers.fire(turn, self._tickets[name])
            self._schedule(turn.now, self._tickets[name])

    def _schedule(self, now: Now, ticket: Ticket) -> None:
        name, due = ticket.config.name, timers.deadline_ms(ticket, now.mono_ms)
        if self._wanted.get(name) != due:
            self._wanted[name] = due
            if due is not None:
                heapq.heappush(self._due, (due, name))

    def _handle(self, turn: Turn, event: Event) -> list[Ticket]:  # noqa: C901, PLR0911 - one door
        """Hand an event to whom it concerns; return the tickets that it may have changed."""
        match event:
            case Datagram():
                return _some(peers.receive(turn, self._tickets, event))
            case Request():
                return _some(self._request(turn, event))
            case Woken() | Stopping():
                return []
            case CibWritten():
                ticket = self._tickets[event.ticket]
                _cib_written(turn, ticket, event)
                return [ticket]
            case CibLoaded():
                ticket = self._tickets[event.ticket]
                starting.on_loaded(turn, ticket, event, self._promises.get(event.ticket))
                return [ticket]
            case HandlerEnded():
                ticket = self._tickets[event.ticket]
                handling.ended(turn, ticket, event)
                return [ticket]
            case ClientGone():
                for ticket in self._tickets.values():
                    clients.gone(ticket, event.client)
                return []
            case SendFailed():
                self._world.peers[event.to].send_errors += 1
                return []
            case Started():
                self._promises = event.promises
                for name, ticket in self._tickets.items():
                    starting.start(turn, ticket, self._promises.get(name))
                return list(self._tickets.values())
            case _:
                assert_never(event)

    def _request(self, turn: Turn, event: Request) -> Ticket | None:
        try:
            return clients.on_request(turn, self._tickets, event)
        except wire.WireError as error:
            turn.note(Code.CLIENT_MALFORMED, reason=str(error))
            turn.emit(Answer(event.client, b""))
            return None

    def view(self, now: Now) -> MemberView:
        """Return a picture of what this member knows."""
        tickets = tuple(_view(ticket, now) for ticket in self._tickets.values())
        return MemberView(self._world.me, tickets, tuple(map(_peer_view, self._world.peers.values())))


def _some(ticket: Ticket | None) -> list[Ticket]:
    return [] if ticket is None else [ticket]


def _cib_written(turn: Turn, ticket: Ticket, event: CibWritten) -> None:
    settled = cib.written(turn, ticket, event)
    leading.announce(turn, ticket)
    if settled:
        leading.committed(turn, ticket)
    voting.reconsider(turn, ticket)


def _view(ticket: Ticket, now: Now) -> TicketView:
    return TicketView(
        ticket.config.name,
        ticket.config.mode,
        ticket.state,
        ticket.leader,
        ticket.term,
        ticket.lease_end_ms,
        ticket.left_ms(now.mono_ms),
        ticket.cib.maybe_granted,
        ticket.grant.commit_at_ms if ticket.grant is not None else None,
        dict(ticket.counters),
    )


def _peer_view(peer: Peer) -> PeerView:
    return PeerView(
        peer.config,
        peer.last_heard_us,
        peer.sent,
        peer.send_errors,
        peer.resends,
        peer.received,
        peer.receive_errors,
        peer.auth_failures,
        peer.invalid,
    )
