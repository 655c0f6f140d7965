"""What observers saw, put together: who is leader where, where a ticket is granted, what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from boothlab.history.observations import (
    BoothView,
    CibView,
    CibWrite,
    Missed,
    ResourceChange,
    ResourceView,
    Watched,
    Why,
)
from boothlab.report.rows import row_of
from boothlab.report.shapes import Bar, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from boothlab.history.history import History
    from boothlab.history.records import Record
    from boothlab.report.shapes import Row

_WATCHED: Final = {
    RowKind.BOOTH: Watched.BOOTH,
    RowKind.CIB: Watched.CIB,
    RowKind.RESOURCE: Watched.RESOURCES,
}


class _Looks(NamedTuple):
    tone: str
    """Empty where there is nothing to draw."""
    label: str = ""
    site: str = ""


_NOTHING: Final = _Looks("")
_Change = CibWrite | ResourceChange


def bars(history: History, rows: Sequence[Row]) -> Iterator[Bar]:
    """Yield what was seen in each row.

    What was seen equal twice in a row is taken to have been so in between. A change lasts
    until the next one, and tells more than a view that was taken while it came about. Where an
    observer saw nothing, there is a gap.
    """
    sequences = {row.id: _Sequence(row, history.ended_ns) for row in rows if row.kind in _WATCHED}
    changes: dict[str, list[_Change]] = {}
    for each in history.records:
        if isinstance(each, _Change):
            changes.setdefault(row_of(each), []).append(each)
    for record in sorted(history.records, key=lambda each: (each.ended_ns, each.index)):
        if isinstance(record, Missed):
            for sequence in sequences.values():
                yield from sequence.miss(record) if sequence.is_about(record) else ()
        elif (row := sequences.get(row_of(record))) is not None and not _is_blur(record, changes):
            yield from row.take(record)
    for sequence in sequences.values():
        yield from sequence.finish()


def _is_blur(record: Record, changes: Mapping[str, Iterable[_Change]]) -> bool:
    """Return whether a record is a view that was taken while a change came about."""
    return isinstance(record, CibView | ResourceView) and any(
        each.began_ns <= record.ended_ns and record.began_ns <= each.ended_ns
        for each in changes.get(row_of(record), ())
    )


class _Sequence:
    """The bars of one row, one after the other."""

    def __init__(self, row: Row, ended_ns: int) -> None:
        self._row = row
        self._history_ended_ns = ended_ns
        self._nodes: frozenset[str] = frozenset()
        self._looks = _NOTHING
        self._began_ns = 0
        self._ended_ns = 0
        self._records: tuple[int, int] = (0, 0)
        self._told = False
        """Whether the latest was a change: then it is so until the next one."""

    def is_about(self, record: Missed) -> bool:
        watched = record.at == self._row.member and record.what is _WATCHED[self._row.kind]
        return watched and record.about in ("", self._row.id.rpartition("/")[2])

    def take(self, record: Any) -> Iterator[Bar]:  # noqa: ANN401 - an observation of this row
        looks = self._read(record)
        told = isinstance(record, _Change)
        if looks != self._looks:
            yield from self._end(record.began_ns if told or self._told else None)
            self._looks, self._began_ns, self._records = looks, record.began_ns, (record.index, record.index)
        self._ended_ns = record.ended_ns
        self._records = (self._records[0], record.index)
        self._told = told

    def miss(self, record: Missed) -> Iterator[Bar]:
        if not self._told:
            yield from self._end(None)
        elif record.why is Why.DOWN or (record.about and not self._elsewhere(record.node)):
            yield from self._end(record.began_ns)

    def _elsewhere(self, node: str) -> bool:
        """Return whether it runs on another node than the one that nobody can tell of any more."""
        self._nodes -= {node}
        return bool(node and self._nodes)

    def finish(self) -> Iterator[Bar]:
        yield from self._end(self._history_ended_ns if self._told else None)

    def _end(self, ended_ns: int | None) -> Iterator[Bar]:
        """Yield the bar that ends; at its latest record where nothing better is known."""
        looks, self._looks, self._told = self._looks, _NOTHING, False
        if looks.tone:
            ended_ns = max(self._ended_ns, ended_ns or 0)
            records = tuple(dict.fromkeys(self._records))
            yield Bar(
                self._row.id, self._began_ns, ended_ns, looks.tone, looks.label, records, site=looks.site
            )

    def _read(self, record: Record) -> _Looks:
        match record:
            case BoothView():
                return _leader(record)
            case CibView() | CibWrite():
                return _Looks("granted", "granted", record.site) if record.granted else _NOTHING
            case ResourceView():
                self._nodes = frozenset(record.nodes)
            case ResourceChange(running=True):
                self._nodes |= {record.node}
            case ResourceChange():
                self._nodes -= {record.node}
            case _:
                return _NOTHING
        where = ", ".join(sorted(self._nodes))
        return _Looks("runs", where, record.site) if where else _NOTHING


def _leader(view: BoothView) -> _Looks:
    if view.leader is None:
        return _Looks("nobody", "nobody")
    term = "" if view.term is None else f" term {view.term}"
    return _Looks("pending" if view.pending else "leader", f"{view.leader}{term}", view.leader)
