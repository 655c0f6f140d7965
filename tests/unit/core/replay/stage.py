"""One member, and everything around it played: time, Pacemaker, the handler, and other members."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

from unit.core.replay.recording import line, read

from boothlab.core import wire
from boothlab.core.clock import Now
from boothlab.core.codes import Command
from boothlab.core.effects import Answer, LoadCib, Log, RunHandler, Send, SetAttribute, WriteCib
from boothlab.core.events import (
    CibLoaded,
    CibTicket,
    CibWritten,
    Datagram,
    Event,
    HandlerEnded,
    Request,
    Started,
    Woken,
)
from boothlab.core.member import Member
from boothlab.core.messages import Header, Message, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.core.cluster.node import Core

    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.effects import Effect
    from boothlab.core.notes import Code

_MONO_AT_ZERO_MS: Final = 1_000_000
_WAKES_MAX: Final = 100_000

_ANSWERS: Final = {
    Command.STATUS: Command.MY_INDEX,
    Command.REQUEST_VOTE: Command.VOTE_FOR,
    Command.HEARTBEAT: Command.ACK,
    Command.UPDATE: Command.ACK,
    Command.REVOKED: Command.ACK,
}


@dataclass(frozen=True)
class Said:
    """A message that the member sent."""

    t: float
    to: int | str
    """A member's site id, or ``client N``."""
    message: Message
    line: str


@dataclass
class Stage:
    """A member on its own. All ``t`` are seconds of the play; 0 is ``t0_s`` on the wall."""

    config: Config
    me: MemberConfig
    key: bytes | None = None
    t0_s: float = 1_795_334_000.0
    cib: dict[str, CibTicket] = field(default_factory=dict)
    handler_fails_from: float = inf
    """Since when the before-acquire-handler fails."""
    kind: Callable[..., Core] = Member
    """What is played: ``Member``, or something that behaves like one."""
    agreeable: bool = False
    """Whether the other members agree with everything, as long as the play has not begun."""
    said: list[Said] = field(default_factory=list)
    written: list[WriteCib] = field(default_factory=list)
    noted: list[Code] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.member = self.kind(self.config, self.me.id, key=self.key, seed=1)
        self.t = 0.0
        self._todo: deque[Event] = deque()
        self._asked: set[tuple[int, int]] = set()
        self._held: list[tuple[tuple[int, int], Datagram]] = []

    # --- time

    def now(self) -> Now:
        """Return both clocks at the moment."""
        return Now(_MONO_AT_ZERO_MS + round(self.t * 1000), round((self.t0_s + self.t) * 1_000_000))

    def until(self, t: float) -> None:
        """Let time go by, and wake the member whenever it wants."""
        for _ in range(_WAKES_MAX):
            deadline_ms = self.member.deadline_ms
            if deadline_ms is None or (due := (deadline_ms - _MONO_AT_ZERO_MS) / 1000) > t:
                self.t = max(self.t, t)
                return
            self.t = max(self.t, due)
            self.step(Woken())
        raise AssertionError("it wants to be woken again and again")

    # --- what happens

    def start(self, t: float) -> None:
        """Start the member."""
        self.t = t
        self.step(Started())

    def datagram(self, t: float, data: bytes, source: str = "") -> None:
        """Hand a datagram over."""
        self.until(t)
        self.step(Datagram(data, source))

    def answer(self, t: float, data: bytes, source: str = "") -> None:
        """Hand an answer over, but not before the member has asked: its time need not be that of the play."""
        header = wire.decode_header(data)[0]
        question, datagram = (header.sender, header.request), Datagram(data, source)
        self.until(t)
        if question in self._asked:
            self._asked.discard(question)
            self.step(datagram)
        else:
            self._held.append((question, datagram))

    def hear(self, t: float, message: Message) -> None:
        """Hand another member's message over, signed as it would be."""
        self.datagram(t, wire.encode(message, key=self.key, stamp_us=round((self.t0_s + t) * 1_000_000)))

    def ask(self, t: float, client: int, message: Message) -> None:
        """Hand a client's request over."""
        self.until(t)
        stamp_us = round((self.t0_s + t) * 1_000_000)
        self.step(Request(client, wire.encode(message, key=self.key, stamp_us=stamp_us)))

    def step(self, event: Event) -> None:
        """Let something happen, and whatever follows from it at once."""
        self._todo.append(event)
        while self._todo:
            for effect in self.member.step(self.now(), self._todo.popleft()):
                self._carry_out(effect)

    # --- what it does

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Send(to, data):
                self._sent(to, data)
            case Answer(client, data) if data:  # without any it only closes the connection
                self._note_said(f"client {client}", data, client=True)
            case LoadCib(request, ticket):
                self._todo.append(CibLoaded(request, ticket, self.cib.get(ticket)))
            case WriteCib(request, ticket):
                self.written.append(effect)
                self._todo.append(CibWritten(request, ticket))
            case RunHandler(request, ticket):
                self._todo.append(HandlerEnded(request, ticket, int(self.t >= self.handler_fails_from)))
            case Log(note):
                self.noted.append(note.code)
            case SetAttribute():
                pass  # nothing follows from it

    def _sent(self, to: int, data: bytes) -> None:
        message = self._note_said(to, data, client=False).message
        self._ask_for_answer(to, message.header.command)
        if self.agreeable and isinstance(message, TicketMessage) and message.header.command in _ANSWERS:
            header = Header(_ANSWERS[Command(message.header.command)], to, request=message.header.command)
            answer = TicketMessage(header, message.ticket, message.leader, message.term, message.valid)
            # Each answer is stamped a little later than the one before: no two messages are the same.
            stamp_us = self.now().wall_us + len(self.said)
            self._todo.append(Datagram(wire.encode(answer, key=self.key, stamp_us=stamp_us), ""))

    def _ask_for_answer(self, to: int, command: int) -> None:
        question = (to, command)
        early = next((each for each in self._held if each[0] == question), None)
        if early is None:
            self._asked.add(question)
        else:
            self._held.remove(early)
            self._todo.append(early[1])

    def _note_said(self, to: int | str, data: bytes, *, client: bool) -> Said:
        message = read(data, signed=self.key is not None, client=client)
        said = Said(self.t, to, message, line(message, self.config))
        self.said.append(said)
        return said
