"""What a daemon's reply says, once its signature has been checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.auth import AuthError, verify
from boothlab.core.codes import Command, code_text
from boothlab.core.messages import HeaderMessage, TextMessage, TicketMessage
from boothlab.core.wire import (
    HEADER_SIZE,
    HMAC_SIZE,
    TICKET_SIZE,
    WireError,
    decode_header,
    decode_text,
    decode_ticket,
)
from boothlab.daemon.client.errors import ReplyError, UnverifiedError

if TYPE_CHECKING:
    from boothlab.core.messages import Header

Reply = TicketMessage | TextMessage | HeaderMessage

_WITH_TEXT: Final = (Command.LIST_REPLY, Command.ATTR_GET, Command.ATTR_LIST)


def decode(data: bytes, address: str, key: bytes | None) -> Reply:
    """Return a reply as a value.

    Texts are outside of the signature, which follows the header and covers it alone.

    Args:
        data: one whole message.
        address: who sent it, for what is told.
        key: with which it must be signed; None when authentication is off.

    Raises:
        UnverifiedError: it is not signed with our key.
        ReplyError: it is no reply, or damaged.
    """
    try:
        return _decode(data, address, key)
    except WireError as error:
        raise ReplyError(f"{address} sent a damaged reply: {error}") from None


def _decode(data: bytes, address: str, key: bytes | None) -> Reply:
    header, _ = decode_header(data)
    if header.command in _WITH_TEXT:
        _check(data, header, address, key, at=HEADER_SIZE)
        return decode_text(data, signed=key is not None)
    if header.command != Command.RESULT:
        raise ReplyError(f"{address} sent no reply but a message {code_text(header.command)}")
    _check(data, header, address, key)
    if len(data) < TICKET_SIZE + (HMAC_SIZE if key else 0):
        return HeaderMessage(header)
    return decode_ticket(data)


def _check(data: bytes, header: Header, address: str, key: bytes | None, *, at: int | None = None) -> None:
    if key is None:
        return
    try:
        verify(data, key, at=at)
    except AuthError:
        raise UnverifiedError(address, header.result) from None
