"""Who may speak, and only once: the shared key, signatures, and what counts as fresh.

A key proves that a member or a client wrote a message; its stamp proves that it did so
lately. Stamps are the only defence against a message that is recorded and sent again: the
protocol has no challenge, and nothing in a message says for whom it is.
"""

from __future__ import annotations

import hmac
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from boothlab.core.clock import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Hashable

_TRAILER: Final = struct.Struct("!I20s4x")
HMAC_SIZE: Final = _TRAILER.size

_HASH_SHA1: Final = 2
_KEY_MIN: Final = 8
_KEY_MAX: Final = 64
_ASCII_END: Final = 0x80


class AuthError(ValueError):
    """A message is not signed with our key; it says what is wrong."""


class KeyFileError(ValueError):
    """A key file's content cannot serve as a key; it says why, and what to do."""


def usable_key(raw: bytes) -> bytes:
    """Return the key that a key file's content stands for.

    The first 64 bytes count. White space around a key of nothing but ASCII is dropped: it
    is a text, edited by hand.

    Raises:
        KeyFileError: less than 8 bytes are left; or the first is 0, where texts end: such a
            key does not mean the same to all programs.
    """
    key = raw[:_KEY_MAX]
    if all(byte < _ASCII_END for byte in key):
        key = key.strip()
    if len(key) < _KEY_MIN:
        raise KeyFileError(f"the key is too short ({len(key)} < {_KEY_MIN}): make one with booth-keygen")
    if key[0] == 0:
        raise KeyFileError(
            "the key begins with a zero byte, which not every program can use: make another one"
        )
    return key


def sign(data: bytes, key: bytes) -> bytes:
    """Return the trailer of 28 bytes that signs ``data``."""
    return _TRAILER.pack(_HASH_SHA1, _digest(data, key))


def verify(data: bytes, key: bytes, *, at: int | None = None) -> bytes:
    """Return the digest of a message, proven to be signed with this key.

    Args:
        data: The message.
        key: Ours.
        at: Where the trailer begins, for text replies; else it is the end of ``data``.

    Raises:
        AuthError: it is too short, its hash is not SHA-1, or its key is not ours.
    """
    start = len(data) - HMAC_SIZE if at is None else at
    if start < 0 or len(data) < start + HMAC_SIZE:
        raise AuthError("packet too short for a signature: is authfile set at the sender?")
    hash_id, digest = _TRAILER.unpack_from(data, start)
    if hash_id != _HASH_SHA1:
        raise AuthError(f"unsupported hash {hash_id}, or no signature: is authfile set at the sender?")
    if not hmac.compare_digest(digest, _digest(data[:start], key)):
        raise AuthError("signed with another key: give all members and clients the same key file")
    return bytes(digest)


def _digest(data: bytes, key: bytes) -> bytes:
    return hmac.digest(key, data, "sha1")


class Verdict(Enum):
    """What a stamp says about a message that is properly signed. The value is for the log."""

    ACCEPTED = "fresh"
    TOO_OLD = "packet timestamp older than maxtimeskew: compare the clocks"
    TOO_NEW = "packet timestamp further ahead than maxtimeskew: compare the clocks"
    REPEATED = "packet was received before"
    WENT_BACK = "packet timestamp older than previous one"


_FORGET_MAX: Final = 2
"""How much is forgotten at a time: more than one, so that a full memory empties again."""


class _Memory:
    """What was seen, for as long as its stamp could pass again; ``size`` things at most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: OrderedDict[Hashable, int] = OrderedDict()

    def __contains__(self, thing: Hashable) -> bool:
        return thing in self._seen

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, thing: Hashable, stamp_us: int, oldest_us: int) -> None:
        """Remember it, and forget what came first if there is too much or it is too old by now."""
        self._seen[thing] = stamp_us
        for _ in range(_FORGET_MAX):
            first_us = next(iter(self._seen.values()))
            if len(self._seen) <= self._size and first_us > oldest_us:
                return
            self._seen.popitem(last=False)


SENDER_MEMORY: Final = 65_536
"""Stamps remembered for each sender: ten minutes of a hundred messages a second."""
BACKWARD_US: Final = 1 * US_PER_S
"""How far stamps may go back at any time."""
QUIET_US: Final = 2 * US_PER_S
"""How long a sender must not have been heard before its clock may have been set back."""


@dataclass(slots=True)
class _Sender:
    highest_us: int
    heard_us: int
    seen: _Memory = field(default_factory=lambda: _Memory(SENDER_MEMORY))


class Stamps:
    """Which datagrams are fresh, for each sender.

    A stamp is accepted when all of this holds:

    - It is not older than ``max_skew``, not even the first one after a start. Stamps ahead
      of our clock pass, however far: ClusterLabs booth accepts them too, and whose clock is
      wrong cannot be told.
    - It was not accepted before. Every message is signed anew, a resent one as well, so an
      equal stamp is a copy. A sender's stamps are remembered for ``max_skew``, the latest
      65536 of them.
    - It is less than a second behind the highest of this sender. It need not be higher: C
      takes the seconds from the wall clock and the microseconds from another one, so its
      stamps go back by up to a second; and datagrams overtake each other.
    - Or it is further behind, but the sender has not been heard for two seconds: then its
      clock was set back, and from here on its stamps are compared with the new ones. So a
      step of its clock, or a stamp from the future, silences a sender for two seconds and
      not for the length of the step; and while it is heard, an older stamp is a replay.

    What can still be replayed, in a pause of two seconds and within ``max_skew``, is what a
    sender sent to others only: it is unseen here and signed like anything else.

    Ask only about members whose signature was verified: each has a memory here.
    """

    def __init__(self, max_skew_s: int) -> None:
        self._max_skew_us = max_skew_s * US_PER_S
        self._senders: dict[Hashable, _Sender] = {}

    def accept(self, sender_key: Hashable, stamp_us: int, now_wall_us: int) -> Verdict:
        """Return whether a datagram is fresh, and remember it if it is.

        Args:
            sender_key: The member that signed it.
            stamp_us: Its stamp, microseconds since the epoch.
            now_wall_us: Our wall clock, microseconds since the epoch.
        """
        sender = self._senders.get(sender_key)
        verdict = self._judge(sender, stamp_us, now_wall_us)
        if verdict is Verdict.ACCEPTED:
            self._note(sender_key, sender, stamp_us, now_wall_us)
        return verdict

    def _judge(self, sender: _Sender | None, stamp_us: int, now_us: int) -> Verdict:
        if stamp_us <= now_us - self._max_skew_us:
            return Verdict.TOO_OLD
        if sender is None:
            return Verdict.ACCEPTED
        if stamp_us in sender.seen:
            return Verdict.REPEATED
        if _went_back(sender, stamp_us) and not _was_quiet(sender, now_us):
            return Verdict.WENT_BACK
        return Verdict.ACCEPTED

    def _note(self, key: Hashable, sender: _Sender | None, stamp_us: int, now_us: int) -> None:
        if sender is None:
            sender = self._senders[key] = _Sender(stamp_us, now_us)
        if stamp_us > sender.highest_us or _went_back(sender, stamp_us):
            sender.highest_us = stamp_us
        sender.heard_us = now_us
        sender.seen.add(stamp_us, stamp_us, now_us - self._max_skew_us)


def _went_back(sender: _Sender, stamp_us: int) -> bool:
    return stamp_us <= sender.highest_us - BACKWARD_US


def _was_quiet(sender: _Sender, now_us: int) -> bool:
    # Our own clock may have been set, too: a difference in either direction ends the wait.
    return abs(now_us - sender.heard_us) >= QUIET_US


REQUEST_MEMORY: Final = 16_384
"""Requests remembered: twenty minutes of thirteen a second."""


class ReplayCache:
    """Which requests of clients are fresh, so that a recorded grant is not carried out again.

    Clients share a key and a site id, and their clocks are their own: a stamp is compared
    with ours alone. It must be within ``max_skew`` of it, in either direction, or a recorded one
    could wait there for its time.
    What changes something is carried out once; the latest 16384 are remembered. Reads may
    repeat: they tell nothing to who could record the first answer.
    """

    def __init__(self, max_skew_s: int) -> None:
        self._max_skew_us = max_skew_s * US_PER_S
        self._seen = _Memory(REQUEST_MEMORY)

    def accept(self, digest: bytes, stamp_us: int, now_wall_us: int, *, once: bool) -> Verdict:
        """Return whether a request is fresh, and remember it if it may be carried out only once.

        Args:
            digest: What ``verify`` returned for it.
            stamp_us: Its stamp, microseconds since the epoch.
            now_wall_us: Our wall clock, microseconds since the epoch.
            once: Whether it changes anything: grant, revoke, attributes set and deleted.
        """
        if stamp_us <= now_wall_us - self._max_skew_us:
            return Verdict.TOO_OLD
        if stamp_us >= now_wall_us + self._max_skew_us:
            return Verdict.TOO_NEW
        if once and digest in self._seen:
            return Verdict.REPEATED
        if once:
            self._seen.add(digest, stamp_us, now_wall_us - self._max_skew_us)
        return Verdict.ACCEPTED
