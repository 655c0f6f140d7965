"""Packets as an enemy, a bug or a bad line would send them.

Everything here only builds. Send in a lab's nodes, and nowhere else. Each function takes
a ``Booth`` message and returns another one; what it got stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.packets.bodies import BoothAttribute, BoothHMAC, BoothText, BoothTicket
from boothlab.packets.header import Booth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scapy.packet import Packet

FLOOD_MAX: Final = 100_000
"""Packets that a flood has at most."""

_LEFT_OPEN: Final = ("opts", "secs", "usecs", "length")
"""What is filled in when a message is built."""


def replayed(packet: Packet) -> Booth:
    """Return a packet's Booth message, the same to the byte: also its stamp and signature."""
    message = packet[Booth]
    return Booth(bytes(message)[: message.length])


def signed(packet: Packet, key: bytes, *, hash_id: int | None = None) -> Booth:
    """Return the message signed anew, with the stamp of the moment at which it is built.

    Args:
        packet: What to sign.
        key: The members' key; or another one, to be refused.
        hash_id: What the signature says that it is; 2, SHA-1, when left out.
    """
    header, body, text = _parts(packet)
    signature = BoothHMAC(key=key) if hash_id is None else BoothHMAC(key=key, hash_id=hash_id)
    return _joined(header, body, signature, text)


def unsigned(packet: Packet) -> Booth:
    """Return the message without a signature."""
    header, body, text = _parts(packet)
    return _joined(header, body, None, text)


def with_hash_id(packet: Packet, hash_id: int, key: bytes) -> Booth:
    """Return the message signed, but with a hash id that says that it is another kind."""
    return signed(packet, key, hash_id=hash_id)


def with_sender(packet: Packet, sender: int | str, key: bytes | None = None) -> Booth:
    """Return the message as if another member had sent it: a site id, or an address."""
    forged = _open(packet, key)
    forged.sender = sender
    return forged


def with_term(packet: Packet, term: int, key: bytes | None = None) -> Booth:
    """Return the message, of another term.

    Raises:
        IndexError: it has none; it is not about a ticket.
    """
    forged = _open(packet, key)
    forged[BoothTicket].term = term
    return forged


def with_ticket(packet: Packet, ticket: str | bytes, key: bytes | None = None) -> Booth:
    """Return the message about another ticket.

    Raises:
        IndexError: it is about none.
    """
    forged = _open(packet, key)
    body = BoothAttribute if BoothAttribute in forged else BoothTicket
    forged[body].ticket = ticket
    return forged


def truncated(packet: Packet, size: int) -> bytes:
    """Return the first ``size`` bytes of the message. Its length still says what it was."""
    return bytes(replayed(packet))[:size]


def flood(packet: Packet, count: int, key: bytes | None = None) -> Iterator[bytes]:
    """Yield the message again and again, each one with a stamp and a signature of its own.

    Raises:
        ValueError: more than ``FLOOD_MAX``.
    """
    if count > FLOOD_MAX:
        raise ValueError(f"a flood of {count} packets is too much: at most {FLOOD_MAX}")
    message = _open(packet, key)
    return (bytes(message) for _ in range(count))


def _open(packet: Packet, key: bytes | None) -> Booth:
    return unsigned(packet) if key is None else signed(packet, key)


def _parts(packet: Packet) -> tuple[Booth, Packet | None, BoothText | None]:
    """Return copies of header, body and text of a message."""
    message = packet[Booth].copy()
    body = next((message[kind] for kind in (BoothTicket, BoothAttribute) if kind in message), None)
    text = message.getlayer(BoothText)
    message.remove_payload()
    if body is not None:
        body.remove_payload()
    return message, body, text


def _joined(header: Booth, *parts: Packet | None) -> Booth:
    """Return a message of these parts, and let it be filled in anew."""
    for name in _LEFT_OPEN:
        header.delfieldval(name)
    message: Packet = header
    for part in parts:
        message = message if part is None else message / part
    return message  # type: ignore[return-value] # scapy's "/" keeps the first layer's kind
