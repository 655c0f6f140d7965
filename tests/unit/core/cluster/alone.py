"""One member without a cluster: brought into a state by messages, then sent one more."""

from __future__ import annotations

from typing import Final

from unit.core.cluster.clock import EPOCH_US
from unit.core.cluster.configs import TICKET, config

from boothlab.core import announce
from boothlab.core.clock import Now
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason, code_text
from boothlab.core.effects import Answer, LoadCib, RunHandler, Send, WriteCib
from boothlab.core.events import CibLoaded, CibWritten, Datagram, Request, Started, Woken
from boothlab.core.member import Member
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.wire import decode_header, decode_ticket, encode

CONFIG: Final = config(2, 1, acquire_after_ms=500)
A, B, C = (member.id for member in CONFIG.members)
NAMES: Final = {A: "A", B: "B", C: "C", NO_ONE: "none", UNKNOWN: "NONE"}
TERM: Final = 3
"""In which A leads, where it does."""
LEASE_MS: Final = 2_000


class Alone:
    """Site B, with A and the arbitrator C played by the test. Pacemaker obeys at once."""

    def __init__(self) -> None:
        self.member = Member(CONFIG, B)
        self.mono_ms = 100_000
        self.said: list[bytes] = []
        self.cib: list[bool] = []
        """What Pacemaker was told, in order: granted or not."""
        self._take(Started())
        for sender in (A, C):
            self.hear(Command.MY_INDEX, sender, request=Command.STATUS, number=self.round)

    @property
    def now(self) -> Now:
        return Now(self.mono_ms, EPOCH_US + self.mono_ms * 1_000)

    @property
    def round(self) -> int:
        """Return the number of the round that the member is in."""
        return decode_header(self.said[-1])[0].options & announce.ROUND_BITS

    @property
    def state(self) -> str:
        """Return state, leader and term as one text."""
        (view,) = self.member.view(self.now).tickets
        return f"{view.state.value} {NAMES[view.leader]} {view.term}"

    def _take(self, event: object) -> None:
        for effect in self.member.step(self.now, event):  # type: ignore[arg-type]
            match effect:
                case Send(data=data) | Answer(data=data):
                    self.said.append(data)
                case LoadCib(request, ticket):
                    self._take(CibLoaded(request, ticket))
                case WriteCib(request=request, ticket=ticket, granted=granted):
                    self.cib.append(granted)
                    self._take(CibWritten(request, ticket))
                case RunHandler():
                    raise AssertionError("there is no handler")

    def hear(  # noqa: PLR0913 - a message has that many parts
        self,
        command: Command,
        sender: int = A,
        *,
        leader: int = NO_ONE,
        term: int = 0,
        valid: int = 0,
        request: int = 0,
        reason: int = 0,
        result: int = 0,
        number: int = 0,
    ) -> list[str]:
        """Bring a message of another member; return what is sent because of it."""
        header = Header(
            command, sender, request=request, options=announce.options(number), reason=reason, result=result
        )
        before = len(self.said)
        self._take(Datagram(encode(TicketMessage(header, TICKET, leader, term, valid)), "10.0.0.9"))
        return [told(data) for data in self.said[before:]]

    def wait(self, for_ms: int) -> None:
        """Let time go by."""
        self.mono_ms += for_ms
        self._take(Woken())

    def grant(self) -> None:
        """Let an administrator ask for the ticket here."""
        self._take(Request(1, encode(TicketMessage(Header(Command.GRANT, B), TICKET))))


def told(data: bytes) -> str:
    """Return an answer in short: its command, what is wrong, and whom and which term it names."""
    message = decode_ticket(data)
    words = [code_text(message.header.command)]
    if message.header.result:
        words.append(code_text(message.header.result))
    return " ".join([*words, NAMES[message.leader], str(message.term)])


# --- states, each by the messages that lead there


def idle() -> Alone:
    """Nobody has the ticket, nobody ever had."""
    return Alone()


def following() -> Alone:
    """A leads."""
    alone = Alone()
    for command in (Command.HEARTBEAT, Command.UPDATE):
        alone.hear(command, leader=A, term=TERM, valid=LEASE_MS, number=7)
    return alone


def lost() -> Alone:
    """A led, its lease is over, and acquire-after still runs."""
    alone = following()
    alone.wait(LEASE_MS + 100)
    return alone


def revoked() -> Alone:
    """A led and revoked the ticket."""
    alone = following()
    alone.hear(Command.REVOKED, term=TERM, reason=Reason.ADMIN)
    return alone


def voted() -> Alone:
    """A was lost, and asked for our vote in the next term."""
    alone = lost()
    alone.hear(Command.REQUEST_VOTE, leader=A, term=TERM + 1, reason=Reason.REACQUIRE)
    return alone


def running() -> Alone:
    """A led and revoked, and we run because an administrator asked us to: term 4."""
    alone = revoked()
    alone.grant()
    return alone


def leading() -> Alone:
    """We run and won, C acknowledged."""
    alone = running()
    vote = {"request": Command.REQUEST_VOTE, "leader": B, "term": TERM + 1}
    alone.hear(Command.VOTE_FOR, C, number=alone.round, **vote)
    alone.hear(Command.VOTE_FOR, A, number=alone.round, **vote)
    for sender in (C, A):
        beat = {"request": Command.HEARTBEAT, "leader": B, "term": TERM + 1, "valid": LEASE_MS}
        alone.hear(Command.ACK, sender, number=alone.round, **beat)
    return alone
