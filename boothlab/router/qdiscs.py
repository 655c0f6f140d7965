"""Queueing disciplines of the kernel, over netlink: which there are, and making a netem.

``tc`` of Debian 12 has no word for netem's seed, so this module tells the kernel itself. The
numbers are those of linux/rtnetlink.h and linux/pkt_sched.h.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.netlink import (
    ACK,
    DONE,
    READ_BYTES,
    REQUEST,
    attribute,
    attributes,
    check,
    message,
    messages,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NETLINK_ROUTE: Final = 0
_NEW_QDISC, _GET_QDISC = 36, 38
_EXCLUSIVE, _CREATE, _DUMP = 0x200, 0x400, 0x300
_KIND, _OPTIONS, _STATISTICS = 1, 2, 7
_BASIC, _QUEUE = 1, 3
_REORDER, _RATE, _LATENCY, _JITTER, _SEED = 3, 6, 10, 11, 14
_HEAD: Final = "=BxxxiIII"
"""Family, device, handle, parent, and a number that is not needed."""
_NETEM: Final = "=IIIIII"
"""Latency, limit, loss, gap, duplicate, jitter; both times are told apart from it, in ns."""

_LENGTH: Final = 16_384
"""How many packets may wait in a netem."""

_ALL: Final = 2**32 - 1
_BITS_PER_KBIT_BYTE: Final = 125
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True)
class Qdisc:
    """A queueing discipline that is there."""

    device: str
    kind: str
    handle: int
    parent: int
    sent: int
    """How many packets left it."""
    dropped: int
    waiting: int
    seed: int | None
    """Of a netem, on kernels from 6.6 on."""


def netem_options(effect: Mapping[str, Any], seed: int) -> bytes:
    """Return how a netem has an effect on the packets that it gets."""
    do = effect["do"]
    share = round(effect.get("percent", 0) / 100 * _ALL)
    held_ms = {"delay": effect.get("delay_ms", 0), "reorder": effect.get("by_ms", 0)}.get(do, 0)
    jitter_ms = effect.get("jitter_ms", 0)
    loss, duplicate = (share if do == kind else 0 for kind in ("loss", "duplicate"))
    reorders = do == "reorder"  # in netem's words: the others leave at once
    found = struct.pack(_NETEM, 0, _LENGTH, loss, int(reorders), duplicate, 0)
    found += attribute(_LATENCY, struct.pack("=q", held_ms * _NS_PER_MS))
    found += attribute(_JITTER, struct.pack("=q", jitter_ms * _NS_PER_MS))
    if reorders:
        found += attribute(_REORDER, struct.pack("=II", _ALL - share, 0))
    if do == "rate":
        found += attribute(_RATE, struct.pack("=IiIi", effect["kbit_s"] * _BITS_PER_KBIT_BYTE, 0, 0, 0))
    return found + attribute(_SEED, struct.pack("=Q", seed))


def add_netem(device: str, parent: int, handle: int, options: bytes) -> None:
    """Put a netem into a class.

    Raises:
        OSError: the kernel has none, or does not want it there.
    """
    head = struct.pack(_HEAD, 0, socket.if_nametoindex(device), handle, parent, 0)
    body = head + attribute(_KIND, b"netem\0") + attribute(_OPTIONS, options)
    with _route() as route:
        route.send(message(_NEW_QDISC, REQUEST | ACK | _CREATE | _EXCLUSIVE, 1, body))
        check(route.recv(READ_BYTES))


def qdiscs() -> list[Qdisc]:
    """Return all there are."""
    found: list[Qdisc] = []
    with _route() as route:
        route.send(message(_GET_QDISC, REQUEST | _DUMP, 1, struct.pack(_HEAD, 0, 0, 0, 0, 0)))
        while True:
            for kind, body in messages(route.recv(READ_BYTES)):
                if kind == DONE:
                    return found
                found.append(_qdisc(body))


def _route() -> socket.socket:
    found = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE)
    found.settimeout(10)
    return found


def _qdisc(body: bytes) -> Qdisc:
    _, device, handle, parent, _ = struct.unpack_from(_HEAD, body)
    told = attributes(body[struct.calcsize(_HEAD) :])
    kind = told[_KIND].rstrip(b"\0").decode()
    statistics = attributes(told.get(_STATISTICS, b""))
    _, sent = struct.unpack_from("=QI", statistics.get(_BASIC, bytes(12)))
    waiting, _, dropped = struct.unpack_from("=III", statistics.get(_QUEUE, bytes(12)))
    options = attributes(told.get(_OPTIONS, b"")[struct.calcsize(_NETEM) :]) if kind == "netem" else {}
    seed = struct.unpack("=Q", options[_SEED])[0] if _SEED in options else None
    return Qdisc(socket.if_indextoname(device), kind, handle, parent, sent, dropped, waiting, seed)
