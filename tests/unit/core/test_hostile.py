"""What comes from the network cannot end a member, mislead it or use it: forged, damaged and old messages."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import KEY, TICKET, config
from unit.core.cluster.stories import answer, grant, moved_to_b

from boothlab.core.auth import HMAC_SIZE
from boothlab.core.codes import NO_ONE, Command, Reason, Result
from boothlab.core.effects import Answer, Send, WriteCib
from boothlab.core.events import Datagram, Request
from boothlab.core.member import Member
from boothlab.core.messages import AttributeMessage, Header, TicketMessage
from boothlab.core.wire import HEADER_SIZE, TICKET_SIZE, encode

if TYPE_CHECKING:
    from collections.abc import Callable

EXPIRE_MS: Final = 2_000
A, B, C = (member.id for member in config().members)


def held(*, key: bytes | None = None, **kinds: Callable[..., Member]) -> Cluster:
    """Return a cluster whose ticket A holds."""
    cluster = Cluster(config(), key=key, kinds=kinds).start(settle_ms=3 * EXPIRE_MS)
    cluster.grant("A")
    cluster.until(lambda: cluster.holders() == "A", within_ms=5_000)
    return cluster.run(EXPIRE_MS + 300)


def message(command: int = Command.HEARTBEAT, sender: int = A, **fields: int) -> TicketMessage:
    header = {name: fields.pop(name) for name in ("request", "reason", "result") if name in fields}
    return TicketMessage(Header(command, sender, **header), TICKET, **{"leader": A, "valid": 2_000} | fields)


def patched(data: bytes, at: int, number: int) -> bytes:
    """Return bytes with one of their 32-bit numbers replaced."""
    return data[:at] + struct.pack("!I", number) + data[at + 4 :]


GOOD: Final = encode(message(term=5))
ODD: Final = {
    "nothing": b"",
    "a few bytes": b"booth",
    "a sender and no more": GOOD[:24],
    "a sender that is nobody and no more": patched(GOOD, 20, 0xFFFFFFFF)[:24],
    "a sender that is nobody": patched(GOOD, 20, 0xFFFFFFFF),
    "a sender that is not configured": patched(GOOD, 20, 12345),
    "another magic": patched(GOOD, 12, 1),
    "another version": patched(GOOD, 16, 0x00010002),
    "a length that is too short": patched(GOOD, 24, 47),
    "a length that is too long": patched(GOOD, 24, 1024),
    "a header alone": patched(GOOD, 24, HEADER_SIZE)[:HEADER_SIZE],
    "half a body": patched(GOOD, 24, 100)[:100],
    "a name without an end": GOOD[:HEADER_SIZE] + b"t" * 64 + GOOD[HEADER_SIZE + 64 :],
    "a name that is no text": GOOD[:HEADER_SIZE] + b"\xff\xfe\0" + GOOD[HEADER_SIZE + 3 :],
    "an unknown ticket": encode(replace(message(term=5), ticket="ticketB")),
    "an unknown leader": encode(message(term=5, leader=12345)),
    "a leader that is nobody, of another's lease": encode(message(term=5, leader=NO_ONE)),
    "a leader that is not the sender": encode(message(term=5, leader=C)),
    "a leader that is an arbitrator": encode(message(term=5, sender=C, leader=C)),
    "an update in another's name": encode(message(Command.UPDATE, sender=C, term=5)),
    "a request for a vote in another's name": encode(message(Command.REQUEST_VOTE, sender=C, term=9)),
    "an unknown command": encode(message(0x41414141)),
    "a client's command": encode(message(Command.GRANT)),
    "a result": encode(message(Command.RESULT)),
    "an attribute": encode(AttributeMessage(Header(Command.ATTR_SET, A), TICKET, "name", "value")),
    "zeros": bytes(1024),
    "ones": b"\xff" * 1024,
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
@pytest.mark.parametrize("to", ["B", "C"])
def test_an_odd_datagram_changes_nothing(data: bytes, to: str) -> None:
    cluster = Cluster(config()).start(settle_ms=3 * EXPIRE_MS)
    before = cluster.seen_by(to)

    cluster[to].deliver(Datagram(data, "10.9.9.9"))

    after = cluster.seen_by(to)
    assert (after.state, after.leader, after.term) == (before.state, before.leader, before.term)
    grant(cluster, "A")


@pytest.mark.parametrize("to", ["A", "B", "C"])
def test_a_datagram_in_our_own_name_changes_nothing(to: str) -> None:
    cluster = held()
    me = cluster[to].config.id
    for command in Command:
        for leader in (me, NO_ONE, B):
            data = encode(message(command, sender=me, leader=leader, term=cluster.seen_by(to).term + 1))
            cluster[to].deliver(Datagram(data, "10.9.9.9"))

    cluster.run(EXPIRE_MS)

    assert cluster.leaders() == {"A"}
    assert cluster.holders() == "A"


def test_counters_tell_what_came_in() -> None:
    cluster = held(key=KEY)
    node = cluster["C"]

    def counted() -> list[int]:
        (peer,) = (each for each in node.view().peers if each.config.id == A)
        return [peer.received, peer.receive_errors, peer.auth_failures, peer.invalid]

    before = counted()
    stamp_us = node.now.wall_us
    for data in (
        patched(GOOD, 12, 1),
        encode(message(term=1)),
        encode(replace(message(), ticket="ticketB"), key=KEY, stamp_us=stamp_us),
    ):
        node.deliver(Datagram(data, "10.9.9.9"))

    assert [now - then for now, then in zip(counted(), before, strict=True)] == [3, 1, 1, 1]


# --- signatures


def trailer(data: bytes, number: int, kept: int) -> bytes:
    """Return signed bytes with another hash's number, and only the first bytes of the right digest."""
    digest = data[-HMAC_SIZE + 4 : -HMAC_SIZE + 4 + kept]
    return data[:-HMAC_SIZE] + struct.pack("!I24s", number, digest)


SHA1: Final = 2
OTHERS: Final = [0, 1, 3, 8, 10, 302, 304, 9_999, 0xFFFFFFFF]
WRONG: Final = [(SHA1, kept) for kept in range(20)] + [
    (each, kept) for each in OTHERS for kept in (0, 3, 4, 16, 20)
]


@pytest.mark.parametrize(("number", "kept"), WRONG)
def test_only_a_whole_sha1_signature_counts(number: int, kept: int) -> None:
    cluster = held(key=KEY)
    revoke = message(Command.REVOKED, leader=NO_ONE, term=cluster.seen_by("C").term)
    good = encode(revoke, key=KEY, stamp_us=cluster["C"].now.wall_us + 5_000_000)

    cluster["C"].deliver(Datagram(trailer(good, number, kept), "10.9.9.9"))
    assert cluster.leader_seen_by("C") == "A"

    cluster["C"].deliver(Datagram(good, "10.9.9.9"))
    assert cluster.leader_seen_by("C") == ""


def test_a_message_without_signature_or_of_another_key_is_dropped() -> None:
    cluster = held(key=KEY)
    revoke = message(Command.REVOKED, leader=NO_ONE, term=cluster.seen_by("C").term)
    stamp_us = cluster["C"].now.wall_us + 5_000_000

    for key in (None, b"another key, not ours"):
        cluster["C"].deliver(Datagram(encode(revoke, key=key, stamp_us=stamp_us), "10.9.9.9"))

    assert cluster.leader_seen_by("C") == "A"


def test_a_site_with_another_key_is_as_good_as_away() -> None:
    def other(*args: object, **options: object) -> Member:
        return Member(*args, **options | {"key": b"another key, not ours"})  # type: ignore[arg-type]

    cluster = held(key=KEY, B=other)

    assert cluster.holders() == "A"
    assert cluster.leader_seen_by("B") == ""
    assert cluster.history.granted[0].start_us > (3 * EXPIRE_MS + EXPIRE_MS) * 1_000
    client = cluster.grant("B")
    assert client.results == [Result.AUTHENTICATION]
    assert client.closed_us is not None


# --- replays


def test_a_dead_leaders_recorded_messages_do_not_keep_its_lease() -> None:
    cluster = held(key=KEY)
    recorded = [cluster.sent_by("A", command)[-1] for command in (Command.HEARTBEAT, Command.UPDATE)]
    cluster["A"].kill()

    def replay() -> None:
        for name in "BC":
            for data in recorded:
                cluster[name].deliver(Datagram(data, "10.9.9.9"))
        cluster.timeline.after(300_000, replay)

    replay()
    moved_to_b(cluster)


def test_a_recorded_revoke_revokes_once() -> None:
    cluster = held(key=KEY)
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(100)
    (recorded, *_) = cluster.sent_by("A", Command.REVOKED)
    grant(cluster, "A")

    cluster["C"].deliver(Datagram(recorded, "10.9.9.9"))

    assert cluster.leader_seen_by("C") == "A"


@pytest.mark.parametrize("command", [Command.GRANT, Command.REVOKE, Command.ATTR_SET])
def test_a_clients_recorded_request_is_carried_out_once(command: Command) -> None:
    cluster = held(key=KEY)
    if command == Command.GRANT:
        assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    stamp_us = cluster["A"].now.wall_us
    request = (
        AttributeMessage(Header(command, A), TICKET, "color", "green")
        if command == Command.ATTR_SET
        else TicketMessage(Header(command, A), TICKET)
    )
    data = encode(request, key=KEY, stamp_us=stamp_us)

    first, again = cluster.raw("A", data), cluster.raw("A", data)

    assert answer(cluster, first) == Result.SUCCESS
    assert answer(cluster, again) == Result.AUTHENTICATION


@pytest.mark.parametrize(("age_s", "accepted"), [(599, True), (601, False)])
def test_a_request_may_not_be_older_than_maxtimeskew(age_s: int, accepted: bool) -> None:
    cluster = held(key=KEY)
    stamp_us = cluster["A"].now.wall_us - age_s * 1_000_000

    client = cluster.raw("A", encode(TicketMessage(Header(Command.LIST, A), ""), key=KEY, stamp_us=stamp_us))

    assert (client.results == [Result.SUCCESS]) is accepted


# --- requests


REQUESTS: Final = {
    "an unknown ticket": (TicketMessage(Header(Command.GRANT, A), "nosuch"), Result.INVALID_ARGUMENT),
    "an unknown command": (TicketMessage(Header(0x41414141, A), TICKET), Result.INVALID_ARGUMENT),
    "a member's command": (
        TicketMessage(Header(Command.HEARTBEAT, A), TICKET, A, 99, 2_000),
        Result.INVALID_ARGUMENT,
    ),
}


@pytest.mark.parametrize(("request_", "result"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_for_nothing_is_refused(request_: TicketMessage, result: Result) -> None:
    cluster = held()

    assert cluster.raw("A", encode(request_)).result == result
    assert cluster.holders() == "A"


@pytest.mark.parametrize("size", range(0, TICKET_SIZE, 3))
@pytest.mark.parametrize("command", [Command.GRANT, Command.REVOKE, Command.ATTR_SET, Command.LIST])
def test_a_short_request_is_answered_or_closed_and_does_nothing(size: int, command: Command) -> None:
    member = Member(config(), A)
    data = encode(AttributeMessage(Header(command, A), TICKET, "name", "value"))
    if size >= HEADER_SIZE:
        data = patched(data, 24, size)

    now = Cluster(config())["A"].now
    effects = member.step(now, Request(1, data[:size]))

    assert not any(isinstance(effect, WriteCib | Send) for effect in effects)
    if command != Command.LIST:
        assert all(effect.final for effect in effects if isinstance(effect, Answer))


def test_no_made_up_reason_ends_a_lease() -> None:
    cluster = held()
    term = cluster.seen_by("C").term + 1

    for reason in (Reason.ADMIN, Reason.STEPDOWN, 0x12345678):
        data = encode(message(Command.REQUEST_VOTE, sender=B, leader=B, reason=reason, term=term))
        cluster["C"].deliver(Datagram(data, "10.9.9.9"))

    assert cluster.leader_seen_by("C") == "A"
