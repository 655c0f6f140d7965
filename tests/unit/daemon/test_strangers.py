"""Floods from others than members, over loopback."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING

from unit.daemon.inbox import Inbox, Lines, free_port, run

from boothlab.core.config.model import MemberConfig, Role
from boothlab.core.events import Datagram
from boothlab.daemon import packet_filter, strangers, udp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

HERE, MEMBER, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.1"
FEW = 100


class Place:
    """A member's socket, what it hands on, and who sends to it."""

    def __init__(self) -> None:
        port = free_port()
        self.members = [MemberConfig(each, Role.SITE, port) for each in (HERE, MEMBER)]
        self.lines = Lines()
        self.inbox = Inbox()
        self._end = udp.Udp(
            asyncio.get_running_loop(),
            udp.bind(self.members[0]),
            self.members,
            self.inbox.post,
            self.lines.log(),
        )
        self._senders = {each: self._sender(each) for each in (MEMBER, STRANGER)}

    def _sender(self, address: str) -> socket.socket:
        made = socket.socket(type=socket.SOCK_DGRAM)
        made.bind((address, 0))
        return made

    def send(self, source: str, *words: bytes) -> None:
        for word in words:
            self._senders[source].sendto(word, (HERE, self.members[0].port))

    async def heard_until(self, last: bytes) -> Sequence[Datagram]:
        """Return what was heard before a member's word."""
        self.send(MEMBER, last)
        heard: list[Datagram] = []
        while True:
            event = await self.inbox.next()
            assert isinstance(event, Datagram)
            if event.data == last:
                return heard
            heard.append(event)

    async def flood(self) -> None:
        """Send more than is looked at."""
        sent = 0
        while sent < strangers.MOST_PER_S + FEW:
            self.send(STRANGER, *[b"noise"] * FEW)
            sent += FEW
            await self.heard_until(b"so far")

    def close(self) -> None:
        self._end.close()
        for each in self._senders.values():
            each.close()


def test_a_few_are_looked_at() -> None:
    async def main() -> None:
        place = Place()
        place.send(STRANGER, *[b"noise"] * FEW)

        assert len(await place.heard_until(b"end")) == FEW
        assert not place.lines.lines
        place.close()

    run(main())


def test_a_flood_is_shut_out_and_told_of_and_members_are_heard() -> None:
    async def main() -> None:
        place = Place()
        await place.flood()
        place.send(STRANGER, b"noise")

        assert await place.heard_until(b"end") == []
        (line,) = place.lines.lines
        assert f"from {STRANGER}: nobody but members is heard for 10 s" in line
        place.close()

    run(main())


def test_later_strangers_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "SHUT_OUT_S", 0.0)

    async def main() -> None:
        place = Place()
        await place.flood()
        place.send(STRANGER, b"hello?")

        assert [each.data for each in await place.heard_until(b"end")] == [b"hello?"]
        place.close()

    run(main())


def test_a_kernel_without_filters_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOPROTOOPT, "Protocol not available")

    monkeypatch.setattr(packet_filter, "only_from", refuse)

    async def main() -> None:
        place = Place()
        await place.flood()
        place.send(STRANGER, b"noise")

        assert await place.heard_until(b"end") == []
        place.close()

    run(main())
