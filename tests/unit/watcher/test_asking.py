"""Asking a member: over real sockets, of somebody who answers as he is told to."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from boothlab.core.codes import Command, Result
from boothlab.core.messages import Header, HeaderMessage, TextMessage
from boothlab.core.wire import decode_ticket, encode
from boothlab.watcher import asking
from boothlab.watcher.asking import Asking, Member, MissedError, ask
from boothlab.watcher.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = b"a key of 16 byte"
LINE = "ticket: apacheticket, leader: NONE\n"

Answer = Callable[[bytes], bytes | None]


@contextmanager
def member(answer: Answer, key: bytes | None = KEY) -> Iterator[Member]:
    """Answer every request in turn; None: never, until the asker leaves."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = Event()

        def serve() -> None:
            while not over.is_set():
                connection, _ = server.accept()
                with connection:
                    reply = answer(connection.recv(4096))
                    if reply is None:
                        connection.recv(1)
                    else:
                        connection.sendall(reply)

        thread = Thread(target=serve)
        thread.start()
        address, port = server.getsockname()
        yield Member("A", address, port, key)
        over.set()
        with socket.create_connection((address, port)):
            pass
        thread.join(10)


def lists(_request: bytes) -> bytes:
    return encode(TextMessage(Header(Command.LIST_REPLY, 1), LINE.encode()), key=KEY, stamp_us=1)


def why(whom: Member) -> str:
    with pytest.raises(MissedError) as caught:
        ask(whom, Command.LIST)
    return caught.value.why


def test_a_member_tells_its_tickets() -> None:
    with member(lists) as whom:
        assert ask(whom, Command.LIST) == LINE


def test_the_question_is_signed_now() -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> bytes:
        seen.append(request)
        return lists(request)

    with member(answer) as whom:
        ask(whom, Command.PEERS)
    question = decode_ticket(seen[0])

    assert question.header.command == Command.PEERS
    assert abs(question.header.stamp_us / 1e6 - time.time()) < 60


def test_nobody_there_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address, port = server.getsockname()

    assert why(Member("A", address, port, KEY)) == "down"


def test_no_answer_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_LIMIT_S", 0.1)

    with member(lambda _: None) as whom:
        assert why(whom) == "silent"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"rubbish" * 20,
        encode(HeaderMessage(Header(Command.RESULT, 1, result=Result.AUTHENTICATION)), key=KEY, stamp_us=1),
        encode(TextMessage(Header(Command.LIST_REPLY, 1), b"x"), key=b"another key", stamp_us=1),
        encode(TextMessage(Header(Command.LIST_REPLY, 1), b"x")),
    ],
    ids=["nothing", "rubbish", "refusal", "another key", "no key"],
)
def test_what_is_no_answer_is_an_error(reply: bytes) -> None:
    with member(lambda _: reply) as whom:
        assert why(whom) == "error"


def test_it_asks_again_and_again_and_once_more_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    ending = Event()
    with member(lists) as whom:
        thread = Thread(target=Asking(whom, {"list": 0.02, "peers": 60}, Output()).run, args=[ending])
        thread.start()
        time.sleep(0.3)
        ending.set()
        thread.join(10)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [each["kind"] for each in told]

    assert kinds.count("list") > 3
    assert kinds[-2:] == ["list", "peers"]
    assert kinds.count("peers") == 2
    assert all(each["began_ns"] <= each["ended_ns"] and each["text"] == LINE for each in told)
