"""How members of ours know each other, in a field that ClusterLabs booth leaves 0 and ignores.

Between members ``options`` of the header is unused. Ours put a mark there, and a number in
its lower half: the round of a heartbeat or vote request, which the answer repeats. So an
old answer is never taken for a new one, and a peer is known to keep its lease to the
millisecond: it revokes by the end it announced, never later.
"""

from __future__ import annotations

from typing import Final

_MARK: Final = 0xB0070000
_MARK_BITS: Final = 0xFFFF0000
ROUND_BITS: Final = 0x0000FFFF


def options(round_number: int) -> int:
    """Return the header's ``options`` for a message of ours in this round."""
    return _MARK | (round_number & ROUND_BITS)


def is_ours(message_options: int) -> bool:
    """Return whether the sender of these ``options`` is a member of our kind."""
    return message_options & _MARK_BITS == _MARK


def round_of(message_options: int) -> int | None:
    """Return the round that a message of our kind belongs to; None from any other."""
    return message_options & ROUND_BITS if is_ours(message_options) else None
