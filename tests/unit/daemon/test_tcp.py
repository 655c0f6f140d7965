"""Clients: patient ones, slow ones and hostile ones."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Self

import pytest
from unit.daemon.inbox import Inbox, free_port, run

from boothlab.core.codes import Command
from boothlab.core.config.model import MemberConfig, Role
from boothlab.core.effects import Answer
from boothlab.core.events import ClientGone, Request
from boothlab.core.messages import Header, HeaderMessage, TicketMessage
from boothlab.core.wire import encode
from boothlab.daemon import connections, tcp

LIST = encode(TicketMessage(Header(Command.LIST, 0), "T"))
PEERS = encode(HeaderMessage(Header(Command.PEERS, 0)))


class Daemon:
    """A server whose requests are in an inbox."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.me = MemberConfig("127.0.0.2", Role.SITE, free_port("127.0.0.2"))
        self.tcp = tcp.Tcp(self.inbox.post)

    async def __aenter__(self) -> Self:
        self._server = await self.tcp.serve(asyncio.get_running_loop(), tcp.bind(self.me))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.tcp.close()
        await self._server.wait_closed()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.me.address, self.me.port)

    async def request(self) -> Request:
        event = await self.inbox.next()
        assert isinstance(event, Request)
        return event


@pytest.mark.parametrize("message", [LIST, PEERS])
def test_a_request_is_passed_on_whole_however_it_comes(message: bytes) -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            for byte in message:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            request = await daemon.request()
            assert request.data == message
            daemon.tcp.answer(Answer(request.client, b"one", final=False))
            daemon.tcp.answer(Answer(request.client, b"two"))
            assert await reader.read() == b"onetwo"
            assert await daemon.inbox.next() == ClientGone(request.client)
            writer.close()

    run(main())


def test_no_number_is_used_twice() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            numbers = set()
            for _ in range(5):
                _, writer = await daemon.connect()
                writer.write(LIST)
                request = await daemon.request()
                numbers.add(request.client)
                daemon.tcp.answer(Answer(request.client, b"done"))
                assert await daemon.inbox.next() == ClientGone(request.client)
                writer.close()
            assert len(numbers) == 5

    run(main())


def test_bytes_after_the_request_are_ignored() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            _, writer = await daemon.connect()
            writer.write(LIST + b"and more" + LIST)
            assert (await daemon.request()).data == LIST
            assert daemon.inbox.empty
            writer.close()

    run(main())


def test_a_client_that_closed_its_half_still_gets_its_answer() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            writer.write(LIST)
            writer.write_eof()
            request = await daemon.request()
            daemon.tcp.answer(Answer(request.client, b"more", final=False))
            assert await reader.readexactly(4) == b"more"
            daemon.tcp.answer(Answer(request.client, b"done"))
            assert await reader.read() == b"done"
            writer.close()

    run(main())


def test_one_that_breaks_off_is_told_gone_and_its_answers_go_nowhere() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            _, writer = await daemon.connect()
            writer.write(LIST)
            request = await daemon.request()
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            assert await daemon.inbox.next() == ClientGone(request.client)
            daemon.tcp.answer(Answer(request.client, b"late"))
            daemon.tcp.answer(Answer(request.client + 1, b"nobody"))

    run(main())


def words(*numbers: int) -> bytes:
    return struct.pack("!12I", *numbers)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: something that is long enough\r\n\r\n",
        words(0, 0, 0, 0xBAD, 0x10003, 0, 48, Command.LIST, 0, 0, 0, 0),
        words(0, 0, 0, 0x5F1BA08C, 0x10002, 0, 48, Command.LIST, 0, 0, 0, 0),
        words(0, 0, 0, 0x5F1BA08C, 0x10003, 0, 47, Command.LIST, 0, 0, 0, 0),
        words(0, 0, 0, 0x5F1BA08C, 0x10003, 0, 1025, Command.LIST, 0, 0, 0, 0),
        words(0, 0, 0, 0x5F1BA08C, 0x10003, 0, 0xFFFFFFFF, Command.LIST, 0, 0, 0, 0),
    ],
)
def test_what_is_no_request_is_closed_without_a_word(data: bytes) -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            writer.write(data)
            assert await read_to_end(reader) == b""
            assert daemon.inbox.empty
            writer.close()

    run(main())


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes; a connection that is reset ends, too."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


def test_a_client_that_sends_nothing_is_closed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 0.05)

    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            writer.write(LIST[:100])
            assert await read_to_end(reader) == b""
            assert daemon.inbox.empty
            writer.close()

    run(main())


def test_a_client_that_waits_for_its_answer_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 0.05)

    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            writer.write(LIST)
            request = await daemon.request()
            await asyncio.sleep(0.15)
            daemon.tcp.answer(Answer(request.client, b"done"))
            assert await reader.read() == b"done"
            writer.close()

    run(main())


def test_a_crowd_of_idle_clients_keeps_nobody_out() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            waiting_reader, waiting = await daemon.connect()
            waiting.write(LIST)
            first = await daemon.request()
            idle = [await daemon.connect() for _ in range(tcp.CLIENTS_MAX + 20)]
            _, writer = await daemon.connect()
            writer.write(PEERS)
            assert (await daemon.request()).data == PEERS
            assert await read_to_end(idle[0][0]) == b""
            daemon.tcp.answer(Answer(first.client, b"still here"))
            assert await waiting_reader.read() == b"still here"
            for _, each in [*idle, (None, writer), (None, waiting)]:
                each.close()

    run(main())


def test_a_client_that_does_not_read_cannot_make_the_daemon_grow() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            reader, writer = await daemon.connect()
            writer.transport.pause_reading()
            writer.write(LIST)
            request = await daemon.request()
            gone = asyncio.ensure_future(daemon.inbox.next())
            for _ in range(200):
                daemon.tcp.answer(Answer(request.client, b"x" * 65_536, final=False))
                await asyncio.sleep(0)
            assert await gone == ClientGone(request.client)
            writer.close()
            del reader

    run(main())


def test_a_client_that_never_stops_talking_is_closed() -> None:
    async def main() -> None:
        async with Daemon() as daemon:
            _, writer = await daemon.connect()
            writer.write(LIST + b"x" * (connections.SURPLUS_MAX + 300_000))
            request = await daemon.request()
            assert await daemon.inbox.next() == ClientGone(request.client)
            writer.close()

    run(main())
