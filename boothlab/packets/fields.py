"""The fields that only Booth has: codes of four letters, members, texts with an end, a key."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from scapy.fields import Field, IntEnumField, IntField, StrFixedLenField, XIntField

from boothlab.core import announce
from boothlab.core.codes import NO_ONE, UNKNOWN, Option, code_text, fourcc
from boothlab.core.identity import site_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import IntEnum

    from scapy.packet import Packet

_CODE_LENGTH: Final = 4

_known: dict[int, str] = {}
"""Addresses by site id, for people's eyes; an id alone does not tell its address."""


def know(*addresses: str) -> None:
    """Let these members be shown by their addresses, and not by their site ids.

    Raises:
        ValueError: one of them is not an IPv4 or IPv6 address.
    """
    for address in addresses:
        _known[site_id(address)] = str(ip_address(address))


def member_text(member: int, nearby: Iterable[str] = ()) -> str:
    """Return a member as people write it.

    Args:
        member: Its site id, or what stands in its place when there is none.
        nearby: Addresses that it may have, beside those that ``know`` was told.
    """
    if member == NO_ONE:
        return "none"
    if member == UNKNOWN:
        return "NONE"
    if member in _known:
        return _known[member]
    return next((address for address in nearby if site_id(address) == member), f"id {member}")


class CodeField(IntEnumField):
    """A code of four letters; written by them, also when Booth does not know it, or as a number."""

    def __init__(self, name: str, default: int, codes: Iterable[IntEnum]) -> None:
        super().__init__(name, default, {each.value: code_text(each) for each in codes if each.value})

    def any2i(self, pkt: Packet | None, x: Any) -> Any:  # noqa: ANN401 - scapy's
        """Return the number of a code that is given in any form."""
        is_code = isinstance(x, str) and len(x) == _CODE_LENGTH and x.isascii()
        return super().any2i(pkt, fourcc(x) if is_code else x)

    def i2repr(self, pkt: Packet | None, x: Any) -> str:  # noqa: ARG002, ANN401 - scapy's
        """Return the code as people write it."""
        return code_text(x) if isinstance(x, int) and x else "0"


class MemberField(IntField):
    """A member: its site id, or its address, of which the id is made."""

    def any2i(self, pkt: Packet | None, x: Any) -> Any:  # noqa: ANN401 - scapy's
        """Return the site id of a member that is given in either form; an address is remembered."""
        if isinstance(x, str):
            know(x)
        return super().any2i(pkt, site_id(x) if isinstance(x, str) else x)

    def i2repr(self, pkt: Packet | None, x: Any) -> str:  # noqa: ARG002, ANN401 - scapy's
        """Return the member as people write it."""
        return member_text(x) if isinstance(x, int) else str(x)


class OptionsField(XIntField):
    """A client's options; between members, the mark and round of those of boothlab's kind."""

    def i2repr(self, pkt: Packet | None, x: Any) -> str:  # noqa: ARG002, ANN401 - scapy's
        """Return the options as people read them."""
        return options_text(x) if isinstance(x, int) and x else "0"


def options_text(options: int) -> str:
    """Return what ``options`` say: ``round 7`` between members of ours, else a client's words."""
    number = announce.round_of(options)
    if number is not None:
        return f"round {number}"
    names = [str(each.name).lower() for each in Option if each and options & each]
    return ", ".join(names) or hex(options)


class TextField(StrFixedLenField):
    """A text with zeros behind it. Without an end, or not all zeros: the bytes as they are."""

    def m2i(self, pkt: Packet | None, x: bytes) -> bytes:  # noqa: ARG002 - scapy's
        """Return the text without its zeros, if they are all that follows."""
        text, end, rest = x.partition(b"\0")
        return text if end and not any(rest) else x

    def i2h(self, pkt: Packet | None, x: Any) -> Any:  # noqa: ARG002, ANN401 - scapy's
        """Return it as a string, where it is one."""
        try:
            return x.decode() if isinstance(x, bytes) else x
        except UnicodeDecodeError:
            return x

    def i2repr(self, pkt: Packet | None, x: Any) -> str:  # noqa: ANN401 - scapy's
        """Return it in quotes."""
        return repr(self.i2h(pkt, x))


class KeyField(Field[bytes | None, bytes | None]):
    """The key to sign with: known to the packet here, and never sent or shown."""

    def __init__(self, name: str) -> None:
        super().__init__(name, None)

    def addfield(self, pkt: Packet, s: bytes, val: bytes | None) -> bytes:  # noqa: ARG002 - scapy's
        """Add nothing to the packet."""
        return s

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, None]:  # noqa: ARG002 - scapy's
        """Take nothing from the packet."""
        return s, None

    def i2len(self, pkt: Packet, x: Any) -> int:  # noqa: ARG002, ANN401 - scapy's
        """Return its length in the packet."""
        return 0

    def i2repr(self, pkt: Packet | None, x: Any) -> str:  # noqa: ARG002, ANN401 - scapy's
        """Return whether there is one."""
        return "none" if x is None else "given"
