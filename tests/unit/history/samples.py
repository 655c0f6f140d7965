"""Records of every kind, drawn at random."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, get_type_hints

from hypothesis import strategies as st

from boothlab.core.config.model import Mode, Prerequisite, Role
from boothlab.history.base import Event
from boothlab.history.header import Header, Member, Observer, Ticket
from boothlab.history.history import History
from boothlab.history.records import KINDS

if TYPE_CHECKING:
    from boothlab.history.records import Record

TEXTS = st.text(max_size=12)
TIMES = st.integers(0, 10**15)

HEADER = Header(
    testbed="simulation",
    topology="three",
    members=(
        Member("A", Role.SITE, "10.0.0.1", "python", "0.1", ("a1", "a2")),
        Member("C", Role.ARBITRATOR, "10.0.0.3", "clusterlabs"),
    ),
    tickets=(Ticket("t", 2_000, mode=Mode.MANUAL, prerequisites=(Prerequisite(Mode.AUTO, "a", True, "b"),)),),
    clock="virtual",
    started_ns=0,
    started_utc="2026-01-01T00:00:00Z",
    observers=(Observer("cib@A", 100), Observer("log@A")),
    seed=7,
    versions={"boothlab": "0.1"},
)


def _drawn(kind: type[Record]) -> st.SearchStrategy[Record]:
    hints = get_type_hints(kind)
    parts: dict[str, Any] = {
        each.name: _strategy(hints[each.name]) for each in fields(kind) if not each.name.endswith("_ns")
    }
    times = {name: TIMES for name in hints if name.endswith("_ns") and name != "expires_ns"}
    return st.builds(kind, **parts, **times).map(_ordered)


def _strategy(hint: object) -> st.SearchStrategy[Any]:
    return TEXTS if hint is str else st.from_type(hint)  # type: ignore[arg-type]


def _ordered(record: Record) -> Record:
    if isinstance(record, Event) or record.began_ns <= record.ended_ns:
        return record
    return replace(record, began_ns=record.ended_ns, ended_ns=record.began_ns)


records = st.one_of([_drawn(kind) for kind in KINDS.values()])
histories = st.lists(records, max_size=8).map(
    lambda drawn: History(HEADER, tuple(replace(each, index=at) for at, each in enumerate(drawn)))
)
