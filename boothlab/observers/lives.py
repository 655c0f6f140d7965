"""Who is expected to go: so that a daemon that dies by itself is told from one that was killed."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass
class _Expectation:
    members: frozenset[str]
    by: str
    began_ns: int
    ended_ns: int | None = None


class Lives:
    """What is done to members' daemons on purpose, and by whom. For any number of threads."""

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._lock = Lock()
        self._expected: list[_Expectation] = []

    @contextmanager
    def expected(self, members: Iterable[str], by: str) -> Iterator[None]:
        """While open, what becomes of these members' daemons is ``by``'s doing.

        That may be seen later; what counts is when it may have happened.
        """
        mine = _Expectation(frozenset(members), by, self._now_ns())
        with self._lock:
            self._expected.append(mine)
        try:
            yield
        finally:
            mine.ended_ns = self._now_ns()

    def blame(self, member: str, began_ns: int, ended_ns: int) -> tuple[str, int]:
        """Return who did what became of a member's daemon in an interval, and not before when.

        When there are several, it is the one who began last; empty: nobody.
        """
        with self._lock:
            found = [
                each
                for each in self._expected
                if member in each.members
                and each.began_ns <= ended_ns
                and (each.ended_ns is None or began_ns <= each.ended_ns)
            ]
        return (found[-1].by, max(began_ns, found[-1].began_ns)) if found else ("", began_ns)
