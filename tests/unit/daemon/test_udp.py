"""Datagrams, over loopback."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from unit.daemon.inbox import Inbox, Lines, free_port, run

from boothlab.core.config.model import MemberConfig, Role
from boothlab.core.effects import Send
from boothlab.core.events import Datagram, SendFailed
from boothlab.daemon import udp

if TYPE_CHECKING:
    from boothlab.core.events import Event

HERE = "127.0.0.2"
THERE = "127.0.0.3"


@pytest.fixture
def pair() -> tuple[MemberConfig, MemberConfig]:
    port = free_port()
    return MemberConfig(HERE, Role.SITE, port), MemberConfig(THERE, Role.SITE, port)


def test_members_hear_each_other_from_their_own_addresses(pair: tuple[MemberConfig, MemberConfig]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        inboxes = Inbox(), Inbox()
        ends = [
            udp.Udp(loop, udp.bind(me), pair, inbox.post, Lines().log())
            for me, inbox in zip(pair, inboxes, strict=True)
        ]
        ends[0].send(Send(pair[1].id, b"hello"))
        assert await inboxes[1].next() == Datagram(b"hello", HERE)
        ends[1].send(Send(pair[0].id, b"x" * 1024))
        assert await inboxes[0].next() == Datagram(b"x" * 1024, THERE)
        for end in ends:
            end.close()

    run(main())


def test_a_second_daemon_cannot_take_the_address(pair: tuple[MemberConfig, MemberConfig]) -> None:
    with udp.bind(pair[0]):
        with pytest.raises(OSError, match="in use"):
            udp.bind(pair[0])
        with socket.socket(type=socket.SOCK_DGRAM) as careless:
            careless.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                careless.bind((HERE, pair[0].port))


def test_what_is_too_long_is_cut_as_the_c_daemon_does(pair: tuple[MemberConfig, MemberConfig]) -> None:
    async def main() -> None:
        inbox = Inbox()
        end = udp.Udp(asyncio.get_running_loop(), udp.bind(pair[0]), pair, inbox.post, Lines().log())
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"y" * 5_000, (HERE, pair[0].port))
            stranger.sendto(b"", (HERE, pair[0].port))
        first, second = await inbox.next(), await inbox.next()
        assert isinstance(first, Datagram)
        assert isinstance(second, Datagram)
        assert (len(first.data), second.data) == (1024, b"")
        end.close()

    run(main())


def test_a_flood_leaves_the_loop_its_turn(pair: tuple[MemberConfig, MemberConfig]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        taken = 0
        most = 0

        def post(_event: Event) -> None:
            nonlocal taken
            taken += 1

        end = udp.Udp(loop, udp.bind(pair[0]), pair, post, Lines().log())
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            for _ in range(200):
                stranger.sendto(b"z", (HERE, pair[0].port))
        while taken < 200:
            before = taken
            await asyncio.sleep(0)
            most = max(most, taken - before)
        assert 0 < most <= udp.BATCH
        end.close()

    run(main())


def test_what_the_kernel_refuses_is_told(pair: tuple[MemberConfig, MemberConfig]) -> None:
    unreachable = MemberConfig("0.0.0.1", Role.SITE, 9)

    async def main() -> None:
        inbox, lines = Inbox(), Lines()
        loop = asyncio.get_running_loop()
        end = udp.Udp(loop, udp.bind(pair[0]), [*pair, unreachable], inbox.post, lines.log())
        end.send(Send(unreachable.id, b"hello"))
        assert await inbox.next() == SendFailed(unreachable.id)
        assert lines.lines[0].startswith("warning: failed to send to 0.0.0.1: ")
        end.close()

    run(main())


def test_ipv6_members_are_members() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    me = MemberConfig("::1", Role.SITE, free_port())
    try:
        udp.bind(me).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
