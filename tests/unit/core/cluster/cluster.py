"""A whole Booth cluster in one process: real members, real packets, virtual time.

The same configuration, seed and calls give the same run. Members are called A, B, C ... in
the configuration's order.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from random import Random
from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from unit.core.cluster.clients import Client
from unit.core.cluster.clock import Clock
from unit.core.cluster.history import History
from unit.core.cluster.network import Network
from unit.core.cluster.node import Node
from unit.core.cluster.pacemaker import Pacemaker
from unit.core.cluster.timeline import MS, Timeline

from boothlab.core.codes import Command
from boothlab.core.config.model import Role
from boothlab.core.effects import Send
from boothlab.core.events import ClientGone, Datagram, Request
from boothlab.core.member import Member
from boothlab.core.messages import AttributeMessage, Header, TicketMessage
from boothlab.core.ticket import Ticket
from boothlab.core.wire import decode_header, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from unit.core.cluster.node import Core

    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.effects import Effect
    from boothlab.core.events import Event
    from boothlab.core.view import TicketView

    Make = Callable[..., Core]

TRACE_MAX: Final = 3_000
DRIFT_MAX_PPM: Final = 2_500
"""No clock is further from true than this, so no two are more than 0.5 % apart."""
_WEEK_US: Final = 7 * 24 * 3_600_000 * MS


class Cluster:
    """The members of a configuration, the network between them, and their clients."""

    def __init__(
        self,
        config: Config,
        *,
        seed: int = 0,
        key: bytes | None = None,
        kinds: Mapping[str, Make] | None = None,
    ) -> None:
        self.config, self.seed, self.key = config, seed, key
        self.timeline, self.history = Timeline(), History()
        self.clients: list[Client] = []
        self.steps: deque[tuple[int, str, Event | str, list[Effect]]] = deque(maxlen=TRACE_MAX)
        self.random = Random(f"{seed} cluster")  # noqa: S311 - it shall be foreseeable
        self._kinds = kinds or {}
        names = ascii_uppercase[: len(config.members)]
        self.network = Network(Random(f"{seed} network"), names)  # noqa: S311
        self._names = {member.id: name for name, member in zip(names, config.members, strict=True)}
        self.nodes = {
            name: self._node(name, member) for name, member in zip(names, config.members, strict=True)
        }

    def _node(self, name: str, member: MemberConfig) -> Node:
        dice, drift = self.random, drift_ppm(self.config)
        clock = Clock(dice.randint(-drift, drift), dice.randint(0, _WEEK_US))
        pacemaker = Pacemaker(name, clock, self.timeline, self.history, Random(f"{self.seed} {name}"))  # noqa: S311
        kind = self._kinds.get(name, Member)

        def make(life: int) -> Core:
            return kind(self.config, member.id, key=self.key, seed=hash((self.seed, life)) & 0xFFFF)

        return Node(
            name,
            member,
            make=make,
            around=self,
            clock=clock,
            pacemaker=pacemaker if member.role is Role.SITE else None,
        )

    def __getitem__(self, name: str) -> Node:
        """Return a member's node by its letter."""
        return self.nodes[name]

    @property
    def sites(self) -> str:
        """Return the letters of all sites."""
        return "".join(name for name, node in self.nodes.items() if node.pacemaker)

    # --- time

    @property
    def now_ms(self) -> int:
        """Return the true time."""
        return self.timeline.now_us // MS

    def start(self, *, settle_ms: int = 0) -> Cluster:
        """Start every member that is not running, and give them some time."""
        for node in self.nodes.values():
            node.start()
        return self.run(settle_ms)

    def run(self, for_ms: int) -> Cluster:
        """Let time go by."""
        end_us = self.timeline.now_us + for_ms * MS
        while self._next(end_us):
            pass
        self.timeline.now_us = end_us
        return self

    def until(self, reached: Callable[[], object], *, within_ms: int) -> int:
        """Let time go by until something is so; return the milliseconds it took.

        Raises:
            AssertionError: it was not so in time.
        """
        begun_us = self.timeline.now_us
        while not reached():
            assert self._next(begun_us + within_ms * MS), f"not within {within_ms} ms\n{self}"
        return (self.timeline.now_us - begun_us) // MS

    def _next(self, end_us: int) -> bool:
        """Do what comes next, if it comes before the end."""
        due = self.timeline.next_us
        first = min(
            (node for node in self.nodes.values() if node.wake_us is not None), key=_wake, default=None
        )
        wake = None if first is None else _wake(first)
        if wake is not None and (due is None or wake < due):
            assert first is not None
            if wake > end_us:
                return False
            self.timeline.now_us = max(self.timeline.now_us, wake)
            first.wake()
            return True
        if due is None or due > end_us:
            return False
        self.timeline.act()
        return True

    # --- what nodes need

    def send(self, node: Node, to: int, data: bytes) -> None:
        """Carry a datagram."""
        self.history.sent(node.name, data, self.timeline.now_us)
        other = self.nodes[self._names[to]]
        for delay_us in self.network.delays_us(node.name, other.name):
            event = Datagram(data, node.config.address)
            self.timeline.after(delay_us, partial(other.deliver, event))

    def answer(self, node: Node, client: int, data: bytes, *, final: bool) -> None:
        """Carry an answer to a client."""
        one = self.clients[client]
        assert one.at == node.name
        if one.left:
            return
        assert one.closed_us is None, f"client {client} is answered after the last word"
        one.answers.append(data)
        if final:
            one.closed_us = self.timeline.now_us

    def hang_up(self, node: Node) -> None:
        """Close all connections of a dead process."""
        for client in self.clients:
            if client.at == node.name and client.closed_us is None:
                client.closed_us = self.timeline.now_us

    def forgets(self, node: Node) -> None:
        """Excuse a member from what it said before its node crashed."""
        self.history.rebooted(node.name)

    def trace(self, node: Node, event: Event | str, effects: list[Effect]) -> None:
        """Remember a step for the one who looks for a mistake."""
        self.steps.append((self.timeline.now_us, node.name, event, effects))

    def mark(self, what: str) -> None:
        """Write something that is done to the cluster between the steps."""
        self.steps.append((self.timeline.now_us, "*", what, []))

    # --- clients

    def ask(self, at: str, command: Command, *, ticket: str = "", options: int = 0) -> Client:
        """Send a client's request about a ticket."""
        ticket = ticket or self.config.tickets[0].name
        header = Header(command, self.nodes[at].config.id, options=options)
        return self._connect(at, TicketMessage(header, ticket))

    def attribute(self, at: str, command: Command, name: str = "", value: str = "") -> Client:
        """Send a client's request about an attribute of the first ticket."""
        header = Header(command, self.nodes[at].config.id)
        return self._connect(at, AttributeMessage(header, self.config.tickets[0].name, name, value))

    def grant(self, at: str, *, options: int = 0) -> Client:
        """Ask a site to take the first ticket."""
        return self.ask(at, Command.GRANT, options=options)

    def revoke(self, at: str, *, options: int = 0) -> Client:
        """Ask a site to give the first ticket back."""
        return self.ask(at, Command.REVOKE, options=options)

    def _connect(self, at: str, message: TicketMessage | AttributeMessage) -> Client:
        return self.raw(at, encode(message, key=self.key, stamp_us=self._fresh_stamp_us(at)))

    def _fresh_stamp_us(self, at: str) -> int:
        """Return a stamp that no request had before: people do not ask twice in a microsecond."""
        return self.nodes[at].now.wall_us + len(self.clients)

    def raw(self, at: str, data: bytes) -> Client:
        """Send a client's bytes."""
        client = Client(len(self.clients), at, self.timeline.now_us, signed=self.key is not None)
        self.clients.append(client)
        node = self.nodes[at]
        if node.core is None:
            client.closed_us = self.timeline.now_us
        else:
            node.deliver(Request(client.number, data))
        return client

    def leave(self, client: Client) -> None:
        """Let a client close its connection before it has its answer."""
        client.closed_us, client.left = self.timeline.now_us, True
        self.nodes[client.at].deliver(ClientGone(client.number))

    # --- what is so now

    def holders(self, ticket: str = "") -> str:
        """Return the letters of the sites whose Pacemaker acts upon a grant."""
        return "".join(sorted(self.history.holders(ticket or self.config.tickets[0].name)))

    def seen_by(self, name: str, ticket: str = "") -> TicketView:
        """Return how a member sees a ticket."""
        ticket = ticket or self.config.tickets[0].name
        return next(each for each in self.nodes[name].view().tickets if each.name == ticket)

    def leader_seen_by(self, name: str, ticket: str = "") -> str:
        """Return the letter of the one that a member takes for the leader; none when there is none."""
        return self._names.get(self.seen_by(name, ticket).leader, "")

    def leaders(self, names: Iterable[str] = "") -> set[str]:
        """Return whom these members, or all that run, take for the leader."""
        return {self.leader_seen_by(name) for name in names or self.nodes if self.nodes[name].runs}

    def just_sent(self, name: str, command: Command) -> bool:
        """Return whether the very last step was a member's that sent this."""
        _, who, _, effects = self.steps[-1]
        sent = [effect.data for effect in effects if isinstance(effect, Send)]
        return who == name and any(decode_header(data)[0].command == command for data in sent)

    def sent_by(self, name: str, command: Command) -> list[bytes]:
        """Return what a member sent under this command, as far as the steps go back."""
        return [
            effect.data
            for _, who, _, effects in self.steps
            for effect in effects
            if who == name and isinstance(effect, Send) and decode_header(effect.data)[0].command == command
        ]

    def check(self) -> None:
        """Fail with the seed and what happened, if anything did that must never happen."""
        complaints = self.history.complaints()
        assert not complaints, "\n".join([*complaints, str(self)])

    def __str__(self) -> str:
        """Return the seed and the last steps, to be read by people."""
        from unit.core.cluster.trace import lines  # noqa: PLC0415 - it is for failures only

        return "\n".join([f"seed {self.seed}", *lines(self.steps, self._names)])


def drift_ppm(made: Config) -> int:
    """Return by how much clocks may be wrong: a quarter of a leader's margin in a lease, for any two."""
    shares = [Ticket(ticket).margin_ms * 1_000_000 // (8 * ticket.expire_ms) for ticket in made.tickets]
    return min(DRIFT_MAX_PPM, *shares)


def _wake(node: Node) -> int:
    assert node.wake_us is not None
    return node.wake_us
