"""What comes from the network is a reply, or it is told why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.core.codes import Command, Result
from boothlab.core.messages import Header, HeaderMessage, TextMessage, TicketMessage
from boothlab.core.wire import encode
from boothlab.daemon.client.errors import ClientError, UnverifiedError
from boothlab.daemon.client.replies import decode

KEY = b"0123456789abcdef"
DONE = TicketMessage(Header(Command.RESULT, sender=1), "T", leader=1)
LIST = TextMessage(Header(Command.LIST_REPLY, sender=1), b"ticket: T\n")
ERROR = HeaderMessage(Header(Command.RESULT, sender=1, result=Result.AUTHENTICATION))

keys = st.none() | st.just(KEY)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("reply", [DONE, LIST, ERROR])
def test_each_kind_of_reply_is_understood(
    reply: TicketMessage | TextMessage | HeaderMessage, key: bytes | None
) -> None:
    decoded = decode(encode(reply, key=key), "127.0.0.1", key)

    assert type(decoded) is type(reply)
    assert (decoded.header.command, decoded.header.result) == (reply.header.command, reply.header.result)


@pytest.mark.parametrize("reply", [DONE, LIST, ERROR])
@pytest.mark.parametrize("signed_with", [None, b"another key"])
def test_a_reply_that_is_not_signed_with_our_key_is_refused(
    reply: TicketMessage | TextMessage | HeaderMessage, signed_with: bytes | None
) -> None:
    with pytest.raises(UnverifiedError, match=r"127\.0\.0\.1: failed to authenticate"):
        decode(encode(reply, key=signed_with), "127.0.0.1", KEY)


@pytest.mark.parametrize("offset", [28, 44, 60, 112])
def test_a_changed_result_is_refused(offset: int) -> None:
    changed = bytearray(encode(DONE, key=KEY))
    changed[offset] ^= 1

    with pytest.raises(ClientError):
        decode(bytes(changed), "127.0.0.1", KEY)


@given(data=st.binary(max_size=300), key=keys)
def test_any_bytes_are_a_reply_or_refused(data: bytes, key: bytes | None) -> None:
    decode_or_refuse(data, key)


@given(
    message=st.sampled_from([DONE, LIST, ERROR]),
    key=keys,
    expected=keys,
    cut=st.integers(0, 160),
    flips=st.dictionaries(st.integers(0, 150), st.integers(0, 255)),
)
def test_any_damage_is_a_reply_or_refused(
    message: TicketMessage | TextMessage | HeaderMessage,
    key: bytes | None,
    expected: bytes | None,
    cut: int,
    flips: dict[int, int],
) -> None:
    data = bytearray(encode(message, key=key))
    for offset, value in flips.items():
        data[offset % len(data)] = value

    decode_or_refuse(bytes(data[: len(data) - cut]), expected)


def decode_or_refuse(data: bytes, key: bytes | None) -> None:
    try:
        decode(data, "127.0.0.1", key)
    except ClientError as error:
        assert str(error)  # noqa: PT017 - either way is right
