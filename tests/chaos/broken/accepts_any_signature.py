"""Takes every signature for a good one."""

from __future__ import annotations

from boothlab.core import auth


def patch() -> None:
    """Do not compare digests."""
    auth.verify = _verify


def _verify(data: bytes, key: bytes, *, at: int | None = None) -> bytes:  # noqa: ARG001 - that is it
    return data[-auth.HMAC_SIZE :]
