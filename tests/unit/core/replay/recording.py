"""Recorded conversations as data, and messages as short lines that can be compared."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, Command, code_text
from boothlab.core.config.parse import parse
from boothlab.core.messages import HeaderMessage, Message, TextMessage, TicketMessage

if TYPE_CHECKING:
    from boothlab.core.config.model import Config

FOLDER: Final = Path(__file__).parents[1] / "vectors"

_TEXTS: Final = frozenset({Command.LIST_REPLY, Command.ATTR_GET, Command.ATTR_LIST})
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_COUNTER: Final = re.compile(r"(?<=pkts:|rror:|ends:|fail:|alid:)\d+")


@dataclass(frozen=True)
class Packet:
    """A message on its way; ``t`` is in seconds since the recording began."""

    t: float
    source: str
    """Addresses, without ports."""
    destination: str
    data: bytes
    connection: int | None
    """The number of the TCP connection; None for a datagram."""
    role: str
    """Of TCP: request, reply or close."""


class Written(NamedTuple):
    """What Pacemaker was told about a ticket."""

    granted: bool
    owner: int
    term: int


@dataclass(frozen=True)
class Recording:
    """A conversation of real members."""

    name: str
    config: Config
    key: bytes | None
    t0_s: float
    packets: tuple[Packet, ...]
    written: tuple[tuple[str, Written], ...]
    """What each site, by its address, told Pacemaker."""

    def number(self, address: str) -> int:
        """Return a member's place in the configuration, from 1."""
        return 1 + [member.address for member in self.config.members].index(address)

    def starts_s(self, address: str) -> float | None:
        """Return when a member was started, if that is in the recording: it asks for the status then."""
        sent = (each for each in self.packets if each.source == address and each.connection is None)
        asked = (each.t for each in sent if wire.decode_header(each.data)[0].command == Command.STATUS)
        first = next(asked, None)
        return None if first is None else first - 0.001


def load(name: str) -> Recording:
    """Return a recording by its file's name."""
    told: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return Recording(
        name,
        parse(told["config"], path="/etc/booth/booth.conf"),
        bytes.fromhex(told["key_hex"]) if told["key_hex"] else None,
        told["t0_unix"],
        tuple(_packet(each) for each in told["packets"]),
        tuple(
            (each["site"], _written(each["argv"]))
            for each in told["crm_ticket_calls"]
            if "--force" in each["argv"]
        ),
    )


def _packet(told: dict[str, Any]) -> Packet:
    return Packet(
        told["t"],
        _address(told.get("src", "")),
        _address(told.get("dst", "")),
        bytes.fromhex(told.get("hex", "")),
        told.get("conn"),
        told.get("role", ""),
    )


def _written(argv: list[str]) -> Written:
    values = {name: value.removeprefix("-v") for name, value in pairwise(argv)}
    return Written("-g" in argv, int(values["owner"]), int(values["term"]))


def _address(with_port: str) -> str:
    return with_port.rpartition(":")[0].strip("[]")


def read(data: bytes, *, signed: bool, client: bool) -> Message:
    """Decode what a daemon sent to another one, or to a client."""
    header, length = wire.decode_header(data)
    if client and header.command in _TEXTS:
        return wire.decode_text(data, signed=signed)
    if length - (wire.HMAC_SIZE if signed else 0) == wire.HEADER_SIZE:
        return HeaderMessage(header)
    return wire.decode_ticket(data)


def line(message: Message, config: Config) -> str:
    """Return a message as a line: ``RJC! to RVot = TVld, leader 2, term 5``; members by their place.

    Moments and counters in texts are left out.
    """
    header = message.header
    words = [code_text(header.command)]
    words += [f"to {code_text(header.request)}"] if header.request else []
    words += [f"for {code_text(header.reason)}"] if header.reason else []
    words += [f"= {code_text(header.result)}"] if header.result else []
    told = " ".join(words)
    if isinstance(message, TicketMessage):
        return f"{told}, leader {_leader(message.leader, config)}, term {message.term}"
    if isinstance(message, TextMessage):
        return f"{told}: {_COUNTER.sub('N', _MOMENT.sub('TIME', message.text.decode()))}"
    return told


def _leader(number: int, config: Config) -> str:
    ids = [member.id for member in config.members]
    return str(1 + ids.index(number)) if number in ids else "none" if number == NO_ONE else str(number)
