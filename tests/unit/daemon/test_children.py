"""Programs that the daemon runs."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from typing import TYPE_CHECKING

import pytest
from unit.daemon.inbox import run, script

from boothlab.daemon import process
from boothlab.daemon.children import Child, Children, Ended

if TYPE_CHECKING:
    from pathlib import Path


class Runner:
    """Runs programs and waits for their end."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.children = Children(self.loop)

    def start(self, *words: str, **options: object) -> tuple[Child, asyncio.Future[Ended]]:
        ended: asyncio.Future[Ended] = self.loop.create_future()
        return self.children.run(words, ended.set_result, **options), ended  # type: ignore[arg-type]

    async def run(self, *words: str, **options: object) -> Ended:
        return await self.start(*words, **options)[1]


def test_its_output_and_its_exit_code_are_told(tmp_path: Path) -> None:
    async def main() -> None:
        program = script(tmp_path / "p", 'echo "$1 $COLOUR"; echo no >&2; exit 3')
        ended = await Runner().run(program, "it is; echo", environment={"COLOUR": "red"})
        assert ended == Ended(3, "it is; echo red\n", "no\n")

    run(main())


def test_a_signal_counts_128_more() -> None:
    async def main() -> None:
        assert (await Runner().run("sh", "-c", "kill -TERM $$")).status == 128 + 15

    run(main())


def test_one_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    held = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)

    async def main() -> None:
        program = script(tmp_path / "p", f"sleep 1000 >{tmp_path}/fifo & wait")
        how = await Runner().run(program, limit_s=0.3)
        assert how == Ended(128 + signal.SIGKILL, killed="it took longer than 0.3 s")

    run(main())
    assert select.select([held], [], [], 5)[0], "something still holds the pipe"
    assert os.read(held, 1) == b""
    os.close(held)


def test_it_inherits_no_descriptors(tmp_path: Path) -> None:
    async def main() -> None:
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        process.keep_descriptors_from_children()
        ended = await Runner().run(script(tmp_path / "p", "ls /proc/self/fd"))
        os.close(reader)
        os.close(writer)

        assert str(writer) not in ended.output.split()

    run(main())


def test_it_is_over_although_what_it_started_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        child, ended = Runner().start(script(tmp_path / "p", "echo done; sleep 1000 &"))
        assert await ended == Ended(0, "done\n")
        os.killpg(child.pid, signal.SIGKILL)

    run(main())


def test_many_that_end_together_are_all_told() -> None:
    async def main() -> None:
        runner = Runner()
        ends = await asyncio.gather(*(runner.run("sh", "-c", f"exit {code}") for code in range(12)))
        assert [end.status for end in ends] == list(range(12))

    run(main())


def test_what_does_not_exist_cannot_be_run() -> None:
    async def main() -> None:
        with pytest.raises(FileNotFoundError):
            Runner().start("/nowhere/at-all")

    run(main())


def test_another_child_of_the_process_is_watched() -> None:
    pid = os.posix_spawnp("true", ["true"], os.environ)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        children = Children(loop)
        children.watch(pid, lambda: gone.set_result(None))
        children.reap()
        await gone

    run(main())
