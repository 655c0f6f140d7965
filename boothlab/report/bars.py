"""What has a begin and an end of its own: faults, operations, downtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Edge, Fault, Life, Process
from boothlab.report.rows import booth_row
from boothlab.report.shapes import Bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boothlab.history.history import History

_DOWN: Final = {Life.STOPPED, Life.KILLED, Life.DIED, Life.PAUSED}


def of_faults(history: History) -> Iterator[Bar]:
    """Yield the faults, from when they were applied until they were undone."""
    open_faults: dict[str, Fault] = {}
    for record in history.of(Fault):
        if record.edge is Edge.END:
            begun = open_faults.pop(record.id, None)
            yield from [] if begun is None else [_fault(begun, record.ended_ns, record.index)]
        elif record.instant or record.failed:
            yield _fault(record, record.ended_ns, record.index)
        else:
            open_faults[record.id] = record
    for record in open_faults.values():
        yield _fault(record, history.ended_ns, record.index)


def _fault(begun: Fault, ended_ns: int, last: int) -> Bar:
    words = begun.text or " ".join((begun.name, *begun.targets))
    tone = "failed" if begun.failed else "fault"
    return Bar("faults", begun.began_ns, ended_ns, tone, words, tuple(dict.fromkeys((begun.index, last))))


def of_calls(history: History) -> Iterator[Bar]:
    """Yield what clients asked for, until they learned how it ended."""
    for call in history.calls:
        asked = call.asked
        words = " ".join(filter(None, (asked.verb.value, asked.ticket, asked.site and f"at {asked.site}")))
        ended_ns = history.ended_ns if call.ended_ns is None else call.ended_ns
        yield Bar("clients", call.began_ns, ended_ns, call.outcome.value, words, call.evidence)


def of_processes(history: History) -> Iterator[Bar]:
    """Yield when a member's daemon did not run, in all of its rows of Booth."""
    tickets = [each.name for each in history.header.tickets]
    down: dict[str, Process] = {}
    for record in history.of(Process):
        begun = down.pop(record.member, None)
        if begun is not None:
            yield from _downtime(begun, record.began_ns, record.index, tickets)
        if record.life in _DOWN:
            down[record.member] = record
    for record in down.values():
        yield from _downtime(record, history.ended_ns, record.index, tickets)


def _downtime(begun: Process, ended_ns: int, last: int, tickets: Iterable[str]) -> Iterator[Bar]:
    tone = "paused" if begun.life is Life.PAUSED else "down"
    records = tuple(dict.fromkeys((begun.index, last)))
    for ticket in tickets:
        row = booth_row(begun.member, ticket)
        yield Bar(row, begun.ended_ns, max(ended_ns, begun.ended_ns), tone, begun.life.value, records)
