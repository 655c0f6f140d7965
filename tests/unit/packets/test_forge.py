"""Forged packets are wrong in just one thing, and the core refuses them for it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from boothlab.core import auth, wire
from boothlab.core.identity import site_id
from boothlab.packets import (
    FLOOD_MAX,
    Booth,
    BoothHMAC,
    BoothText,
    BoothTicket,
    flood,
    is_signed_with,
    replayed,
    signed,
    truncated,
    unsigned,
    with_hash_id,
    with_sender,
    with_term,
    with_ticket,
)

if TYPE_CHECKING:
    from scapy.packet import Packet

KEY = b"correct horse"
OTHER_KEY = b"battery staple"


@pytest.fixture
def heartbeat() -> Packet:
    message = Booth(cmd="HrtB", sender="10.77.1.1", secs=1_700_000_000, usecs=5)
    body = BoothTicket(ticket="T", leader="10.77.1.1", term=3, valid=599)
    return Booth(bytes(message / body / BoothHMAC(key=KEY)))


def test_a_replay_is_the_same_to_the_byte(heartbeat: Packet) -> None:
    assert bytes(replayed(heartbeat)) == bytes(heartbeat)


def test_a_fresh_signature_comes_with_a_fresh_stamp(heartbeat: Packet) -> None:
    anew = Booth(bytes(signed(heartbeat, KEY)))

    assert is_signed_with(anew, KEY)
    assert anew.secs > heartbeat.secs
    assert anew[BoothTicket].fields == heartbeat[BoothTicket].fields


def test_another_key_is_refused(heartbeat: Packet) -> None:
    with pytest.raises(auth.AuthError, match="another key"):
        auth.verify(bytes(signed(heartbeat, OTHER_KEY)), KEY)


def test_an_unknown_hash_id_is_refused(heartbeat: Packet) -> None:
    with pytest.raises(auth.AuthError, match="unsupported hash 99"):
        auth.verify(bytes(with_hash_id(heartbeat, 99, KEY)), KEY)


def test_a_missing_signature_is_refused(heartbeat: Packet) -> None:
    data = bytes(unsigned(heartbeat))

    assert len(data) == wire.TICKET_SIZE == wire.decode_header(data)[1]
    with pytest.raises(auth.AuthError):
        auth.verify(data, KEY)


@pytest.mark.parametrize("key", [None, KEY])
def test_term_sender_and_ticket_are_changed_alone(heartbeat: Packet, key: bytes | None) -> None:
    term = wire.decode_ticket(bytes(with_term(heartbeat, 7, key)))
    sender = wire.decode_ticket(bytes(with_sender(heartbeat, "10.77.9.9", key)))
    ticket = wire.decode_ticket(bytes(with_ticket(heartbeat, "nobody-knows-it", key)))

    assert (term.term, term.header.sender, term.ticket) == (7, site_id("10.77.1.1"), "T")
    assert (sender.term, sender.header.sender, sender.ticket) == (3, site_id("10.77.9.9"), "T")
    assert (ticket.term, ticket.ticket) == (3, "nobody-knows-it")
    for forged in (with_term(heartbeat, 7, key), with_ticket(heartbeat, "U", key)):
        assert is_signed_with(Booth(bytes(forged)), KEY) == (key is not None)


def test_what_is_forged_leaves_the_packet_as_it_was(heartbeat: Packet) -> None:
    before = bytes(heartbeat)
    for forged in (with_term(heartbeat, 9, KEY), with_sender(heartbeat, 1), signed(heartbeat, OTHER_KEY)):
        assert bytes(forged) != before

    assert bytes(heartbeat) == before


def test_a_name_without_an_end_can_be_sent(heartbeat: Packet) -> None:
    with pytest.raises(wire.WireError, match="without an end"):
        wire.decode_ticket(bytes(with_ticket(heartbeat, b"x" * 64, KEY)))


@pytest.mark.parametrize("size", [0, 20, 48, 100, 151])
def test_a_truncated_packet_ends_early(heartbeat: Packet, size: int) -> None:
    data = truncated(heartbeat, size)

    assert len(data) == size
    with pytest.raises(auth.AuthError):
        auth.verify(data, KEY)


def test_an_answers_signature_stands_before_its_text() -> None:
    answer = signed(Booth(cmd="RLst") / BoothText(text=b"ticket: T\n"), KEY)

    auth.verify(bytes(answer), KEY, at=wire.HEADER_SIZE)
    assert wire.decode_text(bytes(answer), signed=True).text == b"ticket: T\n"


def test_each_packet_of_a_flood_is_signed_anew(heartbeat: Packet) -> None:
    packets = [Booth(data) for data in flood(heartbeat, 50, KEY)]

    assert len(packets) == 50
    assert all(is_signed_with(each, KEY) for each in packets)
    stamps = [(each.secs, each.usecs) for each in packets]
    assert all(earlier < later for earlier, later in pairwise(stamps))


def test_a_flood_has_an_end(heartbeat: Packet) -> None:
    with pytest.raises(ValueError, match="at most"):
        flood(heartbeat, FLOOD_MAX + 1)
