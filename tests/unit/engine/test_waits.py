"""Waiting: what comes back, what counts as "not yet", what a timeout says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.waits import WaitTimeoutError, wait_until
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL_S = 0.001


def answers(*given: object) -> Callable[[], object]:
    """Return a look that answers one thing after the other, the last one for ever; errors are raised."""
    left = list(given)

    def look() -> object:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


def wait(*given: object, limit_s: float = 5, good: Callable[[object], bool] = bool) -> object:
    return wait_until(answers(*given), good, what="quorum", limit_s=limit_s, interval_s=INTERVAL_S)


def test_it_returns_the_first_good_state() -> None:
    assert wait(None, "", "A", "B") == "A"


def test_the_caller_says_what_is_good() -> None:
    assert wait(1, 2, 3, good=lambda state: state == 3) == 3


def test_a_false_state_can_be_good() -> None:
    assert wait(["left"], [], good=lambda state: not state) == []


def test_a_boothlab_error_counts_as_not_yet() -> None:
    assert wait(BoothlabError("node does not answer"), "online") == "online"


def test_any_other_error_is_a_defect_and_passes_through_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        wait(ZeroDivisionError(), "never looked at")


def test_a_timeout_says_what_for_how_long_and_what_was_seen_last() -> None:
    with pytest.raises(WaitTimeoutError, match=r"quorum: still not so after 0\.05 s; last seen: 0") as caught:
        wait(False, 0, limit_s=0.05)

    assert caught.value.seen == 0


def test_a_timeout_says_which_error_was_seen_last() -> None:
    with pytest.raises(WaitTimeoutError, match="last seen: no CIB") as caught:
        wait("", BoothlabError("no CIB"), limit_s=0.05)

    assert isinstance(caught.value.seen, BoothlabError)


def test_the_deadline_is_kept_even_when_the_interval_is_longer() -> None:
    began = time.monotonic()
    with pytest.raises(WaitTimeoutError):
        wait_until(lambda: False, what="never", limit_s=0.1, interval_s=60)

    assert 0.1 <= time.monotonic() - began < 5


def test_the_last_look_is_at_the_deadline() -> None:
    began = time.monotonic()

    assert wait_until(lambda: time.monotonic() - began >= 0.1, what="late", limit_s=0.1, interval_s=60)


def test_it_looks_once_even_without_time() -> None:
    assert wait("there already", limit_s=0) == "there already"
