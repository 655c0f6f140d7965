"""Asking a member for its tickets and peers, as Booth's own client does, again and again."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.core.auth import AuthError, verify
from boothlab.core.codes import UNKNOWN, Command, code_text
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.wire import HEADER_SIZE, WireError, decode_header, decode_text, encode
from boothlab.watcher.output import now_ns

if TYPE_CHECKING:
    from threading import Event

    from boothlab.watcher.output import Output

QUESTIONS: Final = {"list": Command.LIST, "peers": Command.PEERS}

_LIMIT_S: Final = 1.0
"""How long a member may take to answer, in all."""
_REPLY_MAX: Final = 1 << 20
_NS_PER_S: Final = 1_000_000_000
_NS_PER_US: Final = 1000


class MissedError(Exception):
    """No usable answer: ``why`` is down (refused), silent or error."""

    def __init__(self, why: str, text: str) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True)
class Member:
    """Whom to ask, and with which key; None: without."""

    name: str
    address: str
    port: int
    key: bytes | None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Member:
        """Return a member from plain data; the key in hexadecimal."""
        key = bytes.fromhex(data["key"]) if data["key"] else None
        return cls(data["name"], data["address"], data["port"], key)


def ask(member: Member, command: Command) -> str:
    """Return the text that a member answers.

    Raises:
        MissedError: it does not, or not in time, or with something else.
    """
    question = TicketMessage(Header(command, sender=0), "", leader=UNKNOWN)
    request = encode(question, key=member.key, stamp_us=time.time_ns() // _NS_PER_US)
    try:
        return _text(_exchange(member, request), member.key)
    except ConnectionRefusedError as error:
        raise MissedError("down", _words(error)) from None
    except TimeoutError:
        raise MissedError("silent", f"no answer within {_LIMIT_S:g} s") from None
    except (WireError, AuthError) as error:
        raise MissedError("error", str(error)) from None
    except OSError as error:
        raise MissedError("silent", _words(error)) from None


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def _exchange(member: Member, request: bytes) -> bytes:
    """Send a request; return the reply, as long as its header says."""
    deadline_s = time.monotonic() + _LIMIT_S
    with socket.create_connection((member.address, member.port), timeout=_LIMIT_S) as connection:
        connection.sendall(request)
        head = _exactly(connection, HEADER_SIZE, deadline_s)
        _, length = decode_header(head)
        if length > _REPLY_MAX:
            raise WireError(f"a reply of {length} bytes is announced, at most {_REPLY_MAX} are read")
        return head + _exactly(connection, length - HEADER_SIZE, deadline_s)


def _exactly(connection: socket.socket, size: int, deadline_s: float) -> bytes:
    received = bytearray()
    while len(received) < size:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        chunk = connection.recv(size - len(received))
        if not chunk:
            raise WireError("the connection was closed before there was an answer")
        received += chunk
    return bytes(received)


def _text(reply: bytes, key: bytes | None) -> str:
    header, _ = decode_header(reply)
    if header.command != Command.LIST_REPLY:
        raise WireError(f"it answers {code_text(header.command)}, with {code_text(header.result)}")
    if key is not None:
        verify(reply, key, at=HEADER_SIZE)
    return decode_text(reply, signed=key is not None).text.decode(errors="replace")


class Asking:
    """Asks one member until told to end, and once more then; tells every answer."""

    def __init__(self, member: Member, every_s: dict[str, float], output: Output) -> None:
        """``every_s`` are seconds between two questions of each of ``QUESTIONS``."""
        self._member = member
        self._every_ns = {what: int(every * _NS_PER_S) for what, every in every_s.items()}
        self._output = output

    def run(self, ending: Event) -> None:
        """Ask until it is time to end."""
        due_ns = dict.fromkeys(self._every_ns, 0)
        while not ending.is_set():
            for what, at_ns in due_ns.items():
                if at_ns <= now_ns():
                    due_ns[what] = now_ns() + self._every_ns[what]
                    self._ask(what)
            ending.wait((min(due_ns.values()) - now_ns()) / _NS_PER_S)
        for what in due_ns:
            self._ask(what)

    def _ask(self, what: str) -> None:
        began_ns = now_ns()
        try:
            told = {"text": ask(self._member, QUESTIONS[what])}
        except MissedError as error:
            told = {"missed": error.why, "text": str(error)}
        self._output.tell(what, member=self._member.name, began_ns=began_ns, ended_ns=now_ns(), **told)
