"""The walkthrough as it is told: headings, nodes, commands, what was printed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from boothlab.cli.explain_view import as_markdown, as_text, sections
from boothlab.engine import transcript
from boothlab.engine.steps import Kind, Record, Step
from boothlab.engine.transcript import Phase, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    Boothlab = Callable[..., tuple[int, str, str]]

SETUP = "pcs cluster setup clusterA clusterA-1 addr=192.168.101.101 clusterA-2 addr=192.168.101.102"
LONG_LINE = "clusterA-1: " + "Successfully destroyed cluster; " * 10


def record(
    node: str, command: str, title: str, printed: str = "", kind: Kind = "article", why: str = ""
) -> Record:
    return Record(Step(f"{title} {node}", node, command, title, kind=kind, why=why), printed, 0, 1.0, 0.5)


KEPT = Transcript(
    lab="mine",
    distribution="debian12",
    provision="pcs",
    started_at="2026-11-22T10:00:00Z",
    phases=(Phase(name="provision", began_s=2.0, seconds=40.4),),
    records=(
        record("a-1", "passwd", "Set the password", why="pcs logs in with it."),
        record("a-2", "passwd", "Set the password"),
        record("b-1", "passwd", "Set the password", "weak [bold]one[/bold]"),
        record("a-1", SETUP, "Set up a cluster", LONG_LINE),
        record("a-1", "install seed", "Shorten the election", kind="lab"),
        record("a-1", "crm_mon", "Wait for quorum", "quorate", kind="wait"),
        record("b-1", "pcs cluster setup clusterB", "Set up a cluster", "done"),
    ),
    complete=True,
)


def text(kept: Transcript = KEPT, *, waits: bool = False) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    console.print(as_text(kept, waits=waits), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


class TestSections:
    def test_there_is_one_per_title_in_the_order_of_their_first_steps(self) -> None:
        assert [section.title for section in sections(KEPT, waits=True)] == [
            "Set the password",
            "Set up a cluster",
            "Shorten the election",
            "Wait for quorum",
        ]

    def test_waiting_is_left_out_unless_it_is_asked_for(self) -> None:
        assert not [section for section in sections(KEPT, waits=False) if section.is_wait]
        assert [section.title for section in sections(KEPT, waits=True) if section.is_wait] == [
            "Wait for quorum"
        ]

    def test_a_wait_that_failed_is_told_unasked(self) -> None:
        waiting = record("a-1", "crm_mon", "Wait for quorum", "no DC", kind="wait")
        failed = KEPT.model_copy(update={"records": (replace(waiting, exit_code=1),), "complete": False})

        assert [section.title for section in sections(failed, waits=False)] == ["Wait for quorum"]

    def test_a_reason_given_by_any_of_its_steps_is_told_once(self) -> None:
        assert [line.strip() for line in text()].count("pcs logs in with it.") == 1


class TestText:
    def test_a_command_of_several_nodes_that_printed_the_same_is_told_once(self) -> None:
        lines = text()

        assert "   [a-1, a-2]# passwd" in lines
        assert lines[lines.index("   [b-1]# passwd") + 1] == "   weak [bold]one[/bold]"

    def test_commands_and_their_output_are_not_broken_so_that_they_can_be_copied(self) -> None:
        lines = text()

        assert f"   [a-1]# {SETUP}" in lines
        assert f"   {LONG_LINE}".rstrip() in [line.rstrip() for line in lines]

    def test_headings_are_numbered_and_the_labs_own_steps_are_marked(self) -> None:
        assert [line for line in text() if line[:1].isdigit()] == [
            "1. Set the password",
            "2. Set up a cluster",
            "3. Shorten the election (the lab's own step, not the article's)",
        ]

    def test_it_begins_with_what_was_built_when_and_how_long_it_took(self) -> None:
        assert text()[0] == (
            "Lab mine on debian12 nodes, provisioned pcs, as its bring-up of 2026-11-22T10:00:00Z ran (42 s)."
        )

    def test_a_bringup_that_failed_is_said_to_have_failed(self) -> None:
        assert "did not come to a good end" in text(KEPT.model_copy(update={"complete": False}))[0]


class TestMarkdown:
    def test_each_section_has_its_heading_reason_nodes_and_console_block(self) -> None:
        told = as_markdown(KEPT, waits=False)

        assert (
            "## 1. Set the password\n\npcs logs in with it.\n\n"
            "On a-1, a-2:\n\n```console\n# passwd\n```\n\n"
            "On b-1:\n\n```console\n# passwd\nweak [bold]one[/bold]\n```\n"
        ) in told
        assert told.count("```") % 2 == 0
        assert told.endswith("```\n")


class TestVerb:
    @pytest.fixture(autouse=True)
    def kept(self, nowhere: object) -> None:  # noqa: ARG002 - its folder takes the transcript
        transcript.save(KEPT)

    def test_the_named_labs_last_bringup_needs_no_engine(self, boothlab: Boothlab) -> None:
        code, out, err = boothlab("explain", "--lab", "mine")

        assert (code, err) == (0, "")
        assert out.splitlines() == text()

    def test_markdown_is_printed_as_it_is(self, boothlab: Boothlab) -> None:
        assert boothlab("explain", "--lab", "mine", "--markdown", "--waits")[1].rstrip("\n") == as_markdown(
            KEPT, waits=True
        ).rstrip("\n")

    def test_json_has_everything(self, boothlab: Boothlab) -> None:
        _, out, _ = boothlab("explain", "--lab", "mine", "--json")

        assert Transcript.model_validate(json.loads(out)) == KEPT
