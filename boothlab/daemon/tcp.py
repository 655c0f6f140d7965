"""Clients: one connection, one request, and its answers whenever they come."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from boothlab.core.events import ClientGone, Request
from boothlab.core.wire import HEADER_SIZE, MAX_SIZE, WireError, decode_header
from boothlab.daemon import connections
from boothlab.daemon.connections import Connection, Crowd, listen
from boothlab.daemon.udp import family

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

    from boothlab.core.config.model import MemberConfig
    from boothlab.core.effects import Answer
    from boothlab.core.events import Event

CLIENTS_MAX: Final = 64


def bind(me: MemberConfig) -> socket.socket:
    """Return a socket that listens at this member's own address.

    Raises:
        OSError: the address is not here, or taken.
    """
    return listen(family(me.address), me.address, me.port)


class Tcp:
    """The clients that are connected.

    Args:
        post: takes their requests.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._crowd = Crowd(CLIENTS_MAX)
        self._numbers = count(1)
        self._clients: dict[int, _Client] = {}

    async def serve(self, loop: asyncio.AbstractEventLoop, listening: socket.socket) -> asyncio.Server:
        """Begin to take clients."""
        return await loop.create_server(
            lambda: _Client(self, self._crowd), sock=listening, backlog=connections.BACKLOG
        )

    def answer(self, effect: Answer) -> None:
        """Send bytes to a client that may have gone."""
        client = self._clients.get(effect.client)
        if client is not None:
            client.answer(effect.data, final=effect.final)

    def close(self) -> None:
        """Close all connections."""
        self._crowd.close()

    def take(self, client: _Client, data: bytes) -> int:
        """Pass a client's request on and return the client's number."""
        number = next(self._numbers)
        self._clients[number] = client
        self._post(Request(number, data))
        return number

    def gone(self, number: int) -> None:
        """Note that a client that had asked is gone."""
        del self._clients[number]
        self._post(ClientGone(number))


class _Client(Connection):
    """One client."""

    def __init__(self, server: Tcp, crowd: Crowd) -> None:
        super().__init__(crowd)
        self._server = server
        self._number: int | None = None

    def take(self, received: bytearray) -> None:
        """Wait for as many bytes as the header says, and close without a word when it is none."""
        if len(received) < HEADER_SIZE:
            return
        try:
            _, length = decode_header(bytes(received[:HEADER_SIZE]))
        except WireError:
            self.abort()
            return
        if length > MAX_SIZE:
            self.abort()
        elif len(received) >= length:
            data = bytes(received[:length])
            self.asked()
            self._number = self._server.take(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the client is gone, if it had asked anything."""
        super().connection_lost(exc)
        if self._number is not None:
            self._server.gone(self._number)
