"""Frames as a file for Wireshark. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.engine.parsers.frames import Frame

_NS_PER_S: Final = 1_000_000_000

_PCAP_HEAD: Final = struct.pack("!IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 2**16, 113)
"""A capture with nanoseconds, of frames that say whether they came in or went out (Linux cooked)."""
_PCAP_FRAME: Final = struct.Struct("!IIII")
_COOKED: Final = struct.Struct("!HHH8sH")
_WENT_OUT: Final = 4
_ETHERNET: Final = 1
_IPV4: Final = 0x0800


def pcap(every: Iterable[Frame], epoch_ns: int) -> bytes:
    """Return a capture for tcpdump, Wireshark and ``boothlab packets``.

    Args:
        every: the frames.
        epoch_ns: the wall clock when the frames' clock was at 0, in nanoseconds.
    """
    return _PCAP_HEAD + b"".join(_pcap_frame(each, epoch_ns) for each in every)


def _pcap_frame(frame: Frame, epoch_ns: int) -> bytes:
    direction = _WENT_OUT if frame.goes_out else 0
    cooked = _COOKED.pack(direction, _ETHERNET, 0, bytes([frame.interface]).rjust(8, b"\0"), _IPV4)
    content = cooked + frame.data
    seconds, nanoseconds = divmod(frame.at_ns + epoch_ns, _NS_PER_S)
    return _PCAP_FRAME.pack(seconds, nanoseconds, len(content), len(content)) + content
