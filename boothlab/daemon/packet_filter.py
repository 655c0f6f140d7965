"""A filter in the kernel by which a UDP socket takes datagrams from some addresses only.

What it refuses costs the process nothing, and takes no place in the socket's buffer. The
program is classic BPF, see SO_ATTACH_FILTER in socket(7) and the kernel's
Documentation/networking/filter.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SO_ATTACH_FILTER: Final = 26
_SO_DETACH_FILTER: Final = 27

_INSTRUCTION: Final = struct.Struct("HBBI")  # code, jump if true, jump if false, operand
_PROGRAM: Final = struct.Struct("HP")  # instructions, where they are
_WORD: Final = struct.Struct("!I")

_LOAD_WORD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_WHOLE: Final = 0xFFFFFFFF
_NOTHING: Final = 0
_NETWORK_HEADER: Final = 0xFFF00000  # offsets from here on count from the IP header
_SOURCE: Final = {socket.AF_INET: 12, socket.AF_INET6: 8}
"""Where in the IP header the sender's address begins, bytes."""


def only_from(bound: socket.socket, addresses: Iterable[str]) -> None:
    """Take datagrams from these addresses only; what waits in the buffer already stays there.

    Args:
        bound: the socket, of the addresses' family.
        addresses: numeric.

    Raises:
        OSError: the kernel has no such filters, or an address is of another family.
    """
    parts = [_accept(bound.family, socket.inet_pton(bound.family, each)) for each in addresses]
    code = b"".join(b"".join(part) for part in parts) + _INSTRUCTION.pack(_RETURN, 0, 0, _NOTHING)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = _PROGRAM.pack(len(code) // _INSTRUCTION.size, ctypes.addressof(instructions))
    bound.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def from_anybody(bound: socket.socket) -> None:
    """Take datagrams from everybody again.

    Raises:
        OSError: there is no filter.
    """
    bound.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def _accept(family: int, address: bytes) -> Iterator[bytes]:
    """Give the instructions that take a datagram if it is from an address, and else go on behind them."""
    words = [number for (number,) in _WORD.iter_unpack(address)]
    start = _NETWORK_HEADER + _SOURCE[socket.AddressFamily(family)]
    for index, word in enumerate(words):
        yield _INSTRUCTION.pack(_LOAD_WORD, 0, 0, start + index * _WORD.size)
        to_the_end = 2 * (len(words) - 1 - index) + 1
        yield _INSTRUCTION.pack(_JUMP_IF_EQUAL, 0, to_the_end, word)
    yield _INSTRUCTION.pack(_RETURN, 0, 0, _WHOLE)
