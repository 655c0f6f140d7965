"""How each recording began: who held the ticket, who was up, and what the network lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

from unit.core.replay import before
from unit.core.replay.recording import read
from unit.core.replay.stage import Stage

from boothlab.core import wire
from boothlab.core.codes import Command
from boothlab.core.events import CibTicket, Datagram, Request
from boothlab.core.member import Member
from boothlab.core.messages import TicketMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unit.core.cluster.node import Core
    from unit.core.replay.recording import Packet, Recording

    from boothlab.core.config.model import MemberConfig

_TELLS_LEASE: Final = {Command.HEARTBEAT, Command.MY_INDEX, Command.RESULT, Command.REJECTED}


@dataclass(frozen=True)
class Scene:
    """What the recording itself does not say. Members are called by their place, from 1."""

    members: tuple[int, ...] = (1, 2, 3)
    """Who was up, and is played."""
    leader: int | None = None
    """Who held the ticket, if anybody; not for a member that is started in the recording."""
    term: int | None = None
    """The term in which it was held; without a leader, it was revoked since."""
    lease_end_s: float | None = None
    """When that lease ends, if no message says so."""
    stored: Mapping[int, CibTicket] = field(default_factory=dict)
    """What Pacemaker knows where a member is started; ``expires_s`` relative to the recording."""
    failing: Mapping[int, float] = field(default_factory=dict)
    """Since when the before-acquire-handler fails, and where."""
    cut: tuple[tuple[int, int], float] | None = None
    """Two members between which nothing goes through until then."""
    lost: tuple[int, Command, float] | None = None
    """Whom these messages do not reach until then."""


_OWN: Final = 1487347772
_LISTENS_S: Final[dict[tuple[str, int], float]] = {
    ("01-startup-empty", 2): 0.038,
    ("26-ipv6", 1): 0.03,
    ("26-ipv6-auth", 2): 0.06,
}
"""Since when a member's socket was open, where datagrams waited in it until the daemon was ready."""

SCENES: Final[dict[str, Scene]] = {
    "01-startup-empty": Scene(),
    "02-list-peers-idle": Scene(members=(1,)),
    "03-grant-election": Scene(),
    "04-renewals": Scene(leader=1, term=0),
    "05-list-peers-granted": Scene(leader=1, term=0, lease_end_s=1.5),
    "06-client-refusals": Scene(members=(1, 2), leader=1, term=0),
    "07-revoke-redirect": Scene(leader=1, term=0),
    "08-revoke-idle": Scene(members=(1,)),
    "09-geostore": Scene(members=(1, 2)),
    "10-follower-restart": Scene(
        leader=1, term=0, stored={2: CibTicket(granted=False, owner=_OWN, expires_s=1.66, term=0)}
    ),
    "12-leader-killed-failover": Scene(members=(2, 3), leader=1, term=1, lease_end_s=1.455),
    "13-old-leader-returns": Scene(
        leader=2, term=2, stored={1: CibTicket(granted=True, owner=_OWN, expires_s=-1, term=1)}
    ),
    "14-reject-term-still-valid": Scene(leader=1, term=0, cut=((1, 2), 4.58)),
    "16-grant-one-site-down": Scene(members=(1, 3)),
    "17-grant-force-one-site-down": Scene(members=(1, 3), term=0),
    "19-no-majority-grant": Scene(members=(1,), leader=1, term=2, lease_end_s=-2.6),
    "20-stepdown-handler-fails": Scene(failing={1: 0.5}),
    "21-grant-handler-fails": Scene(members=(1,), term=3, failing={1: -1}),
    "22-attr-prereq": Scene(),
    "23-manual-ticket": Scene(),
    "25-client-wrong-key": Scene(members=(1,)),
    "26-ipv6": Scene(),
    "28-update-resends": Scene(leader=1, term=0, lost=(2, Command.UPDATE, 1.6)),
    "29-dual-leader-after-stepdown": Scene(members=(2, 3), leader=2, term=2),
}


def play(recording: Recording, scene: Scene, place: int, kind: Callable[..., Core] = Member) -> Stage:
    """Return what a member of ours, or another kind, does with what that member was sent in the recording."""
    me = recording.config.members[place - 1]
    stage = Stage(recording.config, me, recording.key, recording.t0_s, kind=kind)
    stage.handler_fails_from = scene.failing.get(place, inf)
    start_s = recording.starts_s(me.address)
    if start_s is None:
        _live_until_then(stage, recording, scene, place)
    else:
        _store(stage, scene, place)
        stage.start(start_s)
    listens_s = _LISTENS_S.get((recording.name, place), start_s or 0)
    for packet in recording.packets:
        to_it = packet.destination == me.address and packet.t > listens_s
        if to_it and not _is_lost(recording, scene, packet):
            _hand_over(stage, packet)
    stage.until(recording.packets[-1].t)
    return stage


def _live_until_then(stage: Stage, recording: Recording, scene: Scene, place: int) -> None:
    if scene.leader is not None:
        _lead_or_follow(stage, recording, scene, place)
    elif scene.term is not None:
        before.revoked(stage, -5, term=scene.term)
    else:
        before.idle(stage, 0)
    stage.until(0)
    stage.said.clear()
    stage.written.clear()


def _lead_or_follow(stage: Stage, recording: Recording, scene: Scene, place: int) -> None:
    assert scene.leader is not None
    leader = recording.config.members[scene.leader - 1]
    expire_s = recording.config.tickets[0].expire_ms / 1000
    end_s = scene.lease_end_s if scene.lease_end_s is not None else _lease_end_s(recording, leader)
    if scene.leader == place:
        before.led(stage, end_s - expire_s, term=scene.term or 0)
    else:
        before.followed(stage, end_s - expire_s, leader=leader.id, term=scene.term or 0)


def _lease_end_s(recording: Recording, leader: MemberConfig) -> float:
    """Return what the first message that tells says of the lease's end."""
    for packet in recording.packets:
        if packet.role in {"request", "close"}:
            continue
        message = read(packet.data, signed=recording.key is not None, client=bool(packet.role))
        if not isinstance(message, TicketMessage) or message.header.command not in _TELLS_LEASE:
            continue
        if message.valid and message.leader == leader.id:
            return packet.t + message.valid / 1000
    raise AssertionError(f"{recording.name} does not say when the lease ends")


def _store(stage: Stage, scene: Scene, place: int) -> None:
    stored = scene.stored.get(place)
    if stored is not None and stored.expires_s is not None:
        expires_s = round(stage.t0_s + stored.expires_s)
        stage.cib["T"] = CibTicket(stored.granted, stored.owner, expires_s, stored.term)


def _is_lost(recording: Recording, scene: Scene, packet: Packet) -> bool:
    if packet.connection is not None:
        return False
    ends = {recording.number(packet.source), recording.number(packet.destination)}
    if scene.cut is not None and ends == set(scene.cut[0]) and packet.t < scene.cut[1]:
        return True
    if scene.lost is None:
        return False
    place, command, until_s = scene.lost
    message = read(packet.data, signed=recording.key is not None, client=False)
    to_it = recording.number(packet.destination) == place
    return to_it and message.header.command == command and packet.t < until_s


def _hand_over(stage: Stage, packet: Packet) -> None:
    stage.until(packet.t)
    if packet.connection is None and wire.decode_header(packet.data)[0].request:
        stage.answer(packet.t, packet.data, packet.source)
    elif packet.connection is None:
        stage.step(Datagram(packet.data, packet.source))
    elif packet.role == "request":
        stage.step(Request(packet.connection, packet.data))
