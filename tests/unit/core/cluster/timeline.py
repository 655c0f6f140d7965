"""True time, in whole microseconds, and what is to happen when."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MS = 1_000
"""Microseconds."""


class Timeline:
    """A queue of actions. Nothing else moves the time."""

    def __init__(self) -> None:
        self.now_us = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, moment_us: int, action: Callable[[], None]) -> None:
        """Let something happen at a moment, or now when it has gone by."""
        self._count += 1
        heapq.heappush(self._due, (max(moment_us, self.now_us), self._count, action))

    def after(self, delay_us: int, action: Callable[[], None]) -> None:
        """Let something happen after a delay."""
        self.at(self.now_us + delay_us, action)

    @property
    def next_us(self) -> int | None:
        """Return when the next action is due."""
        return self._due[0][0] if self._due else None

    def act(self) -> None:
        """Take the next action, and the time with it."""
        self.now_us, _, action = heapq.heappop(self._due)
        action()
