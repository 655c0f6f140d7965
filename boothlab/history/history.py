"""A whole history, as checkers and reports read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from boothlab.history.calls import Call, Calls, pair
from boothlab.history.records import Operation, Record

if TYPE_CHECKING:
    from boothlab.history.header import Header

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class History:
    """What took part, and all records by index."""

    header: Header
    records: tuple[Record, ...]
    finished: bool = True
    """Whether the recording came to its end; False after a crash."""
    remarks: tuple[str, ...] = ()
    """What a reader had to leave out, a sentence each."""

    @cached_property
    def ended_ns(self) -> int:
        """Return the time of the latest record; that of the start when there is none."""
        return max((each.ended_ns for each in self.records), default=self.header.started_ns)

    @cached_property
    def _by_class(self) -> dict[type[Record], list[Record]]:
        found: dict[type[Record], list[Record]] = {}
        for each in self.records:
            found.setdefault(type(each), []).append(each)
        return found

    @cached_property
    def _by_index(self) -> dict[int, Record]:
        return {each.index: each for each in self.records}

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return all records of a class, in their order."""
        return tuple(self._by_class.get(kind, ()))  # type: ignore[arg-type]

    def record(self, index: int) -> Record:
        """Return the record with this index.

        Raises:
            KeyError: there is none.
        """
        return self._by_index[index]

    @cached_property
    def paired(self) -> Calls:
        """Return the operations from begin to end, and what does not fit together."""
        return pair(self.of(Operation))

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the operations from begin to end."""
        return self.paired.calls
