"""This host's addresses, asked of the kernel by netlink (rtnetlink(7), RTM_GETADDR)."""

from __future__ import annotations

import os
import socket
import struct
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.core.config.local_member import Interface

TIME_LIMIT_S: Final = 5.0
"""The kernel answers at once; this is only so that nothing can hang."""

_RTM_NEWADDR: Final = 20
_RTM_GETADDR: Final = 22
_NLMSG_ERROR: Final = 2
_NLMSG_DONE: Final = 3
_REQUEST_DUMP: Final = 0x301
_DUMP_INTERRUPTED: Final = 0x10
_IFA_ADDRESS: Final = 1
_IFA_LOCAL: Final = 2

_SIZES: Final = {socket.AF_INET: 4, socket.AF_INET6: 16}

_HEADER: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ADDRESS: Final = struct.Struct("=BBBBI")  # family, prefix length, flags, scope, interface
_ATTRIBUTE: Final = struct.Struct("=HH")  # length, type
_ERROR: Final = struct.Struct("=i")
_ALIGNMENT: Final = 4
_BUFFER: Final = 1 << 16
_ATTEMPTS: Final = 5


class _ChangedMeanwhileError(OSError):
    """Addresses changed while they were listed."""


def interface_addresses() -> list[Interface]:
    """Return each IPv4 and IPv6 address of this host with its prefix length, in the kernel's order.

    Raises:
        OSError: the kernel cannot be asked, or did not answer within five seconds.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _dump()
        except _ChangedMeanwhileError:
            continue
    return _dump()


def _dump() -> list[Interface]:
    deadline = time.monotonic() + TIME_LIMIT_S
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
        link.bind((0, 0))
        body = _ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
        link.send(_HEADER.pack(_HEADER.size + len(body), _RTM_GETADDR, _REQUEST_DUMP, 1, 0) + body)
        found: list[Interface] = []
        while True:
            link.settimeout(max(deadline - time.monotonic(), 0.001))
            if _take(link.recv(_BUFFER), found):
                return found


def _take(datagram: bytes, found: list[Interface]) -> bool:
    """Add a datagram's addresses; return whether the list ends in it.

    Kernels since 6.9 put the end into the datagram of the last addresses, older ones into
    one of its own.
    """
    for kind, flags, body in _messages(datagram):
        if flags & _DUMP_INTERRUPTED:
            raise _ChangedMeanwhileError("the host's addresses change all the time")
        if kind in {_NLMSG_ERROR, _NLMSG_DONE}:
            _raise_error(body)
            return True
        if kind == _RTM_NEWADDR and (address := _address(body)):
            found.append(address)
    return False


def _messages(datagram: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, flags and body of the messages in a datagram."""
    start = 0
    while start + _HEADER.size <= len(datagram):
        length, kind, flags, _, _ = _HEADER.unpack_from(datagram, start)
        if length < _HEADER.size:
            return
        yield kind, flags, datagram[start + _HEADER.size : start + length]
        start += _aligned(length)


def _raise_error(body: bytes) -> None:
    code = _ERROR.unpack_from(body)[0] if len(body) >= _ERROR.size else 0
    if code:
        raise OSError(-code, f"the kernel does not list this host's addresses: {os.strerror(-code)}")


def _address(body: bytes) -> Interface | None:
    """Return an address and its prefix length; the host's own where the link has two ends."""
    if len(body) < _ADDRESS.size:
        return None
    family, prefix, *_ = _ADDRESS.unpack_from(body)
    attributes = dict(_attributes(body[_ADDRESS.size :]))
    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    if packed is None or len(packed) != _SIZES.get(family):
        return None
    return str(ip_address(packed)), prefix


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, start)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[start + _ATTRIBUTE.size : start + length]
        start += _aligned(length)


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT
