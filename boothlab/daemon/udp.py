"""Datagrams between members."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Final

from boothlab.core.events import Datagram, SendFailed
from boothlab.core.wire import MAX_SIZE
from boothlab.daemon.strangers import Strangers

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from boothlab.core.config.model import MemberConfig
    from boothlab.core.effects import Send
    from boothlab.core.events import Event
    from boothlab.daemon.logs import Log

BATCH: Final = 32
"""So many datagrams are taken at once; then timers and clients have their turn."""
_BUFFER: Final = 4 << 20
"""Bytes the kernel may keep for us: the renewals of a thousand tickets come in bursts."""
_SO_RCVBUFFORCE: Final = 33


def bind(me: MemberConfig) -> socket.socket:
    """Return a socket bound to this member's own address.

    Not with SO_REUSEADDR: under Linux that would let a second daemon take half of the datagrams.

    Raises:
        OSError: the address is not here, or taken.
    """
    bound = socket.socket(family(me.address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        for option in (socket.SO_RCVBUF, _SO_RCVBUFFORCE):  # the second one is for root
            with contextlib.suppress(OSError):
                bound.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        bound.bind((me.address, me.port))
    except OSError:
        bound.close()
        raise
    return bound


def family(address: str) -> socket.AddressFamily:
    """Return a numeric address's family."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Udp:
    """The member's socket.

    Args:
        loop: the event loop.
        bound: the socket, from now on this object's.
        members: who can be sent to.
        post: takes what comes in.
        log: for what the kernel refuses.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        bound: socket.socket,
        members: Iterable[MemberConfig],
        post: Callable[[Event], None],
        log: Log,
    ) -> None:
        self._loop = loop
        self._socket = bound
        self._addresses = {each.id: (each.address, each.port) for each in members}
        addresses = [address for address, _ in self._addresses.values()]
        heard = (each for each in addresses if family(each) is bound.family)
        self._strangers = Strangers(loop, bound, heard, log)
        self._post = post
        self._log = log
        loop.add_reader(bound, self._readable)

    def send(self, effect: Send) -> None:
        """Hand a datagram to the kernel, without waiting."""
        address = self._addresses[effect.to]
        try:
            self._socket.sendto(effect.data, address)
        except OSError as error:
            self._log.warning(f"failed to send to {address[0]}: {error.strerror}", kind=f"send {address[0]}")
            self._post(SendFailed(effect.to))

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._socket)
        self._strangers.close()
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(BATCH):
            try:
                data, source = self._socket.recvfrom(MAX_SIZE)
            except BlockingIOError:
                return
            except OSError as error:
                self._log.warning(f"failed to receive: {error.strerror}", kind="receive")
                return
            address = str(source[0])
            if not self._strangers.shut_out(address):
                self._post(Datagram(data, address))
