"""The one door to the member, and its hands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from unit.daemon.inbox import run

from boothlab.core import effects
from boothlab.core.effects import Answer, Send
from boothlab.core.events import ClientGone, Datagram, SendFailed, Woken
from boothlab.daemon import clock
from boothlab.daemon.alarm import Alarm
from boothlab.daemon.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.core.clock import Now
    from boothlab.core.effects import Effect
    from boothlab.core.events import Event
    from boothlab.core.member import Member


class Scripted:
    """Answers each event as it was told to."""

    def __init__(self, answers: dict[type[Event], list[Effect]]) -> None:
        self.answers = answers
        self.events: list[Event] = []
        self.times_ms: list[int] = []
        self.deadline_ms: int | None = None
        self.on_event: Callable[[], None] = lambda: None

    def step(self, now: Now, event: Event) -> list[Effect]:
        self.events.append(event)
        self.times_ms.append(now.mono_ms)
        self.on_event()
        return self.answers.get(type(event), [])


def hands(done: list[Effect]) -> dict[type[Effect], Callable[..., None]]:
    return dict.fromkeys(cast("Any", effects.Effect).__args__, done.append)


def test_effects_are_carried_out_in_order_and_what_comes_of_them_waits() -> None:
    async def main() -> None:
        member = Scripted(
            {Datagram: [Send(1, b"a"), Answer(2, b"b")], SendFailed: [Answer(3, b"c")]},
        )
        shell = Shell(cast("Member", member))
        done: list[Effect] = []
        with_failing_send = hands(done) | {Send: lambda effect: shell.post(SendFailed(effect.to))}
        shell.equip(with_failing_send, Alarm(asyncio.get_running_loop(), shell.wake))
        shell.post(Datagram(b"", "here"))

        assert member.events == [Datagram(b"", "here"), SendFailed(1)]
        assert done == [Answer(2, b"b"), Answer(3, b"c")]

    run(main())


def test_the_member_is_woken_at_its_deadline_and_left_alone_otherwise() -> None:
    async def main() -> None:
        woken = asyncio.Event()
        member = Scripted({})
        member.deadline_ms = clock.mono_ms() + 40

        def note() -> None:
            if isinstance(member.events[-1], Woken):
                member.deadline_ms = None
                woken.set()

        member.on_event = note
        shell = Shell(cast("Member", member))
        shell.equip(hands([]), Alarm(asyncio.get_running_loop(), shell.wake))
        deadline_ms = member.deadline_ms
        shell.post(ClientGone(1))
        await woken.wait()

        assert member.events == [ClientGone(1), Woken()]
        assert member.times_ms[1] >= deadline_ms

    run(main())


def test_no_effect_is_without_a_hand() -> None:
    async def main() -> None:
        shell = Shell(cast("Member", Scripted({})))
        incomplete = hands([])
        del incomplete[effects.Remember]
        with pytest.raises(ValueError, match="nobody carries out Remember"):
            shell.equip(incomplete, Alarm(asyncio.get_running_loop(), shell.wake))

    run(main())
