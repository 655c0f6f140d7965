"""The one alarm, on a clock that does not stop."""

from __future__ import annotations

import asyncio

from unit.daemon.inbox import run

from boothlab.daemon import clock
from boothlab.daemon.alarm import Alarm


async def rings_at(*moments_ms: int | None) -> int:
    """Set an alarm to one moment after the other; return when it rang."""
    loop = asyncio.get_running_loop()
    rang: asyncio.Future[int] = loop.create_future()
    alarm = Alarm(loop, lambda: rang.set_result(clock.mono_ms()))
    for moment_ms in moments_ms:
        alarm.set(moment_ms)
    try:
        return await rang
    finally:
        alarm.close()


def test_it_rings_when_the_moment_has_come_and_not_before() -> None:
    async def main() -> None:
        moment_ms = clock.mono_ms() + 30
        assert await rings_at(moment_ms) >= moment_ms

    run(main())


def test_a_moment_in_the_past_rings_at_once() -> None:
    async def main() -> None:
        await rings_at(0)

    run(main())


def test_only_the_last_moment_counts() -> None:
    async def main() -> None:
        start_ms = clock.mono_ms()
        assert await rings_at(start_ms + 5, start_ms + 60) >= start_ms + 60
        assert await rings_at(start_ms + 100_000, None, start_ms + 70) >= start_ms + 70

    run(main())


def test_it_can_be_set_while_it_rings() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        twice: asyncio.Future[None] = loop.create_future()
        rings = []

        def ring() -> None:
            rings.append(clock.mono_ms())
            if len(rings) == 2:
                twice.set_result(None)
            else:
                alarm.set(rings[0] + 10)

        alarm = Alarm(loop, ring)
        alarm.set(clock.mono_ms())
        await twice
        alarm.close()

        assert rings[1] >= rings[0] + 10

    run(main())
