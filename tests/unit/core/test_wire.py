"""The layout of messages, by rule and by round trip."""

from __future__ import annotations

import struct
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, OPTS_ATTRIBUTE, Command, Result
from boothlab.core.config.model import TimeScale
from boothlab.core.identity import site_id
from boothlab.core.messages import (
    AttributeMessage,
    Header,
    HeaderMessage,
    Message,
    TextMessage,
    TicketMessage,
)
from boothlab.core.wire import WireError

ME: Final = site_id("192.168.101.100")
KEY: Final = b"testkey-12345678"
STAMP_US: Final = 1_700_000_000_125_000

STATUS: Final = TicketMessage(Header(Command.STATUS, ME), "ticketA")
STATUS_SIGNED: Final = bytes.fromhex(
    "00000001 6553f100 0001e848 5f1ba08c 00010003 52370761 00000098 53746174"
    "00000000 00000000 00000000 00000000 7469636b657441" + "00" * 57 + "ffffffff 00000000 00000000"
    "00000002 348b846a189de62bbba31175dabfe384ade70c59 00000000"
)
HEARTBEAT: Final = TicketMessage(Header(Command.HEARTBEAT, ME), "ticketA", leader=ME, term=7, valid=599)
HEARTBEAT_PLAIN: Final = bytes.fromhex(
    "00000000 00000000 00000000 5f1ba08c 00010003 52370761 0000007c 48727442"
    "00000000 00000000 00000000 00000000 7469636b657441" + "00" * 57 + "52370761 00000007 00000257"
)

u32 = st.integers(0, 0xFFFFFFFF)
stamps = st.integers(0, 0xFFFFFFFF * 1_000_000 + 999_999)
names = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=63)
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).filter(
    lambda text: len(text.encode()) < 128
)
headers = st.builds(
    Header,
    command=u32,
    sender=u32,
    request=u32,
    options=u32,
    reason=u32,
    result=u32,
    opts=st.sampled_from([0, OPTS_ATTRIBUTE]),
)
keys = st.none() | st.binary(min_size=8, max_size=64)


def read_back(sent: Message, *, signed: bool, data: bytes) -> Message:
    """Decode ``data`` as what ``sent`` is."""
    match sent:
        case TicketMessage():
            return wire.decode_ticket(data)
        case AttributeMessage():
            return wire.decode_attribute(data)
        case TextMessage():
            return wire.decode_text(data, signed=signed)
        case HeaderMessage():
            return HeaderMessage(wire.decode_header(data)[0])


class TestLayout:
    def test_sizes_are_those_of_the_protocol(self) -> None:
        sizes = (wire.HEADER_SIZE, wire.TICKET_SIZE, wire.ATTRIBUTE_SIZE, wire.HMAC_SIZE, wire.MAX_SIZE)

        assert sizes == (48, 124, 304, 28, 1024)

    def test_a_signed_status_query_is_these_bytes(self) -> None:
        assert wire.encode(STATUS, key=KEY, stamp_us=STAMP_US) == STATUS_SIGNED

    def test_a_plain_heartbeat_is_these_bytes(self) -> None:
        assert wire.encode(HEARTBEAT) == HEARTBEAT_PLAIN

    def test_what_is_not_signed_has_no_stamp(self) -> None:
        assert wire.encode(HEARTBEAT, stamp_us=STAMP_US) == HEARTBEAT_PLAIN

    def test_what_was_signed_is_said_not_to_be_when_it_is_sent_on_without_a_key(self) -> None:
        received = wire.decode_ticket(STATUS_SIGNED)

        assert wire.decode_ticket(wire.encode(received)).header.opts == 0

    def test_the_signature_of_a_text_stands_before_it(self) -> None:
        data = wire.encode(TextMessage(Header(Command.LIST_REPLY, ME), b"text"), key=KEY, stamp_us=STAMP_US)

        assert (len(data), data[48:52], data[76:]) == (80, b"\0\0\0\2", b"text")

    def test_a_length_counts_all_of_the_message(self) -> None:
        text = TextMessage(Header(Command.LIST_REPLY, ME), b"x" * 70_000)

        assert wire.decode_header(wire.encode(text, key=KEY))[1] == 48 + 28 + 70_000

    def test_a_clock_before_1970_or_after_2106_still_gives_a_message(self) -> None:
        for stamp_us in (-5, 1 << 60):
            assert len(wire.encode(STATUS, key=KEY, stamp_us=stamp_us)) == 152


class TestRoundTrips:
    @given(headers, names, u32, u32, u32, keys, stamps)
    def test_a_ticket_message_survives(
        self,
        header: Header,
        ticket: str,
        leader: int,
        term: int,
        valid: int,
        key: bytes | None,
        stamp_us: int,
    ) -> None:
        self.survives(TicketMessage(header, ticket, leader, term, valid), key, stamp_us)

    @given(headers, names, names, values, keys, stamps)
    def test_an_attribute_message_survives(
        self, header: Header, ticket: str, name: str, value: str, key: bytes | None, stamp_us: int
    ) -> None:
        self.survives(AttributeMessage(header, ticket, name, value), key, stamp_us)

    @given(headers, st.binary(), keys, stamps)
    def test_a_text_survives(self, header: Header, text: bytes, key: bytes | None, stamp_us: int) -> None:
        self.survives(TextMessage(header, text), key, stamp_us)

    @given(headers, keys, stamps)
    def test_a_header_survives(self, header: Header, key: bytes | None, stamp_us: int) -> None:
        self.survives(HeaderMessage(header), key, stamp_us)

    def survives(self, message: Message, key: bytes | None, stamp_us: int) -> None:
        data = wire.encode(message, key=key, stamp_us=stamp_us)
        back = read_back(message, signed=key is not None, data=data)

        assert wire.encode(back, key=key, stamp_us=back.header.stamp_us) == data
        assert back.header.stamp_us == (stamp_us if key else 0)
        assert wire.encode(back) == wire.encode(message)
        assert wire.peek_sender(data) == message.header.sender


class TestHeaders:
    def test_the_sender_is_known_from_24_bytes_on(self) -> None:
        assert wire.peek_sender(HEARTBEAT_PLAIN[:23]) is None
        assert wire.peek_sender(HEARTBEAT_PLAIN[:24]) == ME

    @pytest.mark.parametrize(
        ("at", "value", "said"),
        [
            (12, 0x5F1BA08D, "magic 0x5f1ba08d"),
            (16, 0x00010002, "version 0x00010002"),
            (24, 47, "length field says 47"),
            (24, 0, "length field says 0"),
        ],
    )
    def test_a_wrong_field_is_named(self, at: int, value: int, said: str) -> None:
        data = HEARTBEAT_PLAIN[:at] + struct.pack("!I", value) + HEARTBEAT_PLAIN[at + 4 :]

        with pytest.raises(WireError, match=said):
            wire.decode_header(data)

    @pytest.mark.parametrize("size", [0, 24, 47])
    def test_less_than_a_header_is_too_short(self, size: int) -> None:
        with pytest.raises(WireError, match=f"^{size} bytes are too few"):
            wire.decode_header(HEARTBEAT_PLAIN[:size])

    def test_unknown_codes_are_let_through_for_who_knows_what_to_answer(self) -> None:
        strange = Header(command=1, sender=2, request=3, options=4, reason=5, result=6, opts=4, stamp_us=0)

        assert wire.decode_header(wire.encode(HeaderMessage(strange))) == (strange, 48)


class TestBodies:
    @pytest.mark.parametrize("size", [48, 49, 112, 123])
    def test_a_ticket_message_needs_its_whole_body(self, size: int) -> None:
        with pytest.raises(WireError, match=f"^{size} bytes are too few .* about a ticket: it needs 124"):
            wire.decode_ticket(HEARTBEAT_PLAIN[:size])

    @pytest.mark.parametrize("size", [48, 124, 303])
    def test_an_attribute_message_needs_its_whole_body(self, size: int) -> None:
        data = wire.encode(AttributeMessage(Header(Command.ATTR_GET, ME), "T", "a"))[:size]

        with pytest.raises(WireError, match=f"^{size} bytes are too few .* about an attribute: it needs 304"):
            wire.decode_attribute(data)

    def test_what_follows_a_body_is_let_be(self) -> None:
        assert wire.decode_ticket(HEARTBEAT_PLAIN + b"surplus") == HEARTBEAT

    def test_padding_is_not_looked_at(self) -> None:
        data = HEARTBEAT_PLAIN[:56] + b"\xff" * 56 + HEARTBEAT_PLAIN[112:]

        assert wire.decode_ticket(data) == HEARTBEAT

    @pytest.mark.parametrize(
        ("at", "field", "said"),
        [
            (48, b"x" * 64, "ticket name fills its 64 bytes"),
            (48, b"t\xfcr\0", "ticket name b't.*r' is not text"),
            (112, b"x" * 64, "attribute name fills its 64 bytes"),
            (112, b"\x80\0", "attribute name .* is not text"),
            (176, b"x" * 128, "attribute value fills its 128 bytes"),
            (176, b"\xff\xfe\0", "attribute value .* is not text"),
        ],
    )
    def test_a_text_without_an_end_or_in_no_alphabet_is_refused(
        self, at: int, field: bytes, said: str
    ) -> None:
        data = wire.encode(AttributeMessage(Header(Command.ATTR_SET, ME), "T", "name", "value"))

        with pytest.raises(WireError, match=said):
            wire.decode_attribute(data[:at] + field + data[at + len(field) :])

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            (TicketMessage(Header(Command.STATUS, ME), "x" * 64), "longer than 63 bytes"),
            (TicketMessage(Header(Command.STATUS, ME), "tür"), "cannot be sent"),
            (TicketMessage(Header(Command.STATUS, ME), "a\0b"), "contains a NUL"),
            (AttributeMessage(Header(Command.ATTR_SET, ME), "T", "x" * 64), "longer than 63 bytes"),
            (AttributeMessage(Header(Command.ATTR_SET, ME), "T", "a", "ü" * 64), "longer than 127 bytes"),
            (AttributeMessage(Header(Command.ATTR_SET, ME), "T", "a", "\udc80"), "cannot be sent"),
        ],
    )
    def test_what_does_not_fit_is_not_sent_cut(self, message: Message, said: str) -> None:
        with pytest.raises(WireError, match=said):
            wire.encode(message)

    def test_the_longest_texts_fit(self) -> None:
        longest = AttributeMessage(Header(Command.ATTR_SET, ME), "t" * 63, "n" * 63, "v" * 127)

        assert wire.decode_attribute(wire.encode(longest)) == longest


class TestTexts:
    REPLY = TextMessage(Header(Command.LIST_REPLY, ME, result=Result.SUCCESS), b"ticket: T, leader: none\n")

    def test_a_text_ends_where_its_length_says(self) -> None:
        assert wire.decode_text(wire.encode(self.REPLY) + b"surplus", signed=False) == self.REPLY

    @pytest.mark.parametrize("signed", [True, False])
    def test_a_text_that_is_not_all_there_is_refused(self, signed: bool) -> None:
        data = wire.encode(self.REPLY, key=KEY if signed else None)

        with pytest.raises(WireError, match="too few for a message with text"):
            wire.decode_text(data[:-1], signed=signed)

    def test_a_reply_without_the_expected_signature_is_refused(self) -> None:
        data = wire.encode(TextMessage(Header(Command.LIST_REPLY, ME), b""))

        with pytest.raises(WireError, match="too few"):
            wire.decode_text(data, signed=True)
        with pytest.raises(WireError, match="a signature ends at 76"):
            wire.decode_text(data + bytes(28), signed=True)


class TestValidity:
    @pytest.mark.parametrize(
        ("left_ms", "seconds", "milliseconds"),
        [(-1, 0, 0), (0, 0, 0), (999, 0, 999), (599_999, 599, 599_999), (3_599_999, 3599, 3_599_999)],
    )
    def test_a_lease_is_sent_rounded_down(self, left_ms: int, seconds: int, milliseconds: int) -> None:
        assert wire.valid_to_wire(left_ms, TimeScale.SECONDS) == seconds
        assert wire.valid_to_wire(left_ms, TimeScale.MILLISECONDS) == milliseconds

    @given(st.integers(0, 4_294_967_295))
    def test_seconds_are_read_to_the_second(self, left_ms: int) -> None:
        sent = wire.valid_to_wire(left_ms, TimeScale.SECONDS)

        assert wire.valid_from_wire(sent, TimeScale.SECONDS) == left_ms - left_ms % 1000

    @given(st.integers(0, 4_294_967))
    def test_milliseconds_are_read_as_they_were(self, left_ms: int) -> None:
        sent = wire.valid_to_wire(left_ms, TimeScale.MILLISECONDS)

        assert wire.valid_from_wire(sent, TimeScale.MILLISECONDS) == left_ms

    @given(st.integers(0, 4_294_966))
    def test_what_clusterlabs_booth_sends_for_milliseconds_is_read_as_it_meant_it(self, left_ms: int) -> None:
        signed = (left_ms * 1000 + (1 << 31)) % (1 << 32) - (1 << 31)
        wrapped = int(signed / 1000) % (1 << 32)

        assert wire.valid_from_wire(wrapped, TimeScale.MILLISECONDS) == left_ms

    def test_an_hour_from_clusterlabs_booth_is_no_49_days(self) -> None:
        assert wire.valid_from_wire(4_294_272_328, TimeScale.MILLISECONDS) == 3_599_999

    @pytest.mark.parametrize("scale", TimeScale)
    def test_an_endless_lease_is_sent_as_the_longest_that_can_be_read(self, scale: TimeScale) -> None:
        most = wire.valid_to_wire(1 << 60, scale)

        assert wire.valid_to_wire(1 << 40, scale) == most
        assert wire.valid_from_wire(most, scale) > 4_294_000

    @given(u32, st.sampled_from(TimeScale))
    def test_no_number_from_the_wire_is_longer_than_the_wire_can_say(
        self, value: int, scale: TimeScale
    ) -> None:
        assert 0 <= wire.valid_from_wire(value, scale) < 1 << 32


class TestAnyBytes:
    @settings(derandomize=True, max_examples=500)
    @given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda tail: HEARTBEAT_PLAIN[:48] + tail))
    def test_bytes_are_read_or_refused(self, data: bytes) -> None:
        for decode in (
            wire.decode_header,
            wire.decode_ticket,
            wire.decode_attribute,
            lambda data: wire.decode_text(data, signed=True),
            lambda data: wire.decode_text(data, signed=False),
        ):
            try:
                decode(data)
            except WireError as error:
                assert str(error)  # noqa: PT017 - the other outcome is fine too
        wire.peek_sender(data)

    @settings(derandomize=True, max_examples=500)
    @given(st.data())
    def test_a_real_message_with_a_few_bytes_changed_is_read_or_refused(self, data: st.DataObject) -> None:
        changed = bytearray(data.draw(st.sampled_from([STATUS_SIGNED, HEARTBEAT_PLAIN])))
        for at in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=4)):
            changed[at] = data.draw(st.integers(0, 255))
        try:
            read = wire.decode_ticket(bytes(changed))
        except WireError:
            return
        assert read.leader in range(NO_ONE + 1)
        assert read.ticket.isascii()
