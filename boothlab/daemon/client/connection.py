"""One TCP connection to a daemon: a request goes out, replies come in.

Never half-closed before the reply: ClusterLabs booth drops such requests.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final, Self

from boothlab.core.wire import HEADER_SIZE, WireError, decode_header
from boothlab.daemon.client.errors import ClientError, LateError, ReplyError

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig

CONNECT_LIMIT_S: Final = 10.0
REPLY_MAX: Final = 16 * 1024 * 1024
"""Bytes of the longest reply that is read: a list of some hundred thousand tickets."""

_KEEPALIVE: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
"""Who waits without a limit still wants to know when the other machine is gone."""


class Deadline:
    """When a client stops waiting, whoever it talks to; ``limit_s`` is from now, None means never."""

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s
        self._end_s = None if limit_s is None else time.monotonic() + limit_s

    def left_s(self, address: str) -> float | None:
        """Return how long to wait for a member, in seconds; None for as long as it takes.

        Raises:
            LateError: the time is over.
        """
        if self._end_s is None:
            return None
        left_s = self._end_s - time.monotonic()
        if left_s <= 0:
            raise self.late(address)
        return left_s

    def late(self, address: str) -> LateError:
        """Return what to raise when a member has not answered in time."""
        return LateError(f"no answer from {address} within {self._limit_s or 0:g} seconds")


class Connection:
    """A connection to a member's daemon.

    Args:
        member: whose daemon to ask.
        deadline: how long to wait for what it sends; connecting has a limit of its own.

    Raises:
        ClientError: there is nobody to talk to.
    """

    def __init__(self, member: MemberConfig, deadline: Deadline) -> None:
        self.address = member.address
        self._deadline = deadline
        self._socket = _connected(member)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, request: bytes) -> None:
        """Send a request.

        Raises:
            ClientError: the connection broke, or the time is over.
        """
        self._socket.settimeout(self._deadline.left_s(self.address))
        try:
            self._socket.sendall(request)
        except OSError as error:
            raise self._failure(error) from None

    def receive(self) -> bytes:
        """Return the next whole message, as long as its header says.

        Raises:
            ReplyError: this is not Booth's protocol, or it ends too early, or is too long.
            LateError: the time is over.
            ClientError: the connection broke.
        """
        head = self._exactly(HEADER_SIZE)
        try:
            _, length = decode_header(head)
        except WireError as error:
            raise ReplyError(f"{self.address} does not speak Booth's protocol: {error}") from None
        if length > REPLY_MAX:
            raise ReplyError(
                f"{self.address} announces a reply of {length} bytes, at most {REPLY_MAX} are read"
            )
        return head + self._exactly(length - HEADER_SIZE)

    def _exactly(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            self._socket.settimeout(self._deadline.left_s(self.address))
            try:
                chunk = self._socket.recv(min(size - len(received), 65536))
            except OSError as error:
                raise self._failure(error) from None
            if not chunk:
                raise ReplyError(f"{self.address} closed the connection before it had answered")
            received += chunk
        return bytes(received)

    def _failure(self, error: OSError) -> ClientError:
        if isinstance(error, TimeoutError) and error.errno is None:
            return self._deadline.late(self.address)
        return ClientError(f"connection to {self.address} broke: {error.strerror or error}")


def _connected(member: MemberConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in member.address else socket.AF_INET
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            _connect(made, member)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise ClientError(f"connect to {member.address} got {_trouble(error)}") from None
    return made


def _connect(made: socket.socket, member: MemberConfig) -> None:
    for option in _KEEPALIVE:
        made.setsockopt(*option)
    made.settimeout(CONNECT_LIMIT_S)
    made.connect((member.address, member.port))


def _trouble(error: OSError) -> str:
    return "a timeout" if isinstance(error, TimeoutError) else f"an error: {error.strerror or error}"
