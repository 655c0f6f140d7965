"""The shell around ``Member``: every event goes in by one door, every effect is carried out in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from boothlab.core import effects
from boothlab.core.events import Woken
from boothlab.daemon import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boothlab.core.effects import Effect
    from boothlab.core.events import Event
    from boothlab.core.member import Member
    from boothlab.daemon.alarm import Alarm


class Shell:
    """Steps the member and carries out what it asks for.

    An event that comes up while effects are carried out (a datagram that the kernel refused,
    say) waits until that is done.

    Args:
        member: the state machine.
    """

    def __init__(self, member: Member) -> None:
        self._member = member
        self._events: deque[Event] = deque()
        self._hands: Mapping[type[Effect], Callable[..., None]] = {}
        self._alarm: Alarm | None = None
        self._busy = False

    def equip(self, hands: Mapping[type[Effect], Callable[..., None]], alarm: Alarm) -> None:
        """Say who carries out which effect, and what wakes the member."""
        missing = {each.__name__ for each in effects.Effect.__args__} - {each.__name__ for each in hands}
        if missing:
            raise ValueError(f"nobody carries out {', '.join(sorted(missing))}")
        self._hands = hands
        self._alarm = alarm

    def post(self, event: Event) -> None:
        """Let something happen to the member, now or after what is happening."""
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                self._step(self._events.popleft())
        finally:
            self._busy = False
        if self._alarm is not None:
            self._alarm.set(self._member.deadline_ms)

    def wake(self) -> None:
        """Tell the member that its deadline came."""
        self.post(Woken())

    def _step(self, event: Event) -> None:
        for effect in self._member.step(clock.now(), event):
            self._hands[type(effect)](effect)
