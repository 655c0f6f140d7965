"""What happens at a moment: messages, elections, lines of logs, starts and ends of daemons, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.observations import HandlerRun
from boothlab.history.records import Fate, LogLine, Origin, Packet, Process
from boothlab.history.records import Mark as Remark
from boothlab.report.rows import REMARKS, booth_row
from boothlab.report.shapes import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.history.history import History
    from boothlab.history.records import Record

_ELECTION: Final = {"RVot", "VtFr"}
_REFUSAL: Final = {"RJC!"}
_REVOKE: Final = {"Revk"}
_SEVERE: Final = {"error", "err", "crit", "alert", "emerg", "warning", "warn"}


def of(history: History) -> Iterator[Mark]:
    """Yield a history's marks, in its order."""
    header = history.header
    tickets = [each.name for each in header.tickets]
    members = {node: each.name for each in header.members for node in (*each.nodes, each.name)}
    for record in history.records:
        if isinstance(record, LogLine):
            yield from _line(record, members.get(record.source, record.source), tickets)
        else:
            yield from _of_record(record, tickets)


def _of_record(record: Record, tickets: list[str]) -> Iterator[Mark]:
    match record:
        case Packet():
            yield from _packet(record, tickets)
        case Process():
            for ticket in tickets:
                row, words = booth_row(record.member, ticket), f"{record.member} {record.life.value}"
                yield Mark(row, record.ended_ns, record.life.value, words, record.index)
        case HandlerRun():
            kind = "handler-failed" if record.status else "handler"
            words = f"handler at {record.site}: exit {record.status}"
            yield Mark(booth_row(record.site, record.ticket), record.ended_ns, kind, words, record.index)
        case Remark():
            yield Mark(REMARKS.id, record.at_ns, "remark", record.text or record.name, record.index)
        case _:
            return


def _line(line: LogLine, member: str, tickets: list[str]) -> Iterator[Mark]:
    """Yield a line of a log, at the member on whose node it was written."""
    kind = "state" if line.state else "warning" if line.level in _SEVERE else "log"
    for ticket in [line.ticket] if line.ticket else tickets[:1]:
        yield Mark(booth_row(member, ticket), line.at_ns, kind, line.text, line.index)


def _packet(packet: Packet, tickets: list[str]) -> Iterator[Mark]:
    ticket = packet.ticket if packet.ticket in tickets else next(iter(tickets), "")
    sender, receiver = booth_row(packet.sender, ticket), booth_row(packet.receiver, ticket)
    row = receiver if packet.origin is not Origin.MEMBER or not packet.sender else sender
    yield Mark(row, packet.at_ns, _kind(packet), packet_text(packet), packet.index, to_row=receiver)


def _kind(packet: Packet) -> str:
    if packet.origin is not Origin.MEMBER:
        return "forged" if packet.origin is Origin.FORGED else "replayed"
    if packet.fate is Fate.DROPPED:
        return "lost"
    if packet.command in _ELECTION:
        return "election"
    if packet.command in _REFUSAL:
        return "refusal"
    return "revoke" if packet.command in _REVOKE else "message"


def packet_text(packet: Packet) -> str:
    """Return a message in one line: ``HrtB A to B: ticketA leader A term 3 valid 599``."""
    head = f"{packet.command or 'unreadable'} {packet.sender or packet.source or '?'} to {packet.receiver}"
    about = [f"of {packet.request}" if packet.request else "", packet.ticket]
    about += [f"leader {packet.leader}" if packet.leader else ""]
    about += [f"{name} {value}" for name, value in _numbers(packet) if value is not None]
    about += [packet.reason, packet.result]
    return f"{head}: {' '.join(filter(None, about))}" if any(about) else head


def _numbers(packet: Packet) -> tuple[tuple[str, int | None], ...]:
    return ("term", packet.term), ("valid", packet.valid)
