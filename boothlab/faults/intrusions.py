"""Faults of packets as work for the router: what is to be sent, and what was."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from boothlab.core import auth, wire
from boothlab.core.codes import Command, Reason, fourcc
from boothlab.core.identity import site_id
from boothlab.core.messages import Header, TicketMessage
from boothlab.engine.booth_conf import key_path
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.errors import BoothlabError
from boothlab.faults.places import apart
from boothlab.faults.wires import ways
from boothlab.history.records import Fate, Origin
from boothlab.nemesis import packets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boothlab.engine.lab import Lab
    from boothlab.engine.parsers.frames import Frame
    from boothlab.engine.topology.model import Topology

NOBODY: Final = "192.0.2.1"
"""An address that no lab has (RFC 5737), and a member that there is not."""
NO_TICKET: Final = "boothlab-no-ticket"

FLOOD_MOST: Final = 100_000
CONNECTIONS_MOST: Final = 200

_HASHES: Final = {"hash": 999}
_SHA1: Final = 2
_CUT_BYTES: Final = 8
_LENGTH: Final = slice(24, 28)
_VALID: Final = 1_000

_NEEDS_KEY: Final = ("key", "signature", "hash", "cut")
"""What is wrong only where members share a key."""


@dataclass(frozen=True)
class Sent:
    """A packet that a fault sent."""

    frame: Frame
    origin: Origin
    fate: Fate | None
    """None: there were so many that the receiver may have had no room for it."""


def unfit(topology: Topology, fault: packets.PacketFault) -> str | None:
    """Return why a topology cannot have a fault of packets, or None."""
    if len({member.network for member in topology.members}) == 1:
        return "all members are in one network: nothing between them passes the router"
    needs_key = isinstance(fault, packets.Forge) and fault.wrong in _NEEDS_KEY
    if needs_key and not topology.booth.authentication:
        return "the members share no key, so no signature is wrong"
    return None


def directions(
    topology: Topology, fault: packets.PacketFault, resolved: Callable[[Sequence[str]], Sequence[str]]
) -> list[tuple[str, str]]:
    """Return in whose name to whom it is sent, as far as that passes the router."""
    members = [member.name for member in topology.members]
    sources, targets = (resolved(each) or members for each in (fault.sources, fault.targets))
    return apart(topology, product(sources, targets))


def sending(
    lab: Lab, fault: packets.PacketFault, pairs: Sequence[tuple[str, str]], ticket: str, seed: int
) -> dict[str, Any]:
    """Return what the router's program shall do.

    Raises:
        BoothlabError: the members' key cannot be read.
    """
    topology = lab.topology
    between = _addresses(topology, pairs)
    common: dict[str, Any] = {"port": topology.booth.port, "seed": seed}
    match fault:
        case packets.Forge():
            key = _key(lab) if topology.booth.authentication else b""
            letters = [_forged(fault, source, target, ticket, key) for source, target in between]
            return {**common, "do": "letters", "letters": letters, **_numbers(fault, "count", "every_ms")}
        case packets.Replay():
            return {
                **common,
                **_copies(topology, fault, pairs),
                **_numbers(fault, "after_ms", "times", "every_ms"),
            }
        case packets.Truncate():
            once = {"after_ms": 0, "times": 1, "every_ms": 0}
            return {**common, **_copies(topology, fault, pairs), **once, "bytes": fault.size}
        case packets.Flood(what=packets.CONNECTIONS):
            targets = list(dict.fromkeys(target for _, target in between))
            work = {"do": "connections", "targets": targets, "most": CONNECTIONS_MOST}
            return {**common, **work, "per_s": fault.per_s}
        case packets.Flood():
            letters = [_flooding(fault, source, target, ticket) for source, target in between]
            return {**common, "do": "flood", "letters": letters, "per_s": fault.per_s, "most": FLOOD_MOST}
        case _:
            raise TypeError(fault.kind)


def sent(fault: packets.PacketFault, every: Sequence[Frame]) -> list[Sent]:
    """Return what a fault sent, with what it is and what became of it."""
    origin = Origin.REPLAYED if isinstance(fault, packets.Replay) else Origin.FORGED
    countless = isinstance(fault, packets.Flood)
    fates = {True: Fate.DELIVERED, False: Fate.DROPPED}
    return [Sent(each, origin, None if countless else fates[each.goes_out]) for each in every]


def _addresses(topology: Topology, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found = {member.name: str(member.address) for member in topology.members}
    return [(found[one], found[other]) for one, other in pairs]


def _numbers(fault: packets.PacketFault, *names: str) -> dict[str, int]:
    return {name: getattr(fault, name) for name in names}


def _copies(topology: Topology, fault: packets.CopyFault, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    source = NOBODY if fault.address == packets.FOREIGN else ""
    return {"do": "copies", "pairs": ways(topology, pairs), "only": fault.only, "source": source, "bytes": 0}


def _key(lab: Lab) -> bytes:
    """Return the members' key, as the first node has it that answers."""
    told = ""
    for node in lab.topology.hosts():
        try:
            answer = lab.run(node, ["base64", "-w0", key_path(lab.topology)], limit_s=10)
        except NodeUnreachableError as error:
            told = error.message
            continue
        if answer.ok:
            return auth.usable_key(base64.b64decode(answer.stdout))
        told = f"{node}: {answer.output}"
    raise BoothlabError(
        f"the members' key cannot be read: {told}",
        remedy="`boothlab reset` starts all nodes and puts it back",
    )


def _forged(fault: packets.Forge, source: str, target: str, ticket: str, key: bytes) -> dict[str, Any]:
    """Return a letter with something wrong."""
    sender = NOBODY if fault.wrong == "sender" else source
    name = NO_TICKET if fault.wrong == "ticket" else ticket
    message = _message(fault.message, sender, source, name, fault.term)
    signing = b"" if fault.wrong == "signature" else key
    if fault.wrong in ("key", "hash"):
        signing = _another_key(ticket)
    cut = _CUT_BYTES if fault.wrong == "cut" else 0
    address = NOBODY if fault.address == packets.FOREIGN or fault.wrong == "sender" else source
    return _letter(message, address, target, signing, hash_id=_HASHES.get(fault.wrong, _SHA1), cut=cut)


def _flooding(fault: packets.Flood, source: str, target: str, ticket: str) -> dict[str, Any]:
    if fault.what == packets.GARBAGE:
        return {"source": NOBODY, "target": target, "body": ""}
    message = _message("Stat", source, source, ticket, 0)
    return _letter(message, source, target, _another_key(ticket))


def _message(letters: str, sender: str, leader: str, ticket: str, term: int) -> TicketMessage:
    """Return a message as a member sends it that leads, or wants to."""
    command = fourcc(letters)
    answered = {Command.ACK: Command.HEARTBEAT, Command.VOTE_FOR: Command.REQUEST_VOTE}
    header = Header(
        command,
        site_id(sender),
        request=answered.get(Command(command), 0),
        reason=Reason.TICKET_LOST if command == Command.REQUEST_VOTE else 0,
    )
    return TicketMessage(header, ticket, site_id(leader), term, _VALID)


def _letter(
    message: TicketMessage, source: str, target: str, key: bytes, *, hash_id: int = _SHA1, cut: int = 0
) -> dict[str, Any]:
    """Return a letter: all but its stamp and its signature, which it gets when it is sent."""
    if not key:
        return {"source": source, "target": target, "body": wire.encode(message).hex()}
    whole = wire.encode(message, key=key)
    body = bytearray(whole[: -wire.HMAC_SIZE])
    body[_LENGTH] = (len(whole) - cut).to_bytes(4, "big")
    return {
        "source": source,
        "target": target,
        "body": body.hex(),
        "key": key.hex(),
        "hash_id": hash_id,
        "cut": cut,
    }


def _another_key(ticket: str) -> bytes:
    return hashlib.sha256(f"a key that no member of {ticket} has".encode()).digest()
