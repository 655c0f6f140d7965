"""Faults of packets: somebody sends what no member sent, in a member's name or in nobody's.

``from`` are the members in whose names it is sent, or whose packets are sent again; ``to``
are those who get it. Left out, they mean every member.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from boothlab.nemesis.fault import DirectedFault, Fault, require, require_choice, require_positive
from boothlab.nemesis.network import MESSAGES, UDP

MEMBER: Final = "member"
FOREIGN: Final = "foreign"
ADDRESSES: Final = (MEMBER, FOREIGN)
"""From where it says it comes: the member's own address, or one that nobody has."""

WRONG: Final = ("key", "signature", "hash", "cut", "sender", "ticket")
"""What is wrong with a forged packet.

key: it is signed with another key. signature: it has none. hash: its signature says that it
is of a kind that does not exist. cut: its signature lacks the end. sender: a number that is
no member's. ticket: one that nobody has configured. The last two are signed with the
members' key, if they have one.
"""

FORGED_TERM_MIN: Final = 1_000
"""A forged term must be so high that no election explains it."""

GARBAGE: Final = "garbage"
MESSAGE: Final = "message"
CONNECTIONS: Final = "connections"
FLOODS: Final = (GARBAGE, MESSAGE, CONNECTIONS)
"""Of what there is a flood: bytes without a meaning, status questions with a wrong signature, or
connections over TCP that are kept open and say half a header."""

SIGNED_BYTES: Final = 152
"""The length of a signed message between members."""
MOST_PER_S: Final = 5_000
MOST_TIMES: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class PacketFault(DirectedFault):
    """Packets that no member sent."""


@dataclass(frozen=True, kw_only=True)
class AddressedFault(PacketFault):
    """Datagrams, whose source address can be chosen."""

    address: str = MEMBER
    """One of ``ADDRESSES``."""

    def __post_init__(self) -> None:
        """Check the address."""
        require_choice(self, "address", self.address, ADDRESSES)


@dataclass(frozen=True, kw_only=True)
class Forge(AddressedFault):
    """A message with something wrong is sent ``count`` times, ``every_ms``."""

    kind = "forge"
    does = "messages are sent that no member made"
    message: str
    """One of ``MESSAGES``."""
    wrong: str = "key"
    """One of ``WRONG``."""
    term: int = 1_000_000
    """The term that it tells."""
    count: int = 10
    every_ms: int = 100

    def __post_init__(self) -> None:
        """Check the message, what is wrong with it, and the numbers."""
        super().__post_init__()
        require_choice(self, "message", self.message, MESSAGES)
        require_choice(self, "wrong", self.wrong, WRONG)
        require_positive(self, every_ms=self.every_ms)
        require_times(self, "count", self.count)
        good = FORGED_TERM_MIN <= self.term < 2**31
        require(good, f"forge: term must be {FORGED_TERM_MIN} or more, below 2^31, not {self.term}")


@dataclass(frozen=True, kw_only=True)
class CopyFault(AddressedFault):
    """Members' packets are sent again to those who got them."""

    only: str = UDP
    """``udp``: every message between members; or one of ``MESSAGES``."""

    def __post_init__(self) -> None:
        """Check which."""
        super().__post_init__()
        require_choice(self, "only", self.only, (UDP, *MESSAGES))


@dataclass(frozen=True, kw_only=True)
class Replay(CopyFault):
    """Every packet is sent again ``after_ms`` later, ``times`` times, ``every_ms``."""

    kind = "replay"
    does = "packets are recorded and sent again later"
    after_ms: int
    times: int = 1
    every_ms: int = 1000

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        require_positive(self, after_ms=self.after_ms, every_ms=self.every_ms)
        require_times(self, "times", self.times)


@dataclass(frozen=True, kw_only=True)
class Truncate(CopyFault):
    """Every packet is sent again at once, but of that only the first ``bytes``."""

    kind = "truncate"
    does = "packets arrive once more, cut off"
    size: int = field(metadata={"key": "bytes"})

    def __post_init__(self) -> None:
        """Check the length."""
        super().__post_init__()
        good = 0 < self.size < SIGNED_BYTES
        require(good, f"truncate: bytes must be from 1 to {SIGNED_BYTES - 1}, not {self.size}")


@dataclass(frozen=True, kw_only=True)
class Flood(PacketFault):
    """So many packets, or connections, a second that mean nothing."""

    kind = "flood"
    does = "a member gets more than it can use"
    what: str = GARBAGE
    """One of ``FLOODS``."""
    per_s: int = 100

    def __post_init__(self) -> None:
        """Check what and how many."""
        require_choice(self, "what", self.what, FLOODS)
        good = 0 < self.per_s <= MOST_PER_S
        require(good, f"flood: per_s must be from 1 to {MOST_PER_S}, not {self.per_s}")


def require_times(fault: Fault, name: str, value: int) -> None:
    """Check how often something is sent.

    Raises:
        FaultError: never, or too often.
    """
    good = 0 < value <= MOST_TIMES
    require(good, f"{fault.kind}: {name} must be from 1 to {MOST_TIMES}, not {value}")


PACKET_FAULTS: Final[tuple[type[PacketFault], ...]] = (Forge, Replay, Truncate, Flood)
"""All of them."""
