"""A captured conversation: every Booth message of a pcap file, once, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from scapy.error import Scapy_Exception
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.utils import PcapReader

from boothlab.core.codes import CLIENT_COMMANDS, code_text
from boothlab.packets.bodies import BoothAttribute, BoothHMAC, BoothText, BoothTicket
from boothlab.packets.fields import member_text, options_text
from boothlab.packets.header import Booth, is_message, is_signed_with
from boothlab.packets.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scapy.packet import Packet

_MS: Final = 1000


class CaptureError(ValueError):
    """This file is no capture; it says why."""


@dataclass
class Spoken:
    """A message, and who sent it to whom."""

    at_s: float
    """Seconds since the epoch."""
    transport: str
    """``udp`` or ``tcp``."""
    source: str
    destination: str
    """Address and port."""
    message: Booth
    genuine: bool | None = None
    """Whether it is signed with the key; None when there is no key to try."""
    forwarded_ms: list[float] = field(default_factory=list)
    """Milliseconds until the router passed it on, for each copy that was captured."""
    answers: int | None = None
    """The place in the capture of the message that this answers."""


def read_capture(path: Path, key: bytes | None = None) -> list[Spoken]:
    """Return the Booth messages of a capture in their order, on whatever port they are.

    Where a router captured on all of its interfaces, a message that it passed on is there
    twice, the second time with one hop less to live. It is listed once.

    Args:
        path: A file of tcpdump, Wireshark and the like.
        key: The members' key, to tell which messages are genuine.

    Raises:
        CaptureError: the file cannot be read, or is no capture.
    """
    try:
        # Opened here, for scapy leaves a file open that it cannot read.
        with path.open("rb") as file, PcapReader(file) as frames:  # type: ignore[arg-type] # scapy takes files
            spoken = list(_messages(frames))
    except (OSError, EOFError, Scapy_Exception) as error:
        raise CaptureError(f"{path} cannot be read as a capture: {error}") from error
    for each in spoken if key is not None else ():
        each.genuine = is_signed_with(each.message, key or b"")
    _pair(spoken)
    return spoken


def addresses(spoken: list[Spoken]) -> list[str]:
    """Return the addresses in a capture, each once."""
    return list(dict.fromkeys(_address(end) for each in spoken for end in (each.source, each.destination)))


def as_data(spoken: list[Spoken]) -> list[dict[str, Any]]:
    """Return a capture as JSON can say it."""
    known = addresses(spoken)
    return [_one_as_data(each, known) for each in spoken]


def _one_as_data(spoken: Spoken, known: list[str]) -> dict[str, Any]:
    message = spoken.message
    return {
        "at_s": spoken.at_s,
        "transport": spoken.transport,
        "source": spoken.source,
        "destination": spoken.destination,
        "sender": member_text(message.sender, known),
        "command": code_text(message.cmd),
        "request": _code(message.request),
        "options": options_text(message.options) if message.options else None,
        "reason": _code(message.reason),
        "result": _code(message.result),
        **_body_as_data(message, known),
        "signed": BoothHMAC in message,
        "genuine": spoken.genuine,
        "forwarded_ms": spoken.forwarded_ms,
        "answers": spoken.answers,
    }


def _body_as_data(message: Booth, known: list[str]) -> dict[str, Any]:
    body = message.payload
    if isinstance(body, BoothTicket):
        leader = None if message.cmd in CLIENT_COMMANDS else member_text(body.leader, known)
        return {"ticket": _text(body.ticket), "leader": leader, "term": body.term, "valid": body.valid}
    if isinstance(body, BoothAttribute):
        names = ("ticket", "attribute", "value")
        return {name: _text(getattr(body, name)) for name in names}
    text = message.getlayer(BoothText)
    return {} if text is None else {"text": "\n".join(text.lines())}


def _code(value: int) -> str | None:
    return code_text(value) if value else None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


# frames to messages

_Copies = dict[tuple[Any, ...], list[Spoken]]
"""What was heard and might be heard again, passed on, by what it then looks like."""


def _messages(frames: PcapReader) -> Iterator[Spoken]:
    copies: _Copies = {}
    streams: defaultdict[tuple[str, str], Stream] = defaultdict(Stream)
    for frame in frames:
        network = frame.getlayer(IP) or frame.getlayer(IPv6)
        if network is None or not (UDP in network or TCP in network):
            continue
        heard = copies.get(_looks(network))
        if heard is not None:
            for each in heard:
                each.forwarded_ms.append(round((float(frame.time) - each.at_s) * _MS, 3))
            continue
        fresh = list(_in_frame(float(frame.time), network, streams))
        if fresh:
            copies[_looks(network, hops=1)] = fresh
        yield from fresh


def _looks(network: Packet, *, hops: int = 0) -> tuple[Any, ...]:
    """Return what tells a packet from others, after some more hops."""
    to_live = network.hlim if IPv6 in network else network.ttl
    transport = network[UDP] if UDP in network else network[TCP]
    # No checksum: where a packet comes in, its sender's network card may not have made it yet.
    marks = (getattr(network, "id", 0), getattr(transport, "seq", 0), bytes(transport.payload))
    return (network.src, network.dst, transport.sport, transport.dport, *marks, to_live - hops)


def _in_frame(at_s: float, network: Packet, streams: dict[tuple[str, str], Stream]) -> Iterator[Spoken]:
    """Yield the messages that a frame holds, or that it makes whole."""
    is_udp = UDP in network
    transport = network[UDP] if is_udp else network[TCP]
    source, destination = _end(network.src, transport.sport), _end(network.dst, transport.dport)
    payload = bytes(transport.payload)
    found = [payload] if is_udp else streams[source, destination].add(transport)
    for data in found:
        if is_message(data):
            yield Spoken(at_s, "udp" if is_udp else "tcp", source, destination, Booth(data))


# which answers which


def _pair(spoken: list[Spoken]) -> None:
    """Let each answer name the latest message that it can answer."""
    asked: defaultdict[tuple[str, str], dict[tuple[int, Any], int]] = defaultdict(dict)
    for place, each in enumerate(spoken):
        candidates = asked[each.destination, each.source]
        latest = reversed(candidates.values())
        each.answers = next((n for n in latest if each.message.answers(spoken[n].message)), None)
        said = asked[each.source, each.destination]
        about = (each.message.cmd, each.message.ticket_name())
        said.pop(about, None)  # so that the latest stands last
        said[about] = place


def _end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _address(end: str) -> str:
    return end.rpartition(":")[0].strip("[]")
