"""Conversations with a daemon, byte by byte: what clients and members may send, rightly or wrongly."""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from interop.probe import HEADER, MAGIC, decode, packet, ticket_body

if TYPE_CHECKING:
    from collections.abc import Mapping

TICKET: Final = "t0"
LIMIT: Final = 1024
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Talk:
    """What is sent, in pieces: over one connection of its own, or as datagrams."""

    parts: tuple[bytes, ...]
    tcp: bool = True

    def fields(self) -> dict[str, object]:
        """Return it as the probing program takes it."""
        return {"tcp": self.tcp, "parts": [part.hex() for part in self.parts]}


def attribute_body(name: str, value: str = "", ticket: str = TICKET) -> bytes:
    """Return the body of a message about a ticket's attribute."""
    return struct.pack("!64s64s128s", ticket.encode(), name.encode(), value.encode())


def request(command: str, body: bytes = b"", **fields: str | int) -> bytes:
    """Return a client's request."""
    return packet(0, command, body, **fields)


def with_magic(data: bytes, magic: int = MAGIC, version: int = 0x00010003) -> bytes:
    """Return a message with another magic number or version."""
    return data[:12] + struct.pack("!II", magic, version) + data[20:]


def without_authentication() -> dict[str, Talk]:
    """Return conversations with a daemon that has no key, by what they are."""
    listing = request("CLst", ticket_body(""))
    pieces = tuple(listing[at : at + 20] for at in range(0, len(listing), 20))
    said: Mapping[str, tuple[bytes, ...]] = {
        "list": (listing,),
        "list, header alone": (request("CLst"),),
        "list, in pieces": pieces,
        "list, with bytes that nobody announced": (listing + bytes(28),),
        "list, twice on one connection": (listing + listing,),
        "half a list": (listing[:60],),
        "nothing": (b"",),
        "unknown command": (request("Nope", ticket_body(TICKET)),),
        "wrong magic": (with_magic(listing, magic=1),),
        "wrong version": (with_magic(listing, version=0x00010004),),
        "length shorter than a header": (request("CLst", ticket_body(""), length=47),),
        "length over the limit": (request("CLst", bytes(LIMIT), length=48 + LIMIT),),
        "grant of an unknown ticket": (request("CGnt", ticket_body("nosuch")),),
        "revoke of an unknown ticket": (request("CRvk", ticket_body("nosuch")),),
        "revoke of a ticket that nobody has": (request("CRvk", ticket_body(TICKET)),),
        "attribute of an unknown ticket": (request("AGet", attribute_body("colour", ticket="nosuch")),),
        "attribute that is not set": (request("AGet", attribute_body("colour")),),
        "attributes, none set": (request("ALst", attribute_body("")),),
        "set an attribute": (request("ASet", attribute_body("colour", "blue")),),
        "get it": (request("AGet", attribute_body("colour")),),
        "set it to nothing": (request("ASet", attribute_body("shade", "")),),
        "list them": (request("ALst", attribute_body("")),),
        "delete it": (request("ADel", attribute_body("colour")),),
        "delete what is not there": (request("ADel", attribute_body("colour")),),
        "it is gone": (request("AGet", attribute_body("colour")),),
    }
    return {name: Talk(parts) for name, parts in said.items()}


def signed(data: bytes, key: bytes, *, age_s: float = 0, hash_id: int = 2) -> bytes:
    """Return a message signed as of so many seconds ago."""
    words = list(struct.unpack_from(HEADER, data))
    at = time.time() - age_s
    words[:3] = [1, int(at), int(at % 1 * 1e6)]
    words[6] += 28
    whole = struct.pack(HEADER, *words) + data[48:]
    return whole + struct.pack("!I24s", hash_id, hmac.digest(key, whole, hashlib.sha1))


def with_authentication(key: bytes, sender: int) -> dict[str, Talk]:
    """Return conversations with a daemon that has this key; datagrams come from this member.

    They are in order: the first has the newest stamp that the daemon will know of that member.
    """
    status = packet(sender, "Stat", ticket_body(TICKET))
    listing = request("CLst", ticket_body(""))
    broken = bytearray(signed(status, key))
    broken[-10] ^= 1
    datagrams: Mapping[str, bytes] = {
        "signed": signed(status, key),
        "not signed": status,
        "with another key": signed(status, b"another-key-of-somebody"),
        "digest of another message": bytes(broken),
        "with an unknown hash": signed(status, key, hash_id=9999),
        "older than the newest, within the limit": signed(status, key, age_s=500),
        "older than the limit": signed(status, key, age_s=700),
        "signed now": signed(status, key, age_s=-5),
    }
    requests: Mapping[str, bytes] = {
        "list, signed": signed(listing, key),
        "list, not signed": listing,
        "list, with another key": signed(listing, b"another-key-of-somebody"),
        "list, older than the limit": signed(listing, key, age_s=700),
        "list, within the limit": signed(listing, key, age_s=500),
        "list, with an unknown hash": signed(listing, key, hash_id=9999),
        "unknown command, signed": signed(request("Nope", ticket_body(TICKET)), key),
    }
    return {name: Talk((data,), tcp=False) for name, data in datagrams.items()} | {
        name: Talk((data,)) for name, data in requests.items()
    }


def readable(told: Mapping[str, object]) -> str:
    """Return what came back as text, without what differs from time to time."""
    if "commands" in told:
        return f"{told['commands']}"
    data = bytes.fromhex(str(told["data"]))
    ending = "closed" if told["closed"] else "left open"
    if not data:
        return f"nothing, {ending}"
    fields = decode(data)
    shown = " ".join(f"{key}={fields[key]}" for key in ("length", "cmd", "request", "reason", "result"))
    trailer = 28 if data[48:52] == b"\0\0\0\2" else 0
    lines = _TIME.sub("TIME", data[48 + trailer :].decode(errors="replace")).splitlines()
    text = "" if fields["cmd"] == "Rslt" else f" {sorted(lines)}"  # attributes come in no order
    return f"{shown}{text}, {len(data)} bytes{', signed' if trailer else ''}, {ending}"
