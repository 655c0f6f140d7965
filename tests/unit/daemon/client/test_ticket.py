"""Grant and revoke: what the client makes of a daemon's words, and how long it waits."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from unit.daemon.client.server import DONE, MORE, PENDING, Booth, Server, read_request, result

from boothlab.core.codes import Option, Result
from boothlab.core.identity import site_id
from boothlab.core.wire import decode_header, decode_ticket
from boothlab.daemon.client import ticket

if TYPE_CHECKING:
    import socket
    from pathlib import Path

SENT = "info: grant request sent, waiting for the result ..."
GIVING_UP = (
    'info: Giving up on waiting for the definite result. Please use "booth list" later to see the outcome.'
)
ASYNCHRONOUS = (
    "info: revoke command sent, result will be returned asynchronously."
    ' Please use "booth list" to see the outcome.'
)
COMMIT_PENDING = "info: grant succeeded (CIB commit pending)"
SUCCEEDED = "info: grant succeeded!"


@pytest.mark.parametrize(
    ("line", "replies", "code", "texts"),
    [
        ("grant T", [DONE], 0, [SUCCEEDED]),
        ("grant T", [result(Result.SYNC_SUCCESS)], 0, [SUCCEEDED]),
        ("grant T", [MORE, MORE, DONE], 0, [SENT, SUCCEEDED]),
        ("grant T", [MORE, MORE, MORE], 0, [SENT, GIVING_UP]),
        ("grant -w T", [MORE, MORE, MORE, MORE, DONE], 0, [SENT, SUCCEEDED]),
        ("grant T", [MORE, PENDING], 0, [SENT, COMMIT_PENDING]),
        ("grant -w T", [MORE, PENDING], 0, [SENT, COMMIT_PENDING]),
        (
            "grant -C T",
            [MORE, PENDING, PENDING, DONE],
            0,
            [SENT, COMMIT_PENDING, "info: waiting for the CIB commit ...", SUCCEEDED],
        ),
        ("grant T", [result(Result.SYNC_FAIL)], 1, ["info: grant failed!"]),
        ("revoke T", [result(Result.TICKET_IDLE)], 0, ["info: ticket is not owned"]),
        (
            "revoke T",
            [result(Result.ASYNC)],
            0,
            [ASYNCHRONOUS],
        ),
        ("grant T", [result(Result.AUTHENTICATION)], 1, ["error: authentication error"]),
        ("grant T", [result(Result.BUSY)], 1, ["error: got an error code: Busy"]),
        ("grant T", [result(0xFFFFFFFF)], 1, ["error: got an error code: 4294967295"]),
    ],
)
def test_a_daemons_words_are_told(
    booth: Booth, server: Server, line: str, replies: list[bytes], code: int, texts: list[str]
) -> None:
    server.expect(server.answering(*replies))

    said = booth(f"booth {line}")

    assert (said.code, said.out, said.texts) == (code, "", texts)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("grant T", Option.NONE),
        ("grant -F T", Option.IMMEDIATE),
        ("grant -w T", Option.WAIT),
        ("grant -C T", Option.WAIT | Option.WAIT_COMMIT),
        ("grant -F -C T", Option.IMMEDIATE | Option.WAIT | Option.WAIT_COMMIT),
        ("revoke -w T", Option.WAIT),
    ],
)
def test_the_daemon_is_told_how_long_the_client_waits(
    booth: Booth, server: Server, line: str, options: Option
) -> None:
    server.expect(server.answering(DONE))

    booth(f"booth {line}")

    header, _ = decode_header(server.requests[0])
    assert header.options == options


def test_a_redirect_is_followed_to_the_ticket_holder(booth: Booth, server: Server) -> None:
    server.expect(
        server.answering(result(Result.REDIRECT, leader=site_id("127.0.0.1"))), server.answering(DONE)
    )

    said = booth("booth revoke T")

    assert (said.code, said.texts) == (0, ["info: revoke succeeded!"])
    assert [decode_ticket(each).ticket for each in server.requests] == ["T", "T"]


def test_a_redirect_to_nobody_is_an_error(booth: Booth, server: Server) -> None:
    server.expect(server.answering(result(Result.REDIRECT, leader=0xABC)))

    said = booth("booth revoke T")

    assert (said.code, said.texts) == (1, ["error: Message with unknown redirect site abc received"])


def test_members_that_redirect_in_a_circle_are_left(booth: Booth, server: Server) -> None:
    circle = server.answering(result(Result.REDIRECT, leader=site_id("127.0.0.1")))
    server.expect(*[circle] * 9)

    said = booth("booth revoke T")

    assert (said.code, said.texts) == (1, ["error: redirected 5 times, at last to 127.0.0.1"])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("grant", "No ticket given."),
        ("revoke", "No ticket given."),
        ("grant -s 127.0.0.9 T", 'Site "127.0.0.9" not configured.'),
        (
            "grant -s 127.0.0.3 T",
            "127.0.0.3 is just an arbitrator, cannot grant/revoke tickets there.",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused_here(booth: Booth, line: str, text: str) -> None:
    said = booth(f"booth {line}")

    assert (said.code, said.texts) == (1, [f"error: {text}"])


def test_an_arbitrator_says_that_it_is_one(booth: Booth, conf: Path) -> None:
    conf.write_text("site = 10.0.0.1\nsite = 10.0.0.2\narbitrator = 127.0.0.1\nticket = T\n")

    said = booth("booth grant T")

    assert said.texts == ["error: We're just an arbitrator, cannot grant/revoke tickets here."]


def test_the_only_ticket_need_not_be_named(booth: Booth, server: Server, conf: Path) -> None:
    conf.write_text(conf.read_text().replace("ticket = U\n", ""))
    server.expect(server.answering(DONE))

    booth("booth grant")

    assert decode_ticket(server.requests[0]).ticket == "T"


def test_a_daemon_that_never_answers_is_left_in_the_end(
    booth: Booth, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket, "ANSWER_LIMIT_S", 0.2)
    server.expect(lambda connection: connection.recv(1) and stay_until_the_client_leaves(connection))

    said = booth("booth grant T")

    assert (said.code, said.texts) == (1, ["error: no answer from 127.0.0.1 within 0.2 seconds"])


def test_an_outcome_that_does_not_come_in_time_can_be_looked_up(
    booth: Booth, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket, "ANSWER_LIMIT_S", 0.2)

    def promise(connection: socket.socket) -> None:
        connection.sendall(MORE)
        stay_until_the_client_leaves(connection)

    server.expect(promise)

    said = booth("booth grant T")

    assert (said.code, said.texts) == (0, [SENT, GIVING_UP])


def test_a_daemon_that_dies_before_the_outcome_is_told(booth: Booth, server: Server) -> None:
    server.expect(server.answering(MORE))

    said = booth("booth grant -w T")

    assert said.code == 1
    assert said.texts == [SENT, "error: 127.0.0.1 closed the connection before it had answered"]


def test_ctrl_c_ends_the_wait_without_a_traceback(server: Server, conf: Path) -> None:
    def wait(connection: socket.socket) -> None:
        connection.sendall(MORE)
        stay_until_the_client_leaves(connection)

    server.expect(wait)
    command = [sys.executable, "-m", "boothlab.daemon", "grant", "-w", "T", "-c", str(conf)]
    with server, subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as client:
        assert client.stderr
        client.stderr.readline()  # now it waits
        client.send_signal(signal.SIGINT)
        rest = client.stderr.read()

    assert client.returncode == 130
    assert rest.endswith('interrupted; the request may still be carried out, "booth list" shows it\n')
    assert "Traceback" not in rest


def test_ctrl_c_ends_any_command_without_a_word(server: Server, conf: Path) -> None:
    clients: queue.Queue[subprocess.Popen[str]] = queue.Queue()

    def interrupt(connection: socket.socket) -> None:
        read_request(connection)
        clients.get(timeout=10).send_signal(signal.SIGINT)
        stay_until_the_client_leaves(connection)

    server.expect(interrupt)
    command = [sys.executable, "-m", "boothlab.daemon", "list", "-c", str(conf)]
    with server, subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as client:
        clients.put(client)
        assert client.stderr
        told = client.stderr.read()

    assert (client.returncode, told) == (130, "")


def test_time_spent_with_one_member_is_not_given_again_by_the_next(
    booth: Booth, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket, "ANSWER_LIMIT_S", 1.0)

    def redirect_late(connection: socket.socket) -> None:
        read_request(connection)
        time.sleep(0.8)  # what this is about
        connection.sendall(result(Result.REDIRECT, leader=site_id("127.0.0.1")))

    server.expect(*[redirect_late] * 5)

    said = booth("booth revoke T")

    assert (said.code, said.texts) == (1, ["error: no answer from 127.0.0.1 within 1 seconds"])


def stay_until_the_client_leaves(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass
