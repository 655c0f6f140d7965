"""The metrics endpoint."""

from __future__ import annotations

import asyncio

import pytest
from unit.daemon.inbox import free_port, run

from boothlab.core.codes import NO_ONE, UNKNOWN
from boothlab.core.config.model import MemberConfig, Mode, Role
from boothlab.core.notes import State
from boothlab.core.view import MemberView, PeerView, TicketView
from boothlab.daemon import metrics, metrics_text

ME = MemberConfig("192.0.2.1", Role.SITE)
PEER = MemberConfig("192.0.2.2", Role.ARBITRATOR)
VIEW = MemberView(
    ME,
    (
        TicketView("T", Mode.AUTO, State.LEADER, ME.id, 7, 0, 1500, True, None, {"renewals": 4}),
        TicketView("U", Mode.AUTO, State.INIT, NO_ONE, 0, 0, 0, False, 9, {}),
        TicketView("V", Mode.AUTO, State.INIT, UNKNOWN, 0, 0, 0, False, None, {}),
    ),
    (PeerView(PEER, 1_700_000_000_500_000, 1, 2, 3, 4, 5, 6, 7),),
)


@pytest.mark.parametrize(
    "line",
    [
        'booth_info{address="192.0.2.1",role="site",version="9"} 1',
        'booth_ticket_granted_here{ticket="T"} 1',
        'booth_ticket_granted_here{ticket="U"} 0',
        'booth_ticket_term{ticket="T"} 7',
        'booth_ticket_lease_seconds{ticket="T"} 1.5',
        'booth_ticket_commit_pending{ticket="U"} 1',
        'booth_ticket_state{ticket="T",state="Lead"} 1',
        'booth_ticket_state{ticket="T",state="Fllw"} 0',
        'booth_ticket_leader{ticket="T",leader="192.0.2.1"} 1',
        'booth_ticket_leader{ticket="U",leader="none"} 1',
        'booth_ticket_leader{ticket="V",leader="NONE"} 1',
        'booth_ticket_renewals_total{ticket="T"} 4',
        'booth_peer_last_heard_seconds{peer="192.0.2.2",role="arbitrator"} 1700000000.5',
        'booth_peer_sent_total{peer="192.0.2.2",role="arbitrator"} 1',
        'booth_peer_invalid_total{peer="192.0.2.2",role="arbitrator"} 7',
        "# TYPE booth_peer_sent_total counter",
        "# TYPE booth_ticket_term gauge",
    ],
)
def test_a_members_state_is_told(line: str) -> None:
    assert line in metrics_text.render(VIEW, "9").splitlines()


def test_every_line_is_a_comment_or_a_sample() -> None:
    for line in metrics_text.render(VIEW, "9").splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or float(line.rpartition(" ")[2]) >= 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9930", ("127.0.0.1", 9930)),
        (":9930", ("127.0.0.1", 9930)),
        ("0.0.0.0:9930", ("0.0.0.0", 9930)),  # noqa: S104 - what somebody may ask for
        ("[::1]:9930", ("::1", 9930)),
    ],
)
def test_the_place_is_loopback_unless_an_address_is_given(text: str, expected: tuple[str, int]) -> None:
    assert metrics.endpoint(text) == expected


@pytest.mark.parametrize("text", ["", "x", "0", "65536", "host:1", "1.2.3.4"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(metrics.EndpointError, match=r"write PORT, ADDRESS:PORT"):
        metrics.endpoint(text)


async def ask(request: bytes) -> bytes:
    place = ("127.0.0.1", free_port())
    server = await metrics.Metrics(lambda: "booth_info 1\n").serve(
        asyncio.get_running_loop(), metrics.bind(place)
    )
    reader, writer = await asyncio.open_connection(*place)
    writer.write(request)
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
        server.close()


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        (b"GET /metrics HTTP/1.1", b"200 OK", b"booth_info 1\n"),
        (b"GET /metrics?x=1 HTTP/1.0", b"200 OK", b"booth_info 1\n"),
        (b"HEAD /metrics HTTP/1.1", b"200 OK", b""),
        (b"GET /secret HTTP/1.1", b"404 Not Found", b"See /metrics.\n"),
        (b"POST /metrics HTTP/1.1", b"405 Method Not Allowed", b"Only GET.\n"),
        (b"", b"404 Not Found", b"See /metrics.\n"),
    ],
)
def test_a_scraper_gets_what_it_asks_for(request_line: bytes, status: bytes, body: bytes) -> None:
    async def main() -> None:
        answer = await ask(request_line + b"\r\nHost: x\r\n\r\n")
        head, _, got = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status)
        assert got == body

    run(main())


def test_an_endless_request_is_closed() -> None:
    async def main() -> None:
        assert await ask(b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5_000) == b""

    run(main())
