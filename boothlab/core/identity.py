"""Who is who: a member's number, made of its address."""

from __future__ import annotations

import zlib
from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=256)
def site_id(address: str) -> int:
    """Return the number by which members know each other: 31 bits of the address's CRC-32.

    ``::ffff:a.b.c.d`` is an IPv6 member and has another number than ``a.b.c.d``.

    Raises:
        ValueError: this is not an IPv4 or IPv6 address.
    """
    return zlib.crc32(ip_address(address).packed) & 0x7FFFFFFF
