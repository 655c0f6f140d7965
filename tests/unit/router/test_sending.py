"""Packets that no member sent: they are as they should be, but for what is to be wrong with them."""

from __future__ import annotations

import pytest
from unit.router.packets import A, B, is_sound

from boothlab.core import auth, wire
from boothlab.core.codes import Command
from boothlab.core.identity import site_id
from boothlab.core.messages import Header, TicketMessage
from boothlab.router.packet import datagram, parse
from boothlab.router.sending import Letter

KEY = b"a key of members"
NOW_US = 1_700_000_000_125_000
MESSAGE = TicketMessage(Header(Command.UPDATE, site_id(A)), "ticketA", site_id(A), 5, 30)


def letter(key: bytes = KEY, hash_id: int = 2, cut: int = 0) -> Letter:
    body = wire.encode(MESSAGE, key=KEY)[: -wire.HMAC_SIZE]
    return Letter(A, B, body, key, hash_id, cut)


def test_a_signed_letter_is_what_a_member_would_send_now() -> None:
    assert letter().payload(NOW_US) == wire.encode(MESSAGE, key=KEY, stamp_us=NOW_US)


def test_an_unsigned_one_is_what_a_member_without_a_key_would_send() -> None:
    bare = wire.encode(MESSAGE)

    assert Letter(A, B, bare).payload(NOW_US) == bare


@pytest.mark.parametrize(
    "wrong", [letter(key=b"another key"), letter(hash_id=999), letter(cut=8)], ids=["key", "hash", "cut"]
)
def test_what_is_wrong_is_refused(wrong: Letter) -> None:
    with pytest.raises(auth.AuthError):
        auth.verify(wrong.payload(NOW_US), KEY)


@pytest.mark.parametrize("payload", [b"", b"x", b"odd", wire.encode(MESSAGE)])
def test_a_datagrams_checksum_is_right(payload: bytes) -> None:
    packet = datagram(A, B, (9929, 9930), payload)
    seen = parse(packet)

    assert is_sound(packet)
    assert (seen.source_port, seen.target_port) == (9929, 9930)
    assert seen.data[seen.payload_at :] == payload
    assert not seen.was_passed_on
