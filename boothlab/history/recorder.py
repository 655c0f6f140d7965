"""The recorder: gives every record its index and its time, by one clock for the whole run."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from boothlab.history.base import UNSET, Event
from boothlab.history.errors import RecordError
from boothlab.history.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.history.header import Header
    from boothlab.history.records import Record

R = TypeVar("R", bound="Record")


class Sink(Protocol):
    """Where records go besides memory: a store's ``Writer``."""

    def append(self, record: Record) -> None:
        """Keep a record."""


class Recorder:
    """Takes records from any number of threads.

    What is recorded must be measured by the same clock: take the time with ``now_ns``
    before you ask, and leave the end of the interval to the recorder.
    """

    def __init__(self, header: Header, clock: Callable[[], int], sink: Sink | None = None) -> None:
        """Record into memory, and into a sink where there is one.

        Args:
            header: What the history is about.
            clock: Tells the time in nanoseconds; never goes back.
            sink: Gets every record in the order of their indexes.
        """
        self._header = header
        self._clock = clock
        self._sink = sink
        self._lock = Lock()
        self._records: list[Record] = []

    def now_ns(self) -> int:
        """Return the time by the run's clock."""
        return self._clock()

    def add(self, record: R) -> R:
        """Record something; return it with its index, and with its time where it had none.

        Raises:
            RecordError: it lies in the future, or its end before its begin: its times are not from
                this clock.
        """
        with self._lock:
            now_ns = self._clock()
            done = replace(_timed(record, now_ns), index=len(self._records))
            _check(done, self._header.started_ns, now_ns)
            if self._sink:
                self._sink.append(done)
            self._records.append(done)
        return done

    def history(self) -> History:
        """Return what has been recorded so far."""
        with self._lock:
            return History(self._header, tuple(self._records))


def _timed(record: R, now_ns: int) -> R:
    if record.ended_ns != UNSET:
        return record
    field = "at_ns" if isinstance(record, Event) else "ended_ns"
    missing: dict[str, Any] = {field: now_ns}
    return replace(record, **missing)


def _check(record: Record, started_ns: int, now_ns: int) -> None:
    times = f"{type(record).__name__} from {record.began_ns} to {record.ended_ns}"
    if record.began_ns > record.ended_ns:
        raise RecordError(f"{times} ends before it begins")
    if record.ended_ns > now_ns:
        raise RecordError(f"{times} lies in the future, it is {now_ns} now: take times with now_ns()")
    if record.began_ns < started_ns:
        raise RecordError(f"{times} lies before the start at {started_ns}: take times with now_ns()")
