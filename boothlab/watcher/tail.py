"""Following a file that grows, is emptied, replaced, or not there yet."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES: Final = 1 << 16


class Position(NamedTuple):
    """Behind which line of a file somebody stands.

    The line itself tells whether it is still the same file: inodes change when a container
    is started anew.
    """

    offset: int = 0
    size: int = 0
    """Bytes of the line, its end included."""
    sum: int = 0
    """Its CRC-32."""


class Tail:
    """Whole lines of a file, each once, from its present end on, or from where somebody stopped."""

    def __init__(self, path: str, since: Position | None = None) -> None:
        """Begin at a position; None: at the end of what is there now."""
        self._path = Path(path)
        self._inode, size = self._now()
        if since is None:
            since = Position(size)
        elif not self._is_at(since, size):
            since = Position()
        self.position = since

    def _now(self) -> tuple[int, int]:
        """Return inode and size; zeros when there is no file."""
        with suppress(OSError):
            status = self._path.stat()
            return status.st_ino, status.st_size
        return 0, 0

    def _is_at(self, position: Position, size: int) -> bool:
        if size < position.offset:
            return False
        with suppress(OSError), self._path.open("rb") as file:
            file.seek(position.offset - position.size)
            return zlib.crc32(file.read(position.size)) == position.sum
        return False

    def lines(self) -> Iterator[str]:
        """Yield the whole lines that are new; ``position`` is behind the one that was yielded."""
        inode, size = self._now()
        if inode != self._inode or size < self.position.offset:  # another file, or emptied
            self._inode, self.position = inode, Position()
        if size == self.position.offset:
            return
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self.position.offset)
            rest = b""
            while chunk := file.read(_CHUNK_BYTES):
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    size, checksum = len(line) + 1, zlib.crc32(line + b"\n")
                    self.position = Position(self.position.offset + size, size, checksum)
                    yield line.decode(errors="replace")
