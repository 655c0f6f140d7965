"""Runs in a node, on nothing but Python: plays the other members of a cluster, and asks one real daemon.

Reads a plan as JSON from standard input: who is who, and what to do to many tickets. Every
ticket is brought into a state by answering for the others, then all stay silent, one message
about each is sent, and what the daemon sends about it is recorded. Prints JSON.

It has its own idea of the wire format, so that nothing of the daemon's is taken for granted.
"""

from __future__ import annotations

import asyncio
import binascii
import contextlib
import ipaddress
import json
import struct
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

PORT = 9929
MAGIC, VERSION = 0x5F1BA08C, 0x00010003
HEADER, TICKET = "!12I", "!64sIII"
NO_ONE = 0xFFFFFFFF
QUIET_S = 0.25
"""A daemon that has sent nothing for so long has nothing left to say for now."""

START_LIMIT_S = 20.0
READY = "/tmp/probe.ready"  # noqa: S108 - in a node
"""There when this program hears whatever the real daemon says at its start."""


def code(text: str | int) -> int:
    """Return four letters as a number; a number as it is."""
    return text if isinstance(text, int) else int.from_bytes(text.encode(), "big")


def letters(value: int) -> str | int:
    """Return a number as four letters, where it is one."""
    text = value.to_bytes(4, "big")
    return text.decode() if text.isascii() and text.decode().isprintable() and value > 255 else value


def site_id(address: str) -> int:
    """Return a member's number."""
    return binascii.crc32(ipaddress.ip_address(address).packed) & 0x7FFFFFFF


def packet(sender: int, command: str, body: bytes, **fields: str | int) -> bytes:
    """Return a message without authentication."""
    words = [code(fields.get(key, 0)) for key in ("request", "options", "reason", "result")]
    length = int(fields.get("length", 48 + len(body)))
    return struct.pack(HEADER, 0, 0, 0, MAGIC, VERSION, sender, length, code(command), *words) + body


def ticket_body(name: str, leader: int = NO_ONE, term: int = 0, valid: int = 0) -> bytes:
    """Return the body of a message about a ticket."""
    return struct.pack(TICKET, name.encode(), leader, term, valid)


def decode(data: bytes) -> dict[str, str | int]:
    """Return a message's fields; those of the ticket only where it has them."""
    words = struct.unpack_from(HEADER, data)
    keys = ("from", "length", "cmd", "request", "options", "reason", "result")
    found: dict[str, str | int] = dict(zip(keys, words[5:], strict=True))
    for key in ("cmd", "request", "reason", "result"):
        found[key] = letters(int(found[key]))
    if len(data) >= 124:
        name, leader, term, valid = struct.unpack_from(TICKET, data, 48)
        found |= {"ticket": name.split(b"\0")[0].decode(), "leader": leader, "term": term, "valid": valid}
    return found


class Peer(asyncio.DatagramProtocol):
    """One of the members that this program plays."""

    def __init__(self, cast: Cast, name: str, address: str) -> None:
        self.cast, self.name, self.id = cast, name, site_id(address)
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        """Record it, and answer as a follower would, while that is wanted."""
        message = decode(data)
        self.cast.heard(self, message)
        if message.get("ticket") in self.cast.helpful:
            self.answer(message)

    def answer(self, message: dict[str, str | int]) -> None:
        """Vote for whoever asks, acknowledge whatever is said, know nothing."""
        kind = {"RVot": "VtFr", "HrtB": "Ack.", "UpdE": "Ack.", "Revk": "Ack.", "Stat": "MIdx"}
        reply = kind.get(str(message["cmd"]))
        if reply == "MIdx":
            self.send("MIdx", str(message["ticket"]), request="Stat")
        elif reply:
            about = {key: int(message[key]) for key in ("leader", "term", "valid")}
            self.send(reply, str(message["ticket"]), request=message["cmd"], **about)

    def send(self, command: str, ticket: str, **fields: str | int) -> None:
        """Send a message about a ticket to the real daemon."""
        about = {key: int(fields.pop(key)) for key in ("leader", "term", "valid") if key in fields}
        self.send_bytes(packet(self.id, command, ticket_body(ticket, **about), **fields))

    def send_bytes(self, data: bytes) -> None:
        """Send anything to the real daemon."""
        assert self.transport is not None
        self.transport.sendto(data, (self.cast.real, PORT))


class Cast:
    """All members that this program plays, and the real one."""

    def __init__(self, real: str, addresses: dict[str, str]) -> None:
        self.real, self.addresses = real, addresses
        self.peers: dict[str, Peer] = {}
        self.helpful: set[str] = set()
        self.asked: set[tuple[str, str]] = set()
        self.record: dict[str, list[dict[str, str | int | float]]] | None = None
        self.last_s = time.monotonic()
        self.door = asyncio.Semaphore(2)  # more connections at once may have to wait for a second try
        self.ids = {site_id(address): name for name, address in {"1": real, **addresses}.items()}
        self.ids |= {NO_ONE: "no one", 0: "unknown"}

    async def open(self, tickets: Collection[str], *, helpful: bool) -> None:
        """Take the members' addresses, and see the real daemon come up: it asks who has its tickets."""
        self.helpful.update(tickets if helpful else ())
        loop = asyncio.get_running_loop()
        for name, address in self.addresses.items():
            peer = Peer(self, name, address)
            await loop.create_datagram_endpoint(lambda peer=peer: peer, local_addr=(address, PORT))
            self.peers[name] = peer
        Path(READY).touch()  # noqa: ASYNC240 - once
        deadline_s = time.monotonic() + START_LIMIT_S
        expected = len(self.peers) * len(tickets)
        while len(self.asked) < expected and time.monotonic() < deadline_s:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
        await self.quiet()
        self.helpful.clear()

    def heard(self, peer: Peer, message: dict[str, str | int]) -> None:
        """Record a message of the real daemon."""
        self.last_s = time.monotonic()
        if message["cmd"] == "Stat":
            self.asked.add((peer.name, str(message["ticket"])))
        if self.record is not None:
            seen = {key: message[key] for key in ("cmd", "request", "reason", "result", "term", "valid")}
            seen |= {"to": peer.name, "leader": self.ids.get(int(message["leader"]), "?")}
            self.record.setdefault(str(message["ticket"]), []).append(seen)

    def who(self, name: str) -> int:
        """Return the number of the member that a plan calls so."""
        return next(number for number, known in self.ids.items() if known == name)

    async def quiet(self) -> None:
        """Wait until the real daemon has nothing more to say."""
        self.last_s = time.monotonic()
        while (left_s := self.last_s + QUIET_S - time.monotonic()) > 0:  # noqa: ASYNC110 - it waits for silence
            await asyncio.sleep(left_s)

    async def ask(self, command: str, body: bytes, *, wait_s: float = 2.0) -> list[bytes]:
        """Send a client's request; return the messages of the answer, until it is final."""
        async with self.door:
            reader, writer = await asyncio.open_connection(self.real, PORT)
            writer.write(packet(0, command, body))
            found = [await message(reader, max(wait_s, START_LIMIT_S))]  # it may be running crm_ticket
        with contextlib.suppress(asyncio.IncompleteReadError, TimeoutError):
            while True:
                found.append(await message(reader, wait_s))
        writer.close()
        return found

    async def listed(self) -> dict[str, str]:
        """Return whom the real daemon lists as the leader of each ticket."""
        (reply,) = await self.ask("CLst", ticket_body(""))  # its end is waited for: time to run crm_ticket
        lines = [line.split(", ") for line in reply[48:].decode().splitlines()]
        known = {address: name for name, address in {"1": self.real, **self.addresses}.items()}
        leaders = {line[0].removeprefix("ticket: "): line[1].removeprefix("leader: ") for line in lines}
        return {ticket: known.get(leader, leader) for ticket, leader in leaders.items()}

    async def until_listed(self, leader: str) -> None:
        """Wait until the real daemon lists the same leader for all tickets, if it ever does."""
        deadline_s = time.monotonic() + START_LIMIT_S
        while set((await self.listed()).values()) != {leader} and time.monotonic() < deadline_s:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def message(reader: asyncio.StreamReader, wait_s: float) -> bytes:
    """Read one message of a daemon to a client."""
    head = await asyncio.wait_for(reader.readexactly(48), wait_s)
    length = struct.unpack_from("!I", head, 24)[0]
    return head + await asyncio.wait_for(reader.readexactly(length - 48), wait_s)


async def bring(cast: Cast, state: str, ticket: str) -> None:
    """Bring a ticket into a state."""
    if state in {"Leader", "Revoked"}:
        cast.helpful.add(ticket)
        await cast.ask("CGnt", ticket_body(ticket))
    if state == "Revoked":
        await cast.quiet()  # a revoke would wait for what is not acknowledged yet
        await cast.ask("CRvk", ticket_body(ticket))
    if state.startswith("Follower"):
        left = 10_000 if state == "FollowerLate" else 59_000
        cast.peers["2"].send("HrtB", ticket, leader=cast.peers["2"].id, term=5, valid=left)


async def probe(plan: dict[str, object]) -> dict[str, object]:
    """Bring all tickets of the plan into its state, send each its message, and tell what came of it."""
    cast = Cast(str(plan["real"]), dict(plan["peers"]))  # type: ignore[call-overload]
    state, probes = str(plan["state"]), dict(plan["probes"])  # type: ignore[call-overload]
    await cast.open(probes, helpful=True)
    waiting: list[asyncio.Task[list[bytes]]] = []
    await asyncio.gather(*(bring(cast, state, ticket) for ticket in probes))
    await cast.quiet()
    cast.helpful.clear()
    if state.startswith("Follower"):
        await cast.until_listed("2")
    if state == "Candidate":  # nobody answers its elections; the clients that asked for them wait
        waiting = [asyncio.create_task(cast.ask("CGnt", ticket_body(each), wait_s=30)) for each in probes]
        await cast.quiet()
    before = await cast.listed()
    began_s, cast.record = time.monotonic(), {}
    for ticket, each in probes.items():
        fields = dict(each)
        fields["leader"] = cast.who(fields["leader"])
        cast.peers[fields.pop("source")].send(fields.pop("cmd"), ticket, **fields)
    await cast.quiet()
    answers, cast.record = cast.record, None
    after = await cast.listed()
    for task in waiting:
        task.cancel()
    return {
        "before": before,
        "after": after,
        "answers": answers,
        "began_s": began_s,
        "ended_s": time.monotonic(),
    }


async def talk(plan: dict[str, object]) -> list[dict[str, object]]:
    """Send raw bytes, one conversation after the other; tell what is answered and who closes."""
    cast = Cast(str(plan["real"]), dict(plan["peers"]))  # type: ignore[call-overload]
    await cast.open(["t0"], helpful=False)
    talks = list(plan["talks"])  # type: ignore[call-overload]
    return [await (over_tcp if each["tcp"] else over_udp)(cast, each["parts"]) for each in talks]


async def over_udp(cast: Cast, parts: list[str]) -> dict[str, object]:
    """Send datagrams as the other site; return the commands of what comes back to it."""
    cast.record = {}
    for part in parts:
        cast.peers["2"].send_bytes(bytes.fromhex(part))
    await cast.quiet()
    heard = [str(each["cmd"]) for messages in cast.record.values() for each in messages]
    return {"commands": [each for each in heard if each != "Stat"]}  # it may still ask of its own accord


async def over_tcp(cast: Cast, parts: list[str]) -> dict[str, object]:
    """Send the parts one after another; return the answer and whether the daemon closed."""
    reader, writer = await asyncio.open_connection(cast.real, PORT)
    for part in parts:
        writer.write(bytes.fromhex(part))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        await asyncio.sleep(0.03)  # so that they arrive apart
    data, closed = b"", False
    with contextlib.suppress(TimeoutError):
        while not closed:
            try:
                piece = await asyncio.wait_for(reader.read(4096), 0.5)
            except ConnectionError:
                piece = b""
            data, closed = data + piece, not piece
    writer.close()
    return {"data": data.hex(), "closed": closed}


def main() -> None:
    """Carry the plan out."""
    plan = json.load(sys.stdin)
    action = {"probe": probe, "talk": talk}[plan["action"]]
    json.dump(asyncio.run(action(plan)), sys.stdout)


if __name__ == "__main__":
    main()
