"""Waiting for conditions, with deadlines and an account of what was seen last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

import tenacity

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

INTERVAL_S: Final = 0.2
"""Seconds between two looks."""


class WaitTimeoutError(BoothlabError):
    """A condition did not come true in time.

    ``seen`` is what the last look returned, or the exception it raised.
    """

    def __init__(self, what: str, limit_s: float, seen: object) -> None:
        super().__init__(f"{what}: still not so after {limit_s:g} s; last seen: {seen}")
        self.seen = seen


def wait_until(
    look: Callable[[], T],
    good: Callable[[T], bool] = bool,
    *,
    what: str,
    limit_s: float,
    interval_s: float = INTERVAL_S,
) -> T:
    """Look again and again until what is seen is good; return it.

    Args:
        look: returns the present state; a BoothlabError it raises counts as "not yet".
        good: judges it; the default takes anything true.
        what: the condition in words, for the error.
        limit_s: seconds until it must be so.
        interval_s: seconds between two looks.

    Raises:
        WaitTimeoutError: it was not so in time.
    """
    seen: list[object] = [None]

    def attempt() -> T:
        try:
            state = look()
        except BoothlabError as error:
            seen[0] = error
            raise
        seen[0] = state
        if not good(state):
            raise tenacity.TryAgain
        return state

    def pause_s(state: tenacity.RetryCallState) -> float:
        # The last look is at the deadline, however long the interval.
        return min(interval_s, max(0.0, limit_s - (state.seconds_since_start or 0.0)))

    retrying = tenacity.Retrying(
        wait=pause_s,
        stop=tenacity.stop_after_delay(limit_s),
        retry=tenacity.retry_if_exception_type((BoothlabError, tenacity.TryAgain)),
        sleep=time.sleep,
    )
    try:
        return retrying(attempt)
    except tenacity.RetryError as error:
        raise WaitTimeoutError(what, limit_s, seen[0]) from error
