"""Datagrams from others than members: looked at as long as they are few.

A few are worth a line in the log, as they tell of a member whose configuration names other
addresses. A flood of them would crowd members' datagrams out of the socket's buffer, until a
leader that hears no acknowledgement lets go of its ticket. So a flood is shut out, by the kernel.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Final

from boothlab.daemon import packet_filter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from boothlab.daemon.logs import Log

MOST_PER_S: Final = 1_000
"""More are a flood."""
SHUT_OUT_S: Final = 10.0
"""So long nobody but members is heard after a flood began; then it is seen whether it goes on."""


class Strangers:
    """Decides whether a datagram is looked at.

    Args:
        loop: the event loop.
        bound: the socket that they come to.
        members: the addresses that are always heard, of the socket's family.
        log: told of floods.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, bound: socket.socket, members: Iterable[str], log: Log
    ) -> None:
        self._loop = loop
        self._socket = bound
        self._log = log
        pack, unpack = socket.inet_pton, socket.inet_ntop
        self._members = {unpack(bound.family, pack(bound.family, each)) for each in members}
        self._count = 0
        self._count_ends_s = 0.0
        self._opens: asyncio.TimerHandle | None = None

    def shut_out(self, source: str) -> bool:
        """Return whether a datagram from an address is one of a flood, and not to be looked at."""
        if source.partition("%")[0] in self._members:
            return False
        if self._opens is not None:
            return True  # it waited in the buffer
        now_s = self._loop.time()
        if now_s >= self._count_ends_s:
            self._count, self._count_ends_s = 0, now_s + 1
        self._count += 1
        if self._count <= MOST_PER_S:
            return False
        self._shut(source)
        return True

    def close(self) -> None:
        """Leave no timer behind."""
        if self._opens is not None:
            self._opens.cancel()

    def _shut(self, source: str) -> None:
        self._log.warning(
            f"more than {MOST_PER_S} datagrams within a second from others than members, the last one"
            f" from {source}: nobody but members is heard for {SHUT_OUT_S:g} s",
            kind="flood",
        )
        self._opens = self._loop.call_later(SHUT_OUT_S, self._open)
        try:
            packet_filter.only_from(self._socket, self._members)
        except OSError as error:  # then they are dropped here, which costs more
            self._log.debug(f"the kernel does not filter datagrams: {error.strerror}")

    def _open(self) -> None:
        self._opens = None
        self._count_ends_s = 0.0
        with contextlib.suppress(OSError):
            packet_filter.from_anybody(self._socket)
