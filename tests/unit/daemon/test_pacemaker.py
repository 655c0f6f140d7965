"""What a member asks of Pacemaker, with a crm_ticket that is a script."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from unit.daemon.inbox import Inbox, Lines, run, script

from boothlab.core.effects import CancelWrite, LoadCib, SetAttribute, WriteCib
from boothlab.core.events import CibLoaded, CibTicket, CibWritten
from boothlab.daemon import clock, pacemaker
from boothlab.daemon.children import Children
from boothlab.daemon.pacemaker import Pacemaker

STAND_IN = Path(__file__).parents[3] / "lab/images/standalone/crm_ticket"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that comes first on PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "cib").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("BOOTHLAB_CIB", str(tmp_path / "cib"))
    monkeypatch.setenv("BOOTHLAB_CIB_LOG", str(tmp_path / "log"))
    return tmp_path


def tool(folder: Path, text: str) -> None:
    script(folder / "bin/crm_ticket", text)


def stand_in(folder: Path) -> None:
    (folder / "bin/crm_ticket").symlink_to(STAND_IN)


class Site:
    """A site's Pacemaker and what comes of it."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.log = Lines()
        loop = asyncio.get_running_loop()
        self.pacemaker = Pacemaker(
            loop, Children(loop), self.inbox.post, instance="booth", log=self.log.log()
        )


def grant(number: int, ticket: str = "T", *, left_ms: int = 60_000) -> WriteCib:
    deadline_ms = clock.mono_ms() + left_ms
    return WriteCib(number, ticket, granted=True, owner=11, expires_s=22, term=3, deadline_ms=deadline_ms)


def revoke(number: int, ticket: str = "T") -> WriteCib:
    return WriteCib(number, ticket, granted=False, owner=-1, expires_s=22, term=3)


def test_what_was_written_is_read_again(folder: Path) -> None:
    stand_in(folder)

    async def main() -> None:
        site = Site()
        site.pacemaker.load(LoadCib(1, "T"))
        assert await site.inbox.next() == CibLoaded(1, "T", None)
        site.pacemaker.write(grant(2))
        assert await site.inbox.next() == CibWritten(2, "T")
        site.pacemaker.set_attribute(SetAttribute("T", "colour", "it's; `red`"))
        site.pacemaker.load(LoadCib(3, "T"))
        state = CibTicket(granted=True, owner=11, expires_s=22, term=3, attributes={"colour": "it's; `red`"})
        assert await site.inbox.next() == CibLoaded(3, "T", state)
        site.pacemaker.write(revoke(4))
        site.pacemaker.set_attribute(SetAttribute("T", "colour", None))
        await site.inbox.next()
        await site.pacemaker.idle()
        site.pacemaker.load(LoadCib(5, "T"))
        assert await site.inbox.next() == CibLoaded(
            5, "T", CibTicket(granted=False, owner=-1, expires_s=22, term=3)
        )

    run(main())


def test_a_tool_that_offers_xml_is_asked_for_it_and_one_that_does_not_is_asked_once(folder: Path) -> None:
    stand_in(folder)

    async def main() -> None:
        site = Site()
        for number in range(3):
            site.pacemaker.load(LoadCib(number, "T"))
            await site.inbox.next()
        calls = [json.loads(line)["argv"] for line in (folder / "log").read_text().splitlines()]
        assert calls == [["--output-as=xml", "-t", "T", "-q"], *[["-t", "T", "-q"]] * 3]

    run(main())


@pytest.mark.parametrize("code", [6, 105])
def test_a_ticket_that_pacemaker_does_not_have_is_no_error(folder: Path, code: int) -> None:
    tool(folder, f"exit {code}")

    async def main() -> None:
        site = Site()
        site.pacemaker.load(LoadCib(1, "T"))
        assert await site.inbox.next() == CibLoaded(1, "T", None, "")

    run(main())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("echo gone >&2; exit 102", "exit code 102 (gone)"),
        ("echo no ticket here", "crm_ticket xml output is not XML"),
        ("kill -9 $$", "exit code 137"),
    ],
)
def test_one_that_cannot_be_read_is_an_error_with_its_reason(folder: Path, text: str, error: str) -> None:
    tool(folder, text)

    async def main() -> None:
        site = Site()
        site.pacemaker.load(LoadCib(1, "T"))
        answer = await site.inbox.next()
        assert isinstance(answer, CibLoaded)
        assert answer.state is None
        assert error in answer.error

    run(main())


def test_a_missing_tool_is_told_for_each_call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder / "bin"))

    async def main() -> None:
        site = Site()
        site.pacemaker.write(grant(1))
        site.pacemaker.load(LoadCib(2, "U"))
        for number in (1, 2):
            answer = await site.inbox.next()
            assert isinstance(answer, CibWritten | CibLoaded)
            assert answer.request == number
            assert "No such file" in answer.error

    run(main())


def test_a_thousand_tickets_are_read_a_few_at_a_time(folder: Path) -> None:
    tool(folder, f"echo x >>{folder}/n; exit 105")

    async def main() -> None:
        site = Site()
        for number in range(200):
            site.pacemaker.load(LoadCib(number, f"T{number}"))
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        most = 0
        for _ in range(200):
            most = max(most, len(children.read_text().split()))  # noqa: ASYNC240 - no disk
            await site.inbox.next()
        assert 2 <= most <= pacemaker.PARALLEL

    run(main())


def test_revokes_go_before_all_that_waits(folder: Path) -> None:
    tool(folder, f'case "$2" in B*) until [ -e {folder}/gate.$2 ]; do sleep 0.01; done;; esac')

    async def main() -> None:
        site = Site()
        for number in range(pacemaker.PARALLEL):
            site.pacemaker.write(grant(number, f"B{number}"))
        for number in range(10, 14):
            site.pacemaker.write(grant(number, f"G{number}"))
        site.pacemaker.write(revoke(20, "R"))

        (folder / "gate.B0").touch()  # from here on one runs at a time, beside those that hang
        order = [event.request for event in [await site.inbox.next() for _ in range(6)]]  # type: ignore[union-attr]
        for number in range(1, pacemaker.PARALLEL):
            (folder / f"gate.B{number}").touch()

        assert order == [0, 20, 10, 11, 12, 13]
        await site.pacemaker.idle()

    run(main())


def test_grants_do_not_wait_until_it_is_noted_who_holds_other_tickets(folder: Path) -> None:
    tool(folder, f'case "$2" in B*) until [ -e {folder}/gate.$2 ]; do sleep 0.01; done;; esac')

    async def main() -> None:
        site = Site()
        site.pacemaker.write(revoke(1, "theirs"))
        await site.inbox.next()
        for number in range(10, 10 + pacemaker.PARALLEL):
            site.pacemaker.write(grant(number, f"B{number}"))
        site.pacemaker.write(revoke(20, "theirs"))
        site.pacemaker.write(grant(21, "ours"))

        (folder / "gate.B10").touch()  # from here on one runs at a time, beside those that hang
        order = [event.request for event in [await site.inbox.next() for _ in range(3)]]  # type: ignore[union-attr]
        for number in range(11, 10 + pacemaker.PARALLEL):
            (folder / f"gate.B{number}").touch()

        assert order == [10, 21, 20]
        await site.pacemaker.idle()

    run(main())


def test_two_writes_for_one_ticket_follow_each_other(folder: Path) -> None:
    tool(folder, f"echo begin >>{folder}/n; sleep 0.02; echo end >>{folder}/n")

    async def main() -> None:
        site = Site()
        for number in range(3):
            site.pacemaker.set_attribute(SetAttribute("T", f"a{number}", "x"))
        await site.pacemaker.idle()
        assert (folder / "n").read_text().split() == ["begin", "end"] * 3

    run(main())


def test_a_grant_that_outlasts_its_lease_is_killed_and_failed(folder: Path) -> None:
    tool(folder, "sleep 1000")

    async def main() -> None:
        site = Site()
        site.pacemaker.write(grant(1, left_ms=50))
        answer = await site.inbox.next()
        assert isinstance(answer, CibWritten)
        assert "killed, its lease ended first" in answer.error

    run(main())


def test_a_grant_whose_turn_comes_after_its_lease_is_never_started(folder: Path) -> None:
    tool(folder, f"echo $2 >>{folder}/n; sleep 0.3")

    async def main() -> None:
        site = Site()
        for number in range(pacemaker.PARALLEL):
            site.pacemaker.write(revoke(number, f"R{number}"))
        site.pacemaker.write(grant(9, "late", left_ms=50))
        answer = await site.inbox.next()
        assert isinstance(answer, CibWritten)
        assert (answer.request, "its lease ended first" in answer.error) == (9, True)
        await site.pacemaker.idle()
        assert "late" not in (folder / "n").read_text()

    run(main())


def test_a_cancelled_write_is_killed_and_still_answered(folder: Path) -> None:
    tool(folder, "sleep 1000")

    async def main() -> None:
        site = Site()
        site.pacemaker.write(grant(1))
        site.pacemaker.cancel(CancelWrite(1, "T"))
        site.pacemaker.cancel(CancelWrite(77, "T"))
        answer = await site.inbox.next()
        assert isinstance(answer, CibWritten)
        assert (answer.request, "not wanted" in answer.error) == (1, True)

    run(main())


def test_an_attribute_is_tried_three_times(folder: Path) -> None:
    tool(folder, f"echo x >>{folder}/n; exit 1")

    async def main() -> None:
        site = Site()
        site.pacemaker.set_attribute(SetAttribute("T", "a", "b"))
        await site.pacemaker.idle()
        assert (folder / "n").read_text() == "x\n" * 3
        assert len(site.log.lines) == 3

    run(main())
