"""before-acquire-handlers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from unit.daemon.inbox import Inbox, run, script

from boothlab.core.config.model import Config, MemberConfig, Role, TicketConfig
from boothlab.core.effects import CancelHandler, RunHandler
from boothlab.core.events import HandlerEnded
from boothlab.daemon.children import Children
from boothlab.daemon.handlers import Handlers

if TYPE_CHECKING:
    from pathlib import Path

ME = MemberConfig("192.0.2.1", Role.SITE)


class Site:
    """A site with one ticket and its handler."""

    def __init__(self, *words: str) -> None:
        self.inbox = Inbox()
        tickets = (TicketConfig("T", handler=words), TicketConfig("bare"))
        config = Config("west", "/etc/booth/west.conf", (ME,), tickets)
        loop = asyncio.get_running_loop()
        self.handlers = Handlers(loop, Children(loop), self.inbox.post, config, ME)

    async def run(self, ticket: str = "T") -> HandlerEnded:
        self.handlers.run(RunHandler(5, ticket, 1_700_000_000))
        ended = await self.inbox.next()
        assert isinstance(ended, HandlerEnded)
        return ended


def test_it_knows_the_ticket_and_where_it_runs(tmp_path: Path) -> None:
    program = script(tmp_path / "h", f'env | grep ^BOOTH_ | sort >{tmp_path}/out; echo "$*" >>{tmp_path}/out')

    async def main() -> None:
        assert await Site(program, "a", "$(b)").run() == HandlerEnded(5, "T", 0)

    run(main())
    assert (tmp_path / "out").read_text().splitlines() == [
        "BOOTH_CONF_NAME=west",
        "BOOTH_CONF_PATH=/etc/booth/west.conf",
        "BOOTH_LOCAL=192.0.2.1",
        "BOOTH_TICKET=T",
        "BOOTH_TICKET_EXPIRES=1700000000",
        "a $(b)",
    ]


@pytest.mark.parametrize(("text", "status"), [("exit 0", 0), ("exit 17", 17), ("kill -9 $$", 137)])
def test_its_exit_code_or_signal_is_the_answer(tmp_path: Path, text: str, status: int) -> None:
    program = script(tmp_path / "h", text)

    async def main() -> None:
        assert await Site(program).run() == HandlerEnded(5, "T", status)

    run(main())


def test_one_that_is_not_there_says_no_with_the_reason() -> None:
    async def main() -> None:
        ended = await Site("/nowhere/at-all").run()
        assert ended.status == 1
        assert "No such file" in ended.error

    run(main())


def test_one_that_cannot_be_run_says_no_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "h").write_text("no program")

    async def main() -> None:
        ended = await Site(str(tmp_path / "h")).run()
        assert (ended.status, "Permission denied" in ended.error) == (1, True)

    run(main())


def test_it_is_looked_at_each_time_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "h"

    async def main() -> None:
        site = Site(str(path))
        assert (await site.run()).status == 1
        script(path, "exit 0")
        assert (await site.run()).status == 0
        path.unlink()
        path.mkdir()
        script(path / "only", "exit 4")
        assert (await site.run()).status == 4

    run(main())


def test_a_directorys_programs_run_in_order_until_one_says_no(tmp_path: Path) -> None:
    folder = tmp_path / "handlers"
    folder.mkdir()
    for name, code in (("10-first", 0), (".hidden", 9), ("20-second", 3), ("30-third", 0)):
        script(folder / name, f'echo "{name} $0 $1" >>{tmp_path}/out; exit {code}')

    async def main() -> None:
        assert await Site(str(folder), "word").run() == HandlerEnded(5, "T", 3)

    run(main())
    ran = [line.split() for line in (tmp_path / "out").read_text().splitlines()]
    assert [(name, word) for name, _, word in ran] == [("10-first", "word"), ("20-second", "word")]


def test_an_empty_directory_has_nothing_against_it(tmp_path: Path) -> None:
    async def main() -> None:
        assert await Site(str(tmp_path)).run() == HandlerEnded(5, "T", 0)

    run(main())


def test_a_cancelled_one_is_ended_with_all_it_started_and_still_answered(tmp_path: Path) -> None:
    folder = tmp_path / "handlers"
    folder.mkdir()
    script(folder / "1", f"touch {tmp_path}/runs; sleep 1000 & wait")
    script(folder / "2", f"touch {tmp_path}/second")

    async def main() -> None:
        site = Site(str(folder))
        site.handlers.run(RunHandler(5, "T", 0))
        site.handlers.cancel(CancelHandler(5, "T"))
        site.handlers.cancel(CancelHandler(6, "T"))
        assert await site.inbox.next() == HandlerEnded(5, "T", 128 + 15)

    run(main())
    assert not (tmp_path / "second").exists()


def test_a_ticket_without_a_handler_is_not_granted_by_accident() -> None:
    async def main() -> None:
        assert (await Site().run("bare")).status != 0

    run(main())
