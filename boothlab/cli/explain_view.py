"""A bring-up told as a walkthrough: headings, nodes, commands, output."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from textwrap import indent
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from boothlab.engine.steps import Record
    from boothlab.engine.transcript import Transcript

_MARGIN: Final = "   "


@dataclass(frozen=True)
class Section:
    """The records that stand under one heading."""

    title: str
    why: str
    records: tuple[Record, ...]

    @property
    def is_wait(self) -> bool:
        """Whether nothing was done but waiting."""
        return self.records[0].step.kind == "wait"


def sections(transcript: Transcript, *, waits: bool) -> tuple[Section, ...]:
    """Return the walkthrough's sections: one per title, in the order of their first steps."""
    kept = [
        record for record in transcript.records if waits or record.step.kind != "wait" or record.exit_code
    ]
    order = list(dict.fromkeys(record.step.title for record in kept))
    return tuple(
        Section(title, next((r.step.why for r in mine if r.step.why), ""), mine)
        for title in order
        for mine in [tuple(record for record in kept if record.step.title == title)]
    )


def _by_command(records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Yield each command with the records of the nodes that ran it and printed the same."""
    for (command, _), group in groupby(records, key=lambda record: (record.step.command, record.output)):
        yield command, list(group)


def _nodes(records: Sequence[Record]) -> str:
    return ", ".join(record.step.node for record in records)


def _failure(record: Record) -> str:
    return f"(failed with exit code {record.exit_code} after {record.seconds:.0f} s; the bring-up ended here)"


def _introduction(transcript: Transcript) -> str:
    state = "" if transcript.complete else ", which did not come to a good end"
    return (
        f"Lab {transcript.lab} on {transcript.distribution} nodes, provisioned {transcript.provision}, "
        f"as its bring-up of {transcript.started_at} ran{state} ({transcript.total_s:.0f} s)."
    )


def as_text(transcript: Transcript, *, waits: bool) -> RenderableType:
    """Return the walkthrough for a terminal; print it with ``soft_wrap``, so that commands can be copied."""
    parts: list[RenderableType] = [Text(_introduction(transcript), style="dim")]
    for number, section in enumerate(sections(transcript, waits=waits), start=1):
        own = " (the lab's own step, not the article's)" if section.records[0].step.kind == "lab" else ""
        parts.append(Text(f"\n{number}. {section.title}{own}", style="bold"))
        if section.why:
            parts.append(Text(indent(section.why, _MARGIN), style="dim"))
        for command, records in _by_command(section.records):
            prompt = Text(f"{_MARGIN}[{_nodes(records)}]# ", style="green")
            parts.append(prompt + Text(command, style="bold cyan"))
            if records[0].output:
                parts.append(Text(indent(records[0].output, _MARGIN)))
            if records[0].exit_code:
                parts.append(Text(indent(_failure(records[0]), _MARGIN), style="bold red"))
    return Group(*parts)


def as_markdown(transcript: Transcript, *, waits: bool) -> str:
    """Return the walkthrough as Markdown."""
    parts = [_introduction(transcript)]
    for number, section in enumerate(sections(transcript, waits=waits), start=1):
        own = " (the lab's own step)" if section.records[0].step.kind == "lab" else ""
        parts.append(f"## {number}. {section.title}{own}")
        if section.why:
            parts.append(section.why)
        for command, records in _by_command(section.records):
            failure = _failure(records[0]) if records[0].exit_code else ""
            shown = "\n".join(part for part in (f"# {command}", records[0].output, failure) if part)
            parts.append(f"On {_nodes(records)}:\n\n```console\n{shown}\n```")
    return "\n\n".join(parts) + "\n"
