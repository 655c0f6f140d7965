"""List and peers: the daemon's text, shown as it is or as JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.daemon.client.server import Booth, Server, result, text

from boothlab.core.codes import Command, Result
from boothlab.core.wire import decode_header
from boothlab.daemon.client import as_json, session
from boothlab.daemon.client.errors import ReplyError
from boothlab.daemon.client.output import harmless
from boothlab.daemon.main import run

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

TICKETS = (
    "ticket: T, leader: 127.0.0.1, expires: 2026-11-25 15:21:12"
    " (commit pending until 2026-11-25 15:21:11)\n"
    "ticket: U, leader: none\n"
    "ticket: V, leader: NONE\n"
    "ticket: M, leader: ::1, expires: INF [manual mode]\n"
    "\nWARNING: The ticket M is granted to multiple sites: ::1, 127.0.0.2."
    " Revoke the ticket from the faulty sites.\n"
)
PEERS = (
    "site         127.0.0.2, last recv: 2026-11-25 15:21:12\n"
    "\tSent pkts:11 error:1 resends:2\n"
    "\tRecv pkts:10 error:3 authfail:4 invalid:5\n"
    "\n"
    "arbitrator   127.0.0.3, last recv: 1970-01-01 01:00:00\n"
    "\tSent pkts:0 error:0 resends:0\n"
    "\tRecv pkts:0 error:0 authfail:0 invalid:0\n"
    "\n"
)


@pytest.fixture
def berlin() -> Iterator[None]:
    """Live in a time zone with an offset for the time of a test."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("line", "command"), [("booth list", Command.LIST), ("booth client peers", Command.PEERS)]
)
def test_the_daemons_text_is_shown_as_it_is(
    booth: Booth, server: Server, line: str, command: Command
) -> None:
    server.expect(server.answering(text(TICKETS.encode())))

    said = booth(line)

    assert (said.code, said.out, said.err) == (0, TICKETS, "")
    assert decode_header(server.requests[0])[0].command == command


def test_no_tickets_are_no_error(booth: Booth, server: Server) -> None:
    server.expect(server.answering(text(b"")))

    assert booth("booth list").out == ""


def test_an_unknown_site_has_an_exit_code_of_its_own(booth: Booth) -> None:
    said = booth("booth list -s 127.0.0.9")

    assert (said.code, said.texts) == (2, ['error: cannot find site "127.0.0.9"'])


def test_the_other_site_need_not_be_named(booth: Booth, server: Server) -> None:
    said = booth("booth list -s other")

    assert said.texts == ["error: connect to 127.0.0.2 got an error: Connection refused"]
    assert server.requests == []


@pytest.mark.parametrize("line", ["list -s 127.0.0.1", "list -s localhost"])
def test_a_machine_that_is_no_member_may_ask_by_name(
    booth: Booth, server: Server, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr("boothlab.daemon.client.start.interface_addresses", list)
    server.expect(server.answering(text(TICKETS.encode())))

    assert booth(f"booth {line}").out == TICKETS


def test_a_machine_that_is_no_member_must_name_one(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boothlab.daemon.client.start.interface_addresses", list)

    said = booth("booth list")

    assert said.code == 1
    assert said.texts == ["error: Cannot find myself in the configuration. Name a member with -s."]


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
@pytest.mark.parametrize("line", ["list", "list -s ::1", "list -s 0:0::1"])
def test_a_daemon_may_have_an_ipv6_address(conf: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    server = Server("::1")
    conf.write_text(f"port = {server.port}\nsite = ::1\nsite = fd00::1\narbitrator = fd00::2\nticket = T\n")
    server.expect(server.answering(text(TICKETS.encode())))

    with server:
        code = run(["booth", *line.split(), "-c", str(conf)], {})

    assert (code, capsys.readouterr().out) == (0, TICKETS)


class TestJson:
    def test_tickets_say_who_holds_them_and_until_when(
        self,
        booth: Booth,
        server: Server,
        berlin: None,  # noqa: ARG002 - for the time zone
    ) -> None:
        server.expect(server.answering(text(TICKETS.encode())))

        listed = json.loads(booth("booth list --json").out)

        held, revoked, unknown, manual = listed["tickets"]
        assert listed["site"] == "127.0.0.1"
        assert held == {
            "name": "T",
            "status": "granted",
            "leader": "127.0.0.1",
            "expires": "2026-11-25T15:21:12+01:00",
            "expires_epoch": 1795616472,
            "commit_pending_until": "2026-11-25T15:21:11+01:00",
            "commit_pending_until_epoch": 1795616471,
            "manual": False,
            "granted_to": ["127.0.0.1"],
        }
        assert (revoked["status"], revoked["leader"], revoked["expires"]) == ("revoked", None, None)
        assert (unknown["status"], unknown["leader"], unknown["granted_to"]) == ("unknown", None, [])
        assert (manual["manual"], manual["expires"], manual["leader"]) == (True, None, "::1")
        assert manual["granted_to"] == ["::1", "127.0.0.2"]

    def test_peers_say_when_they_were_heard_and_what_was_counted(
        self,
        booth: Booth,
        server: Server,
        berlin: None,  # noqa: ARG002 - for the time zone
    ) -> None:
        server.expect(server.answering(text(PEERS.encode())))

        heard, never = json.loads(booth("booth peers --json").out)["peers"]

        assert heard == {
            "address": "127.0.0.2",
            "role": "site",
            "last_heard": "2026-11-25T15:21:12+01:00",
            "last_heard_epoch": 1795616472,
            "sent": {"packets": 11, "errors": 1, "resends": 2},
            "received": {"packets": 10, "errors": 3, "auth_failures": 4, "invalid": 5},
        }
        assert (never["role"], never["last_heard"], never["last_heard_epoch"]) == ("arbitrator", None, None)

    @pytest.mark.parametrize("operation", ["list", "peers"])
    def test_nothing_is_an_empty_list(self, booth: Booth, server: Server, operation: str) -> None:
        server.expect(server.answering(text(b"")))

        listed: dict[str, Any] = json.loads(booth(f"booth {operation} --json").out)

        assert [each for each in listed.values() if each != "127.0.0.1"] == [[]]

    @pytest.mark.parametrize("operation", ["list", "peers"])
    def test_a_text_that_is_no_list_is_an_error(self, booth: Booth, server: Server, operation: str) -> None:
        server.expect(server.answering(text(b"ticket: T, leader: 1.2.3.4, expires: tomorrow\n")))

        said = booth(f"booth {operation} --json")

        assert (said.code, said.out) == (1, "")
        assert "cannot be understood" in said.err

    @given(st.text() | st.from_regex(as_json._TICKET) | st.from_regex(as_json._PEER))
    def test_any_text_is_understood_or_refused(self, content: str) -> None:
        for parse in (as_json.tickets, as_json.peers):
            try:
                assert json.dumps(parse(content))
            except ReplyError as error:
                assert str(error)  # noqa: PT017 - either way is right


class TestHarm:
    def test_a_reply_cannot_take_over_the_terminal(self, booth: Booth, server: Server) -> None:
        server.expect(server.answering(text(b"ticket: \x1b]0;x\x07T\xff\r\n\tm\xc3\xbcde\x00\xc2\x9b\n")))

        said = booth("booth list")

        assert said.out == "ticket: \\x1b]0;x\\x07T\\xff\\r\n\tm\u00fcde\\x00\\x9b\n"

    @given(st.binary())
    def test_only_what_is_printable_is_shown(self, content: bytes) -> None:
        assert all(each.isprintable() or each in "\n\t" for each in harmless(content))

    @pytest.mark.parametrize(
        ("reply", "complaint"),
        [
            (b"", "closed the connection before it had answered"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "closed the connection before it had answered"),
            (b"x" * 48, "does not speak Booth's protocol"),
            (text(b"12345")[:-1], "closed the connection before it had answered"),
            (text(b"")[:24] + b"\xff\xff\xff\xff" + text(b"")[28:], "announces a reply of 4294967295 bytes"),
            (text(b"", Command.HEARTBEAT), "sent no reply but a message HrtB"),
            (result(Result.SUCCESS), "sent no list"),
            (result(Result.INVALID_ARGUMENT), 'ticket "" does not exist'),
        ],
    )
    def test_what_is_no_answer_is_an_error(
        self, booth: Booth, server: Server, reply: bytes, complaint: str
    ) -> None:
        server.expect(server.answering(reply))

        said = booth("booth list")

        assert (said.code, said.out) == (1, "")
        assert complaint in said.texts[0]

    def test_a_daemon_that_sends_a_byte_now_and_then_is_left(
        self, booth: Booth, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "ANSWER_LIMIT_S", 0.3)
        answer = text(b"x" * 100_000)

        def drip(connection: socket.socket) -> None:
            for each in answer:
                connection.sendall(bytes([each]))
                time.sleep(0.01)  # what this is about

        server.expect(drip)

        said = booth("booth list")

        assert (said.code, said.texts) == (1, ["error: no answer from 127.0.0.1 within 0.3 seconds"])

    def test_a_list_of_a_thousand_tickets_is_read_whole(self, booth: Booth, server: Server) -> None:
        lines = "".join(f"ticket: t{number:04}, leader: NONE\n" for number in range(1000))
        server.expect(server.answering(text(lines.encode())))

        assert booth("booth list").out == lines
