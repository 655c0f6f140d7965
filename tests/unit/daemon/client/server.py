"""A TCP server on loopback that says what was recorded, or whatever else it is told to."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from boothlab.core.codes import Command, Result
from boothlab.core.messages import Header, TextMessage, TicketMessage
from boothlab.core.wire import encode

LIMIT_S: Final = 10.0
_LENGTH: Final = struct.Struct("!24xI")

Conversation = Callable[[socket.socket], None]
"""What happens on one connection; it is closed afterwards."""


@dataclass(frozen=True)
class Said:
    """What a program said."""

    code: int
    out: str
    err: str

    @property
    def texts(self) -> list[str]:
        """What was said on stderr, without time, host and process."""
        return [line.partition("]: ")[2] or line for line in self.err.splitlines()]


Booth = Callable[[str], Said]


def result(code: int, *, leader: int = 0) -> bytes:
    """Return a daemon's word on a grant or revoke."""
    return encode(TicketMessage(Header(Command.RESULT, sender=1, result=code), "T", leader=leader))


def text(content: bytes, command: Command = Command.LIST_REPLY) -> bytes:
    """Return a daemon's text."""
    return encode(TextMessage(Header(command, sender=1), content))


MORE: Final = result(Result.MORE)
PENDING: Final = result(Result.CIB_PENDING)
DONE: Final = result(Result.SUCCESS)


def read_request(connection: socket.socket) -> bytes:
    """Return one request, as long as its header says."""
    data = b""
    while len(data) < _LENGTH.size or len(data) < _LENGTH.unpack_from(data)[0]:
        chunk = connection.recv(4096)
        if not chunk:
            break
        data += chunk
    return data


class Server:
    """Serves one conversation after the other, one for each connection, and keeps the requests."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.requests: list[bytes] = []
        self._conversations: tuple[Conversation, ...] = ()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family)
        self._listener.settimeout(LIMIT_S)
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        port = self._listener.getsockname()[1]
        assert isinstance(port, int)
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes an accept that nobody will answer
        self._thread.join(LIMIT_S)
        self.close()

    def close(self) -> None:
        """Listen no more; twice is no harm."""
        self._listener.close()

    def answering(self, *replies: bytes) -> Conversation:
        """Return a conversation: a whole request is read and kept, then these bytes are sent."""

        def talk(connection: socket.socket) -> None:
            self.requests.append(read_request(connection))
            for reply in replies:
                connection.sendall(reply)

        return talk

    def expect(self, *conversations: Conversation) -> None:
        """Set what will happen; before the server is entered."""
        self._conversations = conversations

    def _serve(self) -> None:
        for conversation in self._conversations:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(LIMIT_S)
                try:
                    conversation(connection)
                except OSError:
                    continue  # the client has left, as some tests want it to
