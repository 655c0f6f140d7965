"""``Member.step`` as a function: it never raises, asks for nothing senseless, depends on its input alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.core.cluster.clock import EPOCH_US
from unit.core.cluster.configs import KEY, TICKET, config

from boothlab.core import announce
from boothlab.core.clock import Now
from boothlab.core.codes import CLIENT_COMMANDS, NO_ONE, UNKNOWN, Command, Reason, Result
from boothlab.core.config.model import Mode, Role
from boothlab.core.effects import Answer, LoadCib, RunHandler, Send, SetAttribute, WriteCib
from boothlab.core.events import (
    CibLoaded,
    CibTicket,
    CibWritten,
    ClientGone,
    Datagram,
    HandlerEnded,
    Promise,
    Request,
    SendFailed,
    Started,
    Woken,
)
from boothlab.core.member import Member
from boothlab.core.messages import AttributeMessage, Header, TicketMessage
from boothlab.core.wire import encode

if TYPE_CHECKING:
    from boothlab.core.config.model import Config
    from boothlab.core.effects import Effect
    from boothlab.core.events import Event

IDS: Final = [member.id for member in config(2, 1).members]
CODES: Final = st.sampled_from([*Command, 0, 1, 0x41414141, 0xFFFFFFFF])
NUMBERS: Final = st.sampled_from([0, 1, 2, 3, 1_000, 2_000, 2**31 - 1, 2**31, 2**32 - 1])
WHO: Final = st.sampled_from([*IDS, *IDS, NO_ONE, UNKNOWN, 12345])

headers: Final = st.builds(
    Header,
    command=CODES,
    sender=st.sampled_from([*IDS, *IDS, NO_ONE, 12345]),
    request=CODES,
    options=st.sampled_from([0, 1, 2, 6, 7, *map(announce.options, range(4)), 0xFFFFFFFF]),
    reason=st.sampled_from([*Reason, 77]),
    result=st.sampled_from([*Result, 77]),
    opts=st.sampled_from([0, 1, 4, 5]),
)
names: Final = st.sampled_from([TICKET, TICKET, TICKET, "nosuch", ""])
messages: Final = st.builds(TicketMessage, headers, names, leader=WHO, term=NUMBERS, valid=NUMBERS)
texts: Final = st.sampled_from(["", "color", "it's", "owner", "x" * 63])
requests: Final = st.one_of(
    st.builds(
        TicketMessage,
        st.builds(Header, st.sampled_from(sorted(CLIENT_COMMANDS)), st.just(1), options=NUMBERS),
        names,
    ),
    st.builds(AttributeMessage, headers, names, texts, texts),
    messages,
)


@dataclass(frozen=True)
class Move:
    """What happens next: after some time, an event, or the answer to something asked for."""

    later_ms: int
    kind: str
    message: TicketMessage | AttributeMessage
    data: bytes
    good: bool
    back_us: int


moves: Final = st.builds(
    Move,
    later_ms=st.sampled_from([0, 0, 1, 5, 90, 500, 1_900, 5_000]),
    kind=st.sampled_from(
        ["message", "message", "message", "bytes", "request", "odd", "gone", "wake", "answer"]
    ),
    message=messages | requests,
    data=st.binary(max_size=200),
    good=st.booleans(),
    back_us=st.sampled_from([0, 0, 10**9, -(10**9)]),
)
stored: Final = st.none() | st.builds(
    CibTicket,
    granted=st.sampled_from([None, False, True]),
    owner=st.sampled_from([None, 0, -1, *IDS, 12345, 2**40]),
    expires_s=st.sampled_from([None, 0, -5, 1_700_000_010, 2**40]),
    term=st.sampled_from([None, 0, 7, -1, 2**31 - 1, 2**40]),
)
promises: Final = st.none() | st.builds(
    Promise,
    term=st.integers(0, 9),
    voted_for=st.sampled_from([UNKNOWN, *IDS, 12345]),
    leader=WHO,
    lease_end_ms=st.integers(0, 20_000),
)


@dataclass
class Shell:
    """Feeds a member, answers what it asks for, and looks at what that is."""

    made: Config
    me: int
    key: bytes | None
    cib: CibTicket | None
    mono_ms: int = 10_000
    wall_us: int = EPOCH_US
    asked: list[Effect] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    clients: int = 0
    told: list[list[Effect]] = field(default_factory=list)

    def run(self, promise: Promise | None, todo: list[Move]) -> list[list[Effect]]:
        self.member = Member(self.made, self.me, key=self.key, seed=5)
        self._step(Started({} if promise is None else {TICKET: promise}))
        for move in todo:
            self.mono_ms += move.later_ms
            self.wall_us += move.later_ms * 1_000 + move.back_us
            event = self._event(move)
            if event is not None:
                self._step(event)
        return self.told

    def _event(self, move: Move) -> Event | None:
        match move.kind:
            case "message" | "bytes":
                data = self._encoded(move) if move.kind == "message" else move.data
                return Datagram(data, "10.0.0.9")
            case "request" | "odd":
                self.clients += 1
                self.open.add(self.clients)
                return Request(self.clients, self._encoded(move) if move.kind == "request" else move.data)
            case "gone":
                return ClientGone(self.clients)
            case "wake":
                return Woken() if move.good else SendFailed(next(each for each in IDS if each != self.me))
            case _:
                return self._answer(move)

    def _encoded(self, move: Move) -> bytes:
        return encode(move.message, key=self.key if move.good else None, stamp_us=self.wall_us)

    def _answer(self, move: Move) -> Event | None:
        if not self.asked:
            return Woken()
        effect = self.asked.pop(0)
        error = "" if move.good else "it failed"
        match effect:
            case LoadCib(request, ticket):
                return CibLoaded(request, ticket, self.cib if move.good else None, error)
            case WriteCib(request=request, ticket=ticket):
                return CibWritten(request, ticket, error)
            case RunHandler(request=request, ticket=ticket):
                return HandlerEnded(request, ticket, 0 if move.good else 1)
            case _:
                return None

    def _step(self, event: Event) -> None:
        now = Now(self.mono_ms, self.wall_us)
        effects = self.member.step(now, event)
        self.told.append(effects)
        for effect in effects:
            self._look_at(effect)
        if isinstance(event, ClientGone):  # what was due before it left was told in the same step
            self.open.discard(event.client)
        deadline_ms = self.member.deadline_ms
        assert deadline_ms is None or deadline_ms > self.mono_ms
        (view,) = self.member.view(now).tickets
        assert view.left_ms >= 0

    def _look_at(self, effect: Effect) -> None:
        site = self.made.member(self.me)
        assert site is not None
        match effect:
            case Send(to=to, data=data):
                assert to in IDS
                assert to != self.me
                assert len(data) in {124, 152}
            case Answer(client=client, final=final):
                assert client in self.open
                if final:
                    self.open.discard(client)
            case WriteCib() | LoadCib() | SetAttribute():
                assert site.role is Role.SITE
                running = [each for each in self.asked if isinstance(each, WriteCib)]
                assert not (running and isinstance(effect, WriteCib)), "two writes at once"
        if isinstance(effect, LoadCib | WriteCib | RunHandler):
            self.asked.append(effect)


@settings(max_examples=400, deadline=None)
@given(
    me=st.sampled_from(IDS),
    mode=st.sampled_from([Mode.AUTO, Mode.AUTO, Mode.MANUAL]),
    handler=st.sampled_from([(), ("may-i",)]),
    key=st.sampled_from([None, KEY]),
    cib=stored,
    promise=promises,
    todo=st.lists(moves, max_size=40),
)
def test_whatever_happens_a_member_goes_on(
    me: int,
    mode: Mode,
    handler: tuple[str, ...],
    key: bytes | None,
    cib: CibTicket | None,
    promise: Promise | None,
    todo: list[Move],
) -> None:
    made = config(mode=mode, handler=handler)

    first = Shell(made, me, key, cib).run(promise, todo)
    again = Shell(made, me, key, cib).run(promise, todo)

    assert first == again


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(IDS), st.lists(st.binary(max_size=1024), max_size=20))
@example(IDS[0], [b"", b"\xff" * 24, b"\xff" * 1024])
def test_no_bytes_make_a_member_raise(me: int, datagrams: list[bytes]) -> None:
    member = Member(config(), me)
    now = Now(0, EPOCH_US)
    member.step(now, Started())

    for number, data in enumerate(datagrams):
        member.step(now, Datagram(data, "10.0.0.9"))
        assert all(isinstance(each, Answer) or each for each in member.step(now, Request(number, data)))
