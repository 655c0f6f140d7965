"""Why a client leaves without what it was asked for."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
NO_SUCH_SITE: Final = 2


class ClientError(Exception):
    """A sentence for the user, and the exit code."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


class ReplyError(ClientError):
    """What came back is no answer to the question."""


class UnverifiedError(ReplyError):
    """The reply was not signed with our key."""

    def __init__(self, address: str, result: int) -> None:
        super().__init__(f"{address}: failed to authenticate")
        self.result = result
        """The result that it claims; nothing but a text may depend on it."""


class LateError(ClientError):
    """The time that a client waits for an answer is over."""
