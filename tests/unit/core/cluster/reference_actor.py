"""What a member that behaves like ClusterLabs booth does by itself: campaigns, leads, loses."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.config.model import Role
from boothlab.core.effects import Answer, Effect, Send, WriteCib
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.notes import State
from boothlab.core.wire import encode, valid_to_wire

if TYPE_CHECKING:
    from boothlab.core.clock import Now
    from boothlab.core.config.model import Config, TicketConfig

_NEVER_MS: Final = 3_600_000


@dataclass(slots=True)
class Ticket:
    config: TicketConfig
    state: State = State.INIT
    leader: int = UNKNOWN
    term: int = 0
    expires_ms: int = 0
    voted_for: int = UNKNOWN
    votes: dict[int, int] = field(default_factory=dict)
    in_election: bool = False
    election_end_ms: int = 0
    reason: int = Reason.NONE
    saved_term: int | None = None
    last_request: int = 0
    expected: int = 0
    acks: set[int] = field(default_factory=set)
    retry: int = 0
    updated: int = 0
    renewed_ms: int = 0
    delay_until_ms: int | None = None
    cron_ms: int = 0
    clients: list[int] = field(default_factory=list)
    writing: bool = False
    waiting: WriteCib | None = None

    @property
    def owned(self) -> bool:
        return self.leader not in {UNKNOWN, NO_ONE}

    def disown(self, now_ms: int) -> None:
        self.leader, self.expires_ms = UNKNOWN, now_ms

    def reset(self, now_ms: int) -> None:
        self.disown(now_ms)
        self.retry, self.expected, self.voted_for, self.state = 0, 0, UNKNOWN, State.INIT


class Actor:
    """What such a member does about its tickets when nobody asks."""

    def __init__(self, config: Config, me: int, *, key: bytes | None = None, seed: int = 0) -> None:
        found = config.member(me)
        assert found is not None
        self._config, self._me, self._key, self._self = config, me, key, found
        self._site = found.role is Role.SITE
        self._others = [each.id for each in config.members if each.id != me]
        self._tickets = {each.name: Ticket(each) for each in config.tickets}
        self._random = Random(seed)  # noqa: S311
        self._effects: list[Effect] = []
        self._now: Now | None = None
        self._requests = 0

    @property
    def _ms(self) -> int:
        assert self._now is not None
        return self._now.mono_ms

    # --- sending

    def _left(self, t: Ticket) -> int:
        return max(0, t.expires_ms - self._ms)

    def _send(
        self, t: Ticket, to: int, command: Command, *, request: int = 0, reason: int = 0, result: int = 0
    ) -> None:
        assert self._now is not None
        leader = t.leader if t.owned else t.voted_for or NO_ONE
        if command == Command.VOTE_FOR:
            leader = t.voted_for or NO_ONE
        header = Header(command, self._me, request=request, reason=reason, result=result)
        valid = valid_to_wire(self._left(t), self._config.scale)
        message = TicketMessage(header, t.config.name, leader, t.term, valid)
        stamp_us = self._now.wall_us + len(self._effects)
        self._effects.append(Send(to, encode(message, key=self._key, stamp_us=stamp_us)))

    def _broadcast(self, t: Ticket, command: Command, expected: int = 0, reason: int = 0) -> None:
        for other in self._others:
            self._send(t, other, command, reason=reason)
        t.last_request = command
        if expected:
            t.expected, t.acks, t.retry = expected, {self._me}, 0
        t.cron_ms = self._ms + t.config.timeout_ms

    def _reject(self, t: Ticket, m: TicketMessage, result: Result) -> None:
        self._send(t, m.header.sender, Command.REJECTED, request=m.header.command, result=result)

    def _tell(self, t: Ticket, result: Result, *, final: bool) -> None:
        for client in t.clients:
            self._answer(t, client, result, final=final)
        if final:
            t.clients = []

    def _answer(self, t: Ticket, client: int, result: Result, *, final: bool) -> None:
        header = Header(Command.RESULT, self._me, result=result)
        valid = valid_to_wire(self._left(t), self._config.scale)
        message = TicketMessage(header, t.config.name, t.leader, t.term, valid)
        assert self._now is not None
        data = encode(message, key=self._key, stamp_us=self._now.wall_us)
        self._effects.append(Answer(client, data, final))

    # --- Pacemaker

    def _commit(self, t: Ticket) -> bool:
        """Write what is so into the CIB; return whether a grant had to wait."""
        if not self._site:
            return False
        granted = t.leader == self._me
        if granted and t.delay_until_ms is not None:
            sites = {each.id for each in self._config.sites}
            if t.delay_until_ms > self._ms and not sites <= t.acks:
                return True
            t.delay_until_ms = None
        self._requests += 1
        expires_s = (self._now.wall_us // 1_000_000 if self._now else 0) + self._left(t) // 1000
        owner = -1 if t.leader == NO_ONE else t.leader
        write = WriteCib(self._requests, t.config.name, granted, owner, expires_s, t.term)
        if t.writing:
            t.waiting = write
        else:
            self._effects.append(write)
            t.writing = True
        return False

    def _written(self, t: Ticket) -> None:
        t.writing = t.waiting is not None
        if t.waiting is not None:
            self._effects.append(t.waiting)
            t.waiting = None

    # --- elections

    def _elect(self, t: Ticket, reason: int, *, bump: bool = True) -> None:
        if bump and t.saved_term is not None and t.saved_term >= t.term:
            t.term += 1
        t.election_end_ms = self._ms + t.config.timeout_ms
        t.in_election, t.state, t.reason = True, State.CANDIDATE, reason
        t.voted_for, t.votes = self._me, {self._me: self._me}
        self._broadcast(t, Command.REQUEST_VOTE, Command.VOTE_FOR, reason)
        t.cron_ms += self._random.randint(0, min(1000, t.config.timeout_ms))

    def _election_end(self, t: Ticket) -> None:
        t.in_election = False
        counts = [list(t.votes.values()).count(each.id) for each in self._config.members]
        mine = list(t.votes.values()).count(self._me)
        if mine >= self._config.majority:
            t.leader, t.state, t.voted_for = self._me, State.LEADER, UNKNOWN
            t.expires_ms = self._ms + t.config.expire_ms
            if t.delay_until_ms is not None and {each.id for each in self._config.sites} <= t.acks:
                t.delay_until_ms = None
            t.saved_term, t.updated = t.term, 0
            self._broadcast(t, Command.HEARTBEAT, Command.ACK)
        elif max(counts) >= self._config.majority:
            t.cron_ms = self._ms + self._config.poll_ms
        else:
            self._tell(t, Result.MORE, final=False)
            tie = counts.count(max(counts)) > 1
            t.term += tie
            self._elect(t, t.reason, bump=False)

    # --- the cron

    def _cron(self, t: Ticket) -> None:
        t.cron_ms = self._ms + _NEVER_MS
        if t.expected == Command.MY_INDEX:
            t.expected = 0
        if t.owned and t.expires_ms <= self._ms:
            self._lost(t)
        elif t.state is State.CANDIDATE:
            self._election_end(t)
        elif t.state is State.LEADER:
            self._lead(t)
        elif t.state is State.INIT and t.expected:
            self._resend(t)
        elif t.state is State.FOLLOWER and t.leader == UNKNOWN and self._site:
            if t.voted_for == UNKNOWN or not t.in_election:
                self._elect(t, t.reason)
            else:
                t.in_election, t.cron_ms = False, self._ms + t.config.timeout_ms

    def _lost(self, t: Ticket) -> None:
        t.reason = (t.reason or Reason.REACQUIRE) if t.leader == self._me else Reason.TICKET_LOST
        t.saved_term = t.term
        t.reset(self._ms)
        t.state = State.FOLLOWER
        self._commit(t)
        self._schedule(t, t.reason)

    def _schedule(self, t: Ticket, reason: int) -> None:
        if self._site:
            t.reason = reason
            t.cron_ms = self._ms + self._random.randint(0, min(1000, t.config.timeout_ms))

    def _lead(self, t: Ticket) -> None:
        if t.expected:
            self._resend(t)
            if len(t.acks) >= self._config.majority:
                self._leader_update(t)
        elif t.delay_until_ms is not None and t.updated == 1:
            self._leader_update(t)
            self._wake_up(t)
        else:
            self._broadcast(t, Command.HEARTBEAT, Command.ACK)
            t.updated = 0
        if t.owned and t.leader == self._me:
            # Its lease's end is seen by the cron only, and that comes when it comes.
            t.cron_ms = min(t.cron_ms, t.expires_ms + t.config.timeout_ms + self._config.poll_ms)

    def _resend(self, t: Ticket) -> None:
        t.retry += 1
        if t.retry > t.config.retries:
            t.expected, t.retry = 0, 0
            self._wake_up(t)
            return
        for other in self._others:
            if other not in t.acks:
                self._send(t, other, Command(t.last_request))
        t.cron_ms = self._ms + t.config.timeout_ms

    def _wake_up(self, t: Ticket) -> None:
        if t.state is State.LEADER:
            t.cron_ms = t.renewed_ms + t.config.renewal_ms
            if t.delay_until_ms is not None:
                t.cron_ms = min(t.cron_ms, t.delay_until_ms)
            t.cron_ms = max(t.cron_ms, self._ms + 10)
        elif t.state is State.CANDIDATE:
            t.cron_ms = t.election_end_ms
        elif t.owned:
            t.cron_ms = t.expires_ms + t.config.acquire_after_ms
        else:
            t.cron_ms = self._ms + _NEVER_MS

    def _leader_update(self, t: Ticket) -> None:
        if t.updated >= 2:
            return
        if t.updated == 0:
            t.updated, t.renewed_ms, t.expires_ms = 1, self._ms, self._ms + t.config.expire_ms
            self._broadcast(t, Command.UPDATE, Command.ACK)
        if self._commit(t):
            self._tell(t, Result.CIB_PENDING, final=True)
        else:
            t.updated = 2
            self._tell(t, Result.SUCCESS, final=True)
