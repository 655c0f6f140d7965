"""The Booth layer: what it reads and builds, and what it makes of other bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from unit.packets.frames import framed
from unit.recordings import FILES, WRONG_KEY, Json, key_of, load, packets

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, Command, Reason, Result, code_text
from boothlab.core.identity import site_id
from boothlab.core.messages import (
    AttributeMessage,
    Header,
    HeaderMessage,
    Message,
    TextMessage,
    TicketMessage,
)
from boothlab.packets import (
    Booth,
    BoothAttribute,
    BoothHMAC,
    BoothText,
    BoothTicket,
    bind,
    is_signed_with,
    know,
    signed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scapy.packet import Packet

KEY = b"correct horse"


def fields(message: Packet) -> Json:
    """Return a message's fields under the names that the recordings have."""
    header = {"from": message.sender, "cmd": code_text(message.cmd)}
    header |= {name: getattr(message, name) for name in ("options", "opts", "secs", "usecs", "length")}
    for name in ("request", "reason", "result"):
        value = getattr(message, name)
        header[name] = code_text(value) if value else 0
    return header | body_fields(message)


def body_fields(message: Packet) -> Json:
    if BoothText in message:
        return {"text": bytes(message[BoothText].text).decode()}
    if BoothAttribute in message:
        body = message[BoothAttribute]
        return {"attribute": {"ticket": body.ticket, "name": body.attribute, "value": body.value}}
    if BoothTicket in message:
        body = message[BoothTicket]
        return {name: getattr(body, name) for name in ("ticket", "leader", "term", "valid")}
    return {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestEachRecordedPacket:
    def test_dissects_to_the_recorded_fields(self, path: Path) -> None:
        recording = load(path)
        for packet in packets(recording):
            recorded = packet.get("decoded", packet)
            found = fields(Booth(bytes.fromhex(packet["hex"])))
            found.setdefault("text", "")

            expected = {name: value for name, value in recorded.items() if name in found}
            assert {name: found[name] for name in expected} == expected, packet["hex"]
            assert {"ticket", "attribute", "text"} & recorded.keys() <= found.keys()

    def test_builds_back_to_the_same_bytes_from_its_fields_alone(self, path: Path) -> None:
        for packet in packets(load(path)):
            message = Booth(bytes.fromhex(packet["hex"]))
            message.clear_cache()

            assert bytes(message).hex() == packet["hex"]

    def test_gets_the_recorded_signature_with_the_key(self, path: Path) -> None:
        recording = load(path)
        key = key_of(recording)
        for packet in packets(recording) if key else []:
            message = Booth(bytes.fromhex(packet["hex"]))
            if path.stem == WRONG_KEY and packet.get("role") == "request":
                assert not is_signed_with(message, key)
                continue
            anew = signed(message, key)
            anew.secs, anew.usecs = message.secs, message.usecs

            assert is_signed_with(message, key)
            assert bytes(anew).hex() == packet["hex"]


u32 = st.integers(0, 0xFFFFFFFF)
names = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=63)
members_commands = st.sampled_from([Command.STATUS, Command.HEARTBEAT, Command.ACK, Command.GRANT])
reasons = st.sampled_from(Reason)
results = st.sampled_from(Result)


def headers(commands: st.SearchStrategy[Command]) -> st.SearchStrategy[Header]:
    return st.builds(
        Header, commands, u32, request=u32, options=u32, reason=reasons, result=results, opts=st.just(0)
    )


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300).map(str.encode)
messages = st.one_of(
    st.builds(TicketMessage, headers(members_commands), names, leader=u32, term=u32, valid=u32),
    st.builds(AttributeMessage, headers(st.just(Command.ATTR_SET)), names, names, names),
    st.builds(AttributeMessage, headers(st.just(Command.ATTR_GET)), names, names),
    st.builds(TextMessage, headers(st.sampled_from([Command.LIST_REPLY, Command.ATTR_LIST])), texts),
    st.builds(HeaderMessage, headers(st.just(Command.RESULT))),
)


def as_packet(message: Message, key: bytes | None) -> Packet:
    """Build what scapy would for a message of the core."""
    head = message.header
    packet: Packet = Booth(
        **{name: getattr(head, name) for name in ("sender", "request", "options", "reason", "result")},
        cmd=head.command,
        secs=1_700_000_000 if key else 0,
        usecs=42 if key else 0,
    )
    if isinstance(message, TicketMessage):
        ticket = {name: getattr(message, name) for name in ("ticket", "leader", "term", "valid")}
        packet /= BoothTicket(**ticket)
    if isinstance(message, AttributeMessage):
        packet /= BoothAttribute(ticket=message.ticket, attribute=message.name, value=message.value)
    if key:
        packet /= BoothHMAC(key=key)
    return packet / BoothText(text=message.text) if isinstance(message, TextMessage) else packet


@given(messages, st.sampled_from([None, KEY]))
def test_scapy_and_the_core_say_the_same_in_the_same_bytes(message: Message, key: bytes | None) -> None:
    data = wire.encode(message, key=key, stamp_us=1_700_000_000_000_042)

    assert bytes(as_packet(message, key)) == data
    again = Booth(data)
    assert body_fields(again).get("text", "") == (
        message.text.decode() if isinstance(message, TextMessage) else ""
    )
    assert (BoothHMAC in again) == (key is not None)
    assert (BoothTicket in again) == isinstance(message, TicketMessage)
    assert (BoothAttribute in again) == isinstance(message, AttributeMessage)


@given(st.binary(max_size=400))
def test_any_bytes_behind_a_header_are_kept(rest: bytes) -> None:
    data = bytes(Booth(cmd="HrtB", length=48 + len(rest))) + rest

    message = Booth(data)
    message.clear_cache()

    assert bytes(message) == data


@given(st.binary(min_size=1, max_size=100))
def test_what_is_not_booths_is_left_raw(data: bytes) -> None:
    assert type(Booth(data)) is Raw


def test_a_message_cut_in_its_body_shows_its_header_and_the_rest_raw() -> None:
    data = bytes(Booth(cmd="HrtB", sender="10.77.1.1") / BoothTicket(ticket="T"))[:100]

    message = Booth(data)

    assert message.cmd == Command.HEARTBEAT
    assert bytes(message[Raw]) == data[48:]


class TestAPerson:
    def test_writes_codes_and_members_as_booth_prints_them(self) -> None:
        message = Booth(cmd="HrtB", sender="192.168.101.100", reason="Admn")

        assert message.cmd == Command.HEARTBEAT
        assert message.sender == site_id("192.168.101.100")
        assert message.reason == Reason.ADMIN

    def test_may_write_a_code_that_booth_does_not_know(self) -> None:
        assert Booth(bytes(Booth(cmd="XxXx"))).summary() == "XxXx"

    def test_reads_a_message_in_one_line(self) -> None:
        body = BoothTicket(ticket="ticketA", leader="192.168.101.100", term=3, valid=599)

        assert (Booth(cmd="HrtB") / body).summary() == "HrtB ticketA leader 192.168.101.100 term 3 valid 599"

    @pytest.mark.parametrize(
        ("message", "line"),
        [
            (
                Booth(cmd="RJC!", request="RVot", result="TVld") / BoothTicket(ticket="T"),
                "RJC! to RVot T leader none term 0 valid 0 result TVld",
            ),
            (
                Booth(cmd="Stat") / BoothTicket(ticket="T", leader=0),
                "Stat T leader NONE term 0 valid 0",
            ),
            (
                Booth(cmd="VtFr", reason="LocF") / BoothTicket(ticket="T", leader=7),
                "VtFr T leader id 7 term 0 valid 0 reason LocF",
            ),
            (Booth(cmd="CGnt") / BoothTicket(ticket="T"), "CGnt T"),
            (Booth(cmd="ASet") / BoothAttribute(ticket="T", attribute="a", value="b"), "ASet T a=b"),
            (Booth(cmd="RLst") / BoothText(text=b"one\n"), "RLst text of 4 bytes"),
        ],
    )
    def test_reads_what_matters_of_each_kind(self, message: Packet, line: str) -> None:
        assert message.summary() == line
        assert Booth(bytes(message)).summary() == line

    def test_sees_the_leaders_address_when_the_packet_itself_names_it(self) -> None:
        body = BoothTicket(ticket="T", leader=site_id("10.9.8.7"))
        frame = Ether(bytes(framed() / IP(src="10.9.8.7", dst="10.9.8.6") / UDP() / Booth(cmd="HrtB") / body))

        assert frame.summary().endswith(
            "UDP 10.9.8.7:9929 > 10.9.8.6:9929 / HrtB T leader 10.9.8.7 term 0 valid 0"
        )

    def test_can_make_addresses_known(self) -> None:
        message = Booth(cmd="HrtB") / BoothTicket(ticket="T", leader=site_id("10.5.5.5"))
        know("10.5.5.5")

        assert "leader 10.5.5.5 " in message.summary()

    def test_does_not_see_the_key_in_what_is_shown(self) -> None:
        message = Booth() / BoothTicket() / BoothHMAC(key=KEY)

        assert "horse" not in (message.show(dump=True) or "") + repr(message)

    def test_sees_a_round_where_members_of_boothlabs_kind_mark_one(self) -> None:
        assert "options   = round 7" in (Booth(options=0xB0070007).show(dump=True) or "")
        assert "options   = immediate, wait" in (Booth(options=3).show(dump=True) or "")


class TestAnswers:
    def test_a_vote_answers_a_request_for_the_same_ticket(self) -> None:
        asked = Booth(cmd="RVot", sender=1) / BoothTicket(ticket="T")

        assert (Booth(cmd="VtFr", request="RVot", sender=2) / BoothTicket(ticket="T")).answers(asked)
        assert not (Booth(cmd="VtFr", request="RVot", sender=2) / BoothTicket(ticket="U")).answers(asked)
        assert not (Booth(cmd="Ack.", request="HrtB", sender=2) / BoothTicket(ticket="T")).answers(asked)

    def test_nobody_answers_itself(self) -> None:
        asked = Booth(cmd="HrtB", sender=1) / BoothTicket(ticket="T")

        assert not (Booth(cmd="Ack.", request="HrtB", sender=1) / BoothTicket(ticket="T")).answers(asked)

    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            (Booth(cmd="CLst") / BoothTicket(), Booth(cmd="RLst") / BoothText(text=b"x")),
            (Booth(cmd="Peer") / BoothTicket(), Booth(cmd="RLst") / BoothText(text=b"x")),
            (Booth(cmd="CGnt") / BoothTicket(ticket="T"), Booth(cmd="Rslt") / BoothTicket(ticket="T")),
            (Booth(cmd="CRvk") / BoothTicket(ticket="T"), Booth(cmd="Rslt", result="Auth")),
            (Booth(cmd="AGet") / BoothAttribute(ticket="T"), Booth(cmd="AGet") / BoothText(text=b"v")),
        ],
    )
    def test_a_daemon_answers_a_client(self, asked: Packet, answer: Packet) -> None:
        assert answer.answers(asked)
        assert not asked.answers(answer)
        assert not asked.answers(asked)

    def test_they_are_found_through_udp_and_ip(self) -> None:
        asked = IP(src="10.0.0.1", dst="10.0.0.2") / UDP() / Booth(cmd="Stat", sender=1) / BoothTicket()
        answer = (
            IP(src="10.0.0.2", dst="10.0.0.1")
            / UDP()
            / Booth(cmd="MIdx", request="Stat", sender=2)
            / BoothTicket(leader=NO_ONE)
        )

        assert answer.answers(asked)
        assert answer.hashret() == asked.hashret()


class TestPorts:
    @pytest.mark.parametrize("transport", [UDP, TCP])
    def test_booths_port_is_read_in_both_directions(self, transport: type[Packet]) -> None:
        for ports in ({"sport": 9929, "dport": 40000}, {"sport": 40000, "dport": 9929}):
            frame = IP(bytes(IP() / transport(**ports) / bytes(Booth())))

            assert Booth in frame

    def test_another_port_can_be_bound(self) -> None:
        data = bytes(IP() / UDP(sport=19929, dport=19929) / bytes(Booth()))
        before = IP(data)
        bind(19929)

        assert Booth not in before
        assert Booth in IP(data)
