"""What keeps a TCP server alive among strangers: few connections, short patience, small buffers."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from typing import Final, cast

PATIENCE_S: Final = 10.0
"""A client has so long to send its request, and again to take the last of its answer."""
BUFFER_MAX: Final = 1 << 20
"""Bytes of answers that wait for one client to read them."""
SURPLUS_MAX: Final = 1 << 16
"""Bytes that a client may send after its request; nobody looks at them."""


BACKLOG: Final = 64
"""So many connections wait in the kernel, and are taken at once."""
_KEEPALIVE_S: Final = 20


class Connection(asyncio.Protocol):
    """A connection with one request, of which a server keeps a few."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._surplus = 0
        self.has_asked = False
        """The request is complete; the answer may take its time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place in the crowd and wait for a request, not for long."""
        self._transport = cast("asyncio.Transport", transport)
        _watch_for_death(self._transport.get_extra_info("socket"))
        self._crowd.enter(self)
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        """Collect the request."""
        if self.has_asked:
            self._surplus += len(data)
            if self._surplus > SURPLUS_MAX:
                self.abort()
            return
        self._received += data
        self.take(self._received)

    def take(self, received: bytearray) -> None:
        """Look at what has come so far: call ``asked``, ``abort``, or wait for more."""
        raise NotImplementedError

    def asked(self) -> None:
        """Note that the request is complete."""
        self.has_asked = True
        self._received.clear()
        self._calm()

    def eof_received(self) -> bool:
        """Keep a client that has closed its half but waits for its answer."""
        return self.has_asked

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's interface
        """Leave the crowd."""
        self._calm()
        self._crowd.leave(self)

    def answer(self, data: bytes, *, final: bool) -> None:
        """Send bytes, and with the last of them close; a client that does not read is dropped."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > BUFFER_MAX:
            self.abort()
        elif final:
            self._be_patient()
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _be_patient(self) -> None:
        self._calm()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_S, self.abort)

    def _calm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _watch_for_death(connected: socket.socket) -> None:
    """Let the kernel find out when a client that waits for its answer has vanished with its machine."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_S)


class Crowd:
    """The connections of a server, oldest first.

    Args:
        limit: so many at a time. For one more the oldest goes that has not asked anything,
            or when all have, the oldest.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._members: OrderedDict[Connection, None] = OrderedDict()

    def enter(self, connection: Connection) -> None:
        """Let one in."""
        if len(self._members) >= self._limit:
            idle = (each for each in self._members if not each.has_asked)
            oldest = next(idle, next(iter(self._members)))
            del self._members[oldest]
            oldest.abort()
        self._members[connection] = None

    def leave(self, connection: Connection) -> None:
        """Forget one that is gone."""
        self._members.pop(connection, None)

    def close(self) -> None:
        """Close them all; what was answered is still sent, as far as the kernel takes it."""
        for each in list(self._members):
            each.abort()


def listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address is not here, or taken.
    """
    listening = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
