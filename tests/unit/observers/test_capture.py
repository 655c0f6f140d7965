"""What becomes of a capture: a datagram's way through the router is told from its two legs."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from scapy.all import IP, UDP, rdpcap
from unit.router.packets import A, B, tcp, udp

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, Command, Reason
from boothlab.core.identity import site_id
from boothlab.core.messages import Header, TicketMessage
from boothlab.engine.parsers.frames import Frame, frames
from boothlab.history.records import Packet
from boothlab.observers.passages import Passage, passages
from boothlab.observers.pcap import pcap
from boothlab.observers.reading import Directory, packet
from boothlab.router.capture import FRAME

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = Directory({A: "A", B: "B"})
KEY = b"a key of members"
TTL_AT = 8


def vote(term: int = 4, leader: int | None = None, sender: int | None = None) -> bytes:
    header = Header(Command.REQUEST_VOTE, site_id(A) if sender is None else sender, reason=Reason.TICKET_LOST)
    message = TicketMessage(header, "ticketA", site_id(A) if leader is None else leader, term, 30)
    return wire.encode(message, key=KEY, stamp_us=1)


def came(at_ns: int, payload: bytes, source: str = A, target: str = B) -> Frame:
    return leg(at_ns, 64, payload, source, target)


def left(at_ns: int, payload: bytes, source: str = A, target: str = B) -> Frame:
    return leg(at_ns, 63, payload, source, target)


def leg(at_ns: int, to_live: int, payload: bytes, source: str, target: str) -> Frame:
    data = bytearray(udp(payload, source, target))
    data[TTL_AT] = to_live
    return Frame(at_ns, to_live < 64, 2, bytes(data))


def fates(found: list[Passage]) -> list[int | None]:
    return [each.left.at_ns if each.left else None for each in found]


def flipped(payload: bytes, bit: int) -> bytes:
    return (int.from_bytes(payload, "big") ^ 1 << bit).to_bytes(len(payload), "big")


# passages


def test_what_goes_out_again_was_passed_on_and_what_does_not_was_dropped() -> None:
    one, other = vote(1), vote(2)

    assert fates(passages([came(1, one), came(2, other), left(3, other)])) == [None, 3]


def test_packets_may_overtake_each_other_in_the_router() -> None:
    one, other = vote(1), vote(2)

    assert fates(passages([came(1, one), came(2, other), left(3, other), left(900, one)])) == [900, 3]


def test_the_other_direction_is_another_packet() -> None:
    same = vote()

    assert fates(passages([came(1, same, A, B), came(2, same, B, A), left(3, same, B, A)])) == [None, 3]


def test_a_second_copy_is_no_passage_of_its_own() -> None:
    (passage,) = passages([came(1, vote()), left(2, vote()), left(3, vote())])

    assert passage.left == left(2, vote())
    assert passage.copies == 1


def test_of_packets_that_are_all_the_same_the_latest_is_passed_on() -> None:
    assert fates(passages([came(1, b"x" * 124), came(100, b"x" * 124), left(101, b"x" * 124)])) == [None, 101]


def test_what_the_router_itself_sends_is_no_passage_even_if_it_is_a_copy() -> None:
    sent = leg(5, 64, vote(), A, B)
    copy = Frame(sent.at_ns, goes_out=True, interface=2, data=sent.data)

    assert fates(passages([came(1, vote()), copy])) == [None]
    assert passages([copy]) == []


def test_a_wrong_bit_makes_it_an_altered_one_and_two_do_not() -> None:
    payload = vote()
    (altered,) = passages([came(1, payload), left(2, flipped(payload, 300))])
    (lost,) = passages([came(1, payload), left(2, flipped(flipped(payload, 300), 301))])

    assert altered.is_altered
    assert lost.left is None


def test_bits_that_nobody_reads_alter_nothing() -> None:
    (passage,) = passages([came(1, vote()), left(2, flipped(vote(), 5))])

    assert passage.left is not None
    assert not passage.is_altered


def test_connections_are_no_passages() -> None:
    assert passages([Frame(1, goes_out=False, interface=2, data=tcp(vote()))]) == []


# records


def test_a_record_tells_what_the_message_says() -> None:
    assert packet(vote(), MEMBERS, source=A, target=B, at_ns=7) == Packet(
        at_ns=7,
        sender="A",
        receiver="B",
        command="RVot",
        ticket="ticketA",
        leader="A",
        term=4,
        valid=30,
        reason="TLst",
        source=A,
        size=152,
        signed=True,
    )


@pytest.mark.parametrize(("number", "name"), [(NO_ONE, "none"), (0, "NONE"), (site_id(B), "B"), (99, "")])
def test_leaders_are_told_by_their_names(number: int, name: str) -> None:
    assert packet(vote(leader=number), MEMBERS, source=A, target=B).leader == name


def test_nobodys_number_is_nobody() -> None:
    assert packet(vote(sender=99), MEMBERS, source=A, target=B).sender == ""


@pytest.mark.parametrize(
    ("size", "sender", "command", "ticket"),
    [(20, "", "", ""), (30, "A", "", ""), (60, "A", "RVot", ""), (130, "A", "RVot", "ticketA")],
)
def test_of_a_message_that_was_cut_what_is_there_is_told(
    size: int, sender: str, command: str, ticket: str
) -> None:
    record = packet(vote()[:size], MEMBERS, source=A, target=B)

    assert (record.sender, record.command, record.ticket, record.size) == (sender, command, ticket, size)
    assert not record.signed


# files


def test_the_routers_file_is_read_back_but_for_a_frame_that_was_cut_off() -> None:
    data = udp(vote())
    content = FRAME.pack(5, 0, 3, len(data)) + data + FRAME.pack(9, 1, 2, len(data)) + data

    assert list(frames(content)) == [Frame(5, False, 3, data), Frame(9, True, 2, data)]
    assert list(frames(content[:-1])) == [Frame(5, False, 3, data)]
    assert list(frames(b"")) == []


def test_wireshark_gets_both_legs_with_the_wall_clocks_time(tmp_path: Path) -> None:
    file = tmp_path / "wan.pcap"
    file.write_bytes(pcap([came(5, vote()), left(70_005, vote())], epoch_ns=1_700_000_000_000_000_000))
    one, other = rdpcap(str(file))

    assert (one[IP].src, one[UDP].dport, one[IP].ttl, other[IP].ttl) == (A, 9929, 64, 63)
    assert float(other.time - one.time) == pytest.approx(70e-6)
    assert int(one.time) == 1_700_000_000


def test_the_kernels_direction_is_kept() -> None:
    content = pcap([left(5, vote())], epoch_ns=0)

    assert struct.unpack_from("!H", content, 24 + 16) == (4,)
