"""The metrics endpoint: HTTP, just enough for Prometheus to scrape, and off unless asked for."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from boothlab.daemon.connections import Connection, Crowd, listen
from boothlab.daemon.udp import family

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

CLIENTS_MAX: Final = 8
REQUEST_MAX: Final = 8_192
LOOPBACK: Final = "127.0.0.1"
_PORT_MAX: Final = 65_535


class EndpointError(ValueError):
    """The endpoint is no address and port; the text says how to write it."""


def endpoint(text: str) -> tuple[str, int]:
    """Return address and port of ``[ADDRESS:]PORT``; IPv6 addresses in brackets, loopback when none.

    Raises:
        EndpointError: it is neither.
    """
    address, _, port = text.strip().rpartition(":")
    address = address.removeprefix("[").removesuffix("]") or LOOPBACK
    try:
        ipaddress.ip_address(address)
        number = int(port)
    except ValueError:
        number = 0
    if not 0 < number <= _PORT_MAX:
        raise EndpointError(f"{text!r} is no place for metrics: write PORT, ADDRESS:PORT or [IPV6]:PORT")
    return address, number


def bind(place: tuple[str, int]) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address is not here, or taken.
    """
    return listen(family(place[0]), *place)


class Metrics:
    """Answers ``GET /metrics``.

    Args:
        text: makes the answer.
    """

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        self._crowd = Crowd(CLIENTS_MAX)

    async def serve(self, loop: asyncio.AbstractEventLoop, listening: socket.socket) -> asyncio.Server:
        """Begin to answer."""
        return await loop.create_server(
            lambda: _Scrape(self._crowd, self._text), sock=listening, backlog=CLIENTS_MAX
        )

    def close(self) -> None:
        """Close all connections."""
        self._crowd.close()


class _Scrape(Connection):
    """One HTTP request."""

    def __init__(self, crowd: Crowd, text: Callable[[], str]) -> None:
        super().__init__(crowd)
        self._text = text

    def take(self, received: bytearray) -> None:
        """Answer when the head of the request is complete."""
        if b"\r\n\r\n" not in received and b"\n\n" not in received:
            if len(received) > REQUEST_MAX:
                self.abort()
            return
        words = bytes(received).partition(b"\n")[0].split()
        self.asked()
        method, path = (words[0], words[1].partition(b"?")[0]) if len(words) > 1 else (b"", b"")
        if path not in {b"/metrics", b"/"}:
            self._reply("404 Not Found", "See /metrics.\n", method)
        elif method not in {b"GET", b"HEAD"}:
            self._reply("405 Method Not Allowed", "Only GET.\n", method)
        else:
            self._reply("200 OK", self._text(), method)

    def _reply(self, status: str, text: str, method: bytes) -> None:
        body = text.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.answer(head.encode() + (b"" if method == b"HEAD" else body), final=True)
