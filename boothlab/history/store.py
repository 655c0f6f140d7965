"""Histories in files: JSON, a line a record, the header first and an end line last.

While it is written a file is called ``NAME.part``; it gets its name when it is whole. What a
crash leaves can be read: all whole lines count, and the history says that it is not finished.
"""

from __future__ import annotations

import json
import os
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Self

from boothlab.history.codec import from_data, to_data
from boothlab.history.errors import DataError, HistoryError
from boothlab.history.header import FORMAT_MAJOR, FORMAT_MINOR, Header
from boothlab.history.history import History
from boothlab.history.records import KINDS, Record

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

HEADER: Final = "history"
"""The ``kind`` of the first line."""
END: Final = "end"
"""The ``kind`` of the last line; ``records`` says how many there are."""
PART: Final = ".part"

_NAMES: Final = {kind: name for name, kind in KINDS.items()}


class Sync(Enum):
    """When what was written must be on the disk. A killed process loses nothing in either case."""

    AT_END = "at-end"
    """A machine that dies may lose the latest records."""
    EACH = "each"
    """Every record before ``append`` returns. Slow."""


class Writer:
    """Writes a history while it happens. As a context: finished at a good end, else left as it is.

    Not for several threads; the recorder sees to that.
    """

    def __init__(self, path: Path, header: Header, *, sync: Sync = Sync.AT_END) -> None:
        """Begin a file.

        Raises:
            FileExistsError: there is one of this name, or one that was not finished.
            OSError: it cannot be written.
        """
        if path.exists():
            raise FileExistsError(f"{path} exists: choose another name, or remove it")
        self._path, self._part, self._sync = path, _part(path), sync
        self._count = 0
        self._file = self._part.open("x", encoding="utf-8")
        self._write({"kind": HEADER, **to_data(header)})

    def append(self, record: Record) -> None:
        """Write a record. Its index must be the next one; the recorder gives it."""
        if record.index != self._count:
            raise ValueError(f"record {record.index} cannot follow {self._count - 1}")
        self._write({"kind": _NAMES[type(record)], **to_data(record)})
        self._count += 1

    def finish(self) -> None:
        """Write the end line and give the file its name, all at once or not at all."""
        self._write({"kind": END, "records": self._count})
        self._flush()
        self._file.close()
        self._part.rename(self._path)
        _sync_folder(self._path.parent)

    def close(self) -> None:
        """Leave the file as it is, unfinished."""
        self._file.close()

    def _write(self, data: dict[str, Any]) -> None:
        self._file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        if self._sync is Sync.EACH:
            self._flush()

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.close()


def _part(path: Path) -> Path:
    return path.with_name(path.name + PART)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, history: History) -> None:
    """Write a whole history.

    Raises:
        FileExistsError: there is one of this name.
    """
    with Writer(path, history.header) as writer:
        for record in history.records:
            writer.append(record)


def read(path: Path) -> History:
    """Read a history; where it was not finished, what there is of it.

    Raises:
        HistoryError: a line is not as the format wants it.
        FileNotFoundError: there is no such file, finished or not.
    """
    found = path if path.exists() else _part(path)
    return _Reading(str(found)).history(found.read_bytes())


class _Reading:
    """One file on its way to being a history."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._line = 1
        self._newer = False
        self._skipped = 0

    def history(self, content: bytes) -> History:
        *whole, rest = content.rstrip(b"\0").split(b"\n")  # zeros: what a machine that died left
        if not whole:
            raise self._error("the file is empty, or its first line was cut off: there is nothing to read")
        header = self._header(self._data(whole[0]))
        records: list[Record] = []
        for number, line in enumerate(whole[1:]):
            self._line = number + 2
            data = self._data(line)
            if data["kind"] == END:
                self._check_end(data, number, more=number + 2 < len(whole) or bool(rest))
                return History(header, tuple(records), remarks=self._remarks())
            records.extend(self._record(data, number))
        cut_off = [f"The last line was cut off after {len(rest)} bytes; it is left out."] if rest else []
        unfinished = f"The recording was not finished: {len(records)} records were saved."
        return History(
            header, tuple(records), finished=False, remarks=(unfinished, *cut_off, *self._remarks())
        )

    def _error(self, message: str) -> HistoryError:
        return HistoryError(self._path, self._line, message)

    def _data(self, line: bytes) -> dict[str, Any]:
        try:
            data = json.loads(line)
        except ValueError as error:
            raise self._error(f"this is not JSON: {error}") from None
        if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
            raise self._error('every line is an object with a text as "kind"')
        return data

    def _header(self, data: dict[str, Any]) -> Header:
        kind, version = data.pop("kind"), data.get("format")
        if kind != HEADER or not isinstance(version, dict):
            raise self._error(f'the first line of a history has "kind": "{HEADER}" and a "format"')
        if version.get("major") != FORMAT_MAJOR:
            raise self._error(
                f"the format is {version.get('major')}, this boothlab reads {FORMAT_MAJOR}: "
                "read it with the version that wrote it"
            )
        minor = version.get("minor")
        self._newer = isinstance(minor, int) and minor > FORMAT_MINOR
        header = self._parsed(Header, data)
        assert isinstance(header, Header)  # noqa: S101 - the class was asked for
        return header

    def _record(self, data: dict[str, Any], number: int) -> list[Record]:
        kind = KINDS.get(data.pop("kind"))
        if data.get("index") != number:
            raise self._error(
                f"the index must be {number}, not {data.get('index')}: a line is missing or moved"
            )
        if kind is None and self._newer:
            self._skipped += 1
            return []
        if kind is None:
            raise self._error(f"this kind of record is unknown; known are {', '.join(KINDS)}")
        return [self._parsed(kind, data)]

    def _parsed(self, kind: type[Any], data: dict[str, Any]) -> Any:  # noqa: ANN401 - of ``kind``
        try:
            return from_data(kind, data, skip_unknown=self._newer)
        except DataError as error:
            raise self._error(str(error)) from None

    def _check_end(self, data: dict[str, Any], count: int, *, more: bool) -> None:
        if data.get("records") != count:
            raise self._error(f"there should be {data.get('records')} records, and there are {count}")
        if more:
            raise self._error("nothing may stand behind the end line")

    def _remarks(self) -> tuple[str, ...]:
        if not self._newer:
            return ()
        told = (
            f"A newer boothlab wrote this: unknown fields and {self._skipped} unknown records are left out."
        )
        return (told,)
