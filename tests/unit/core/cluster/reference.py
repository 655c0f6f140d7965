"""A member that behaves like ClusterLabs booth where other members can notice, weaknesses included.

For clusters of both kinds. It votes, acknowledges, campaigns, leads and gives up as the C
daemon does, with its worst delays: an ended lease is noticed up to a timeout and a poll
interval late. It knows one kind of ticket (auto), no handler and no start from the CIB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unit.core.cluster.reference_actor import Actor, Ticket

from boothlab.core.announce import is_ours
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.events import CibWritten, Datagram, Event, Request, Started, Woken
from boothlab.core.notes import State
from boothlab.core.view import MemberView, TicketView
from boothlab.core.wire import decode_ticket, valid_from_wire

if TYPE_CHECKING:
    from boothlab.core.clock import Now
    from boothlab.core.effects import Effect
    from boothlab.core.messages import TicketMessage


class Reference(Actor):
    """One such member, to be used in place of ``Member``."""

    @property
    def deadline_ms(self) -> int | None:
        return min((each.cron_ms for each in self._tickets.values()), default=None)

    def view(self, now: Now) -> MemberView:
        return MemberView(self._self, tuple(self._view(each, now) for each in self._tickets.values()), ())

    def _view(self, t: Ticket, now: Now) -> TicketView:
        return TicketView(
            name=t.config.name,
            mode=t.config.mode,
            state=t.state,
            leader=t.leader,
            term=t.term,
            lease_end_ms=t.expires_ms,
            left_ms=max(0, t.expires_ms - now.mono_ms),
            granted_here=t.leader == self._me,
            commit_pending_until_ms=t.delay_until_ms,
            counters={},
        )

    def step(self, now: Now, event: Event) -> list[Effect]:
        self._now, self._effects = now, []
        match event:
            case Started():
                for t in self._tickets.values():
                    t.expires_ms = self._ms
                    self._broadcast(t, Command.STATUS, Command.MY_INDEX)
            case Datagram(data):
                self._message(decode_ticket(data))
            case Request(client, data):
                self._request(client, decode_ticket(data))
            case CibWritten(ticket=name):
                self._written(self._tickets[name])
            case Woken():
                for t in self._tickets.values():
                    if t.cron_ms <= self._ms:
                        self._cron(t)
            case _:
                pass
        return self._effects

    # --- clients

    def _request(self, client: int, m: TicketMessage) -> None:
        t = self._tickets[m.ticket]
        if m.header.command == Command.GRANT:
            if t.owned:
                self._answer(t, client, Result.OVERGRANT, final=True)
                return
            t.delay_until_ms = self._ms + t.config.expire_ms + t.config.acquire_after_ms
            t.clients.append(client)
            self._answer(t, client, Result.MORE, final=False)
            self._elect(t, Reason.ADMIN)
        elif not t.owned:
            self._answer(t, client, Result.TICKET_IDLE, final=True)
        elif t.leader != self._me:
            self._answer(t, client, Result.REDIRECT, final=True)
        else:
            self._revoke(t)
            self._answer(t, client, Result.SUCCESS, final=True)

    def _revoke(self, t: Ticket) -> None:
        t.saved_term = t.term
        t.reset(self._ms)
        t.leader = NO_ONE
        self._commit(t)
        self._broadcast(t, Command.REVOKED, Command.ACK, Reason.ADMIN)

    # --- messages

    def _message(self, m: TicketMessage) -> None:
        t, sender, command = self._tickets[m.ticket], m.header.sender, m.header.command
        if m.header.request == t.last_request and command == t.expected:
            t.acks.add(sender)
            if len(t.acks) == len(self._config.members):
                t.expected, t.retry = 0, 0
                self._wake_up(t)
        if command != Command.STATUS and t.saved_term is not None and t.saved_term > m.term:
            return
        handlers = {
            Command.STATUS: self._on_status,
            Command.MY_INDEX: self._on_index,
            Command.REQUEST_VOTE: self._on_request_vote,
            Command.VOTE_FOR: self._on_vote,
            Command.HEARTBEAT: self._on_heartbeat,
            Command.UPDATE: self._on_update,
            Command.ACK: self._on_ack,
            Command.REVOKED: self._on_revoked,
            Command.REJECTED: self._on_rejected,
        }
        handlers[Command(command)](t, m, sender)

    def _on_status(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        if not t.in_election:
            self._send(t, sender, Command.MY_INDEX, request=m.header.command)

    def _on_index(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        older, valid_ms = t.term - m.term, self._valid(m)
        if older > 0:
            self._send(t, sender, Command.MY_INDEX, request=m.header.command)
        elif (older == 0 and not valid_ms) or (t.state is State.LEADER and (not valid_ms or older == 0)):
            return
        elif t.state is not State.LEADER and m.leader != self._me:
            t.expires_ms = self._ms + min(t.config.expire_ms, valid_ms)
            t.term, t.leader, t.saved_term = max(t.term, m.term), m.leader, m.term
            t.state = State.FOLLOWER if t.owned else State.INIT
            self._wake_up(t)

    def _on_request_vote(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        reason = m.header.reason
        seems_ok = self._left(t) > 0 and (
            t.state is State.LEADER
            or (t.state is State.FOLLOWER and self._left(t) >= t.config.expire_ms // 3)
        )
        if reason == Reason.TICKET_LOST and t.state is State.INIT and t.leader == NO_ONE:
            self._reject(t, m, Result.YOU_OUTDATED)
        elif (reason == Reason.TICKET_LOST and seems_ok) or (
            sender != t.leader and self._left(t) > 0 and reason != Reason.STEPDOWN
        ):
            self._reject(t, m, Result.TERM_STILL_VALID)
        elif m.term < t.term:
            self._reject(t, m, Result.TERM_OUTDATED)
        else:
            self._vote(t, m, sender)

    def _vote(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        t.in_election = True
        if not self._left(t):
            t.leader = UNKNOWN
        if self._newer(t, m, election=True):
            t.votes, t.voted_for = {sender: m.leader}, sender
        elif t.voted_for == UNKNOWN:
            t.voted_for = sender
            t.votes[sender] = m.leader
        self._send(t, sender, Command.VOTE_FOR, request=m.header.command)

    def _newer(self, t: Ticket, m: TicketMessage, *, election: bool = False) -> bool:
        if m.leader == self._me or m.term <= t.term:
            return False
        t.state, t.term = State.FOLLOWER, m.term
        if not election:
            t.leader = m.leader
        return True

    def _on_vote(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        if m.leader == NO_ONE:
            if sender == t.leader and t.state in {State.FOLLOWER, State.CANDIDATE}:
                t.saved_term = t.term
                t.reset(self._ms)
                t.state = State.FOLLOWER
                self._commit(t)
                self._schedule(t, Reason.STEPDOWN)
        elif t.state is not State.CANDIDATE:
            return
        elif m.term < t.term:
            self._reject(t, m, Result.TERM_OUTDATED)
        else:
            if self._newer(t, m):
                t.votes = {}
            t.votes.setdefault(sender, m.leader)
            if not t.expected:
                self._election_end(t)

    def _follow(self, t: Ticket, m: TicketMessage) -> None:
        t.expires_ms, t.term = self._ms + self._valid(m), m.term
        t.state, t.leader, t.delay_until_ms, t.in_election = State.FOLLOWER, m.leader, None, False

    def _valid(self, m: TicketMessage) -> int:
        return valid_from_wire(m.valid, self._config.scale)

    def _on_heartbeat(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        if m.leader != sender:
            assert not is_ours(m.header.options), "members of ours send heartbeats in their own name only"
        elif (t.leader == self._me and self._left(t)) or t.state is State.LEADER:
            if self._left(t):
                self._reject(t, m, Result.TERM_STILL_VALID)
        elif m.term < t.term and t.owned and sender != t.leader:
            self._reject(t, m, Result.TERM_OUTDATED)
        else:
            self._follow(t, m)
            self._send(t, sender, Command.ACK, request=m.header.command)

    def _on_update(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        follows = not t.owned or (t.leader != self._me and t.leader == m.leader)
        if not follows or t.state is State.LEADER:
            self._reject(t, m, Result.TERM_STILL_VALID)
        elif t.owned and sender != t.leader:
            self._reject(t, m, Result.TERM_OUTDATED)
        else:
            self._follow(t, m)
            self._commit(t)
            self._wake_up(t)
            self._send(t, sender, Command.ACK, request=m.header.command)

    def _on_ack(self, t: Ticket, m: TicketMessage, sender: int) -> None:  # noqa: ARG002
        if t.leader != self._me or t.state is not State.LEADER or self._newer(t, m) or m.term < t.term:
            return
        if m.leader == t.leader and len(t.acks) >= self._config.majority:
            self._leader_update(t)

    def _on_revoked(self, t: Ticket, m: TicketMessage, sender: int) -> None:
        if t.state is State.INIT and t.leader == NO_ONE:
            self._send(t, sender, Command.ACK, request=m.header.command)
        elif t.leader == sender and t.state is State.FOLLOWER:
            t.saved_term = t.term
            t.reset(self._ms)
            t.leader = NO_ONE
            self._commit(t)
            self._send(t, sender, Command.ACK, request=m.header.command)

    def _on_rejected(self, t: Ticket, m: TicketMessage, sender: int) -> None:  # noqa: ARG002
        if t.state is not State.CANDIDATE or m.leader == self._me:
            return
        if m.header.result == Result.YOU_OUTDATED and m.leader == NO_ONE:
            t.leader, t.term, t.state = m.leader, m.term, State.INIT
        else:
            self._follow(t, m)
