"""A file of small records by name that outlives this process, but never the machine's boot.

One writer at a time; readers need no lock, a record that is half written is told by its
checksum. A record is written by one call and not forced to the disk: the kernel keeps it
when the process dies, and when the kernel dies too, its clock starts anew and the file is
void anyway.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_HEAD: Final = struct.Struct("<8s36sI")
_NAME_SIZE: Final = 64
_CHECKSUM: Final = struct.Struct("<I")
_MODE: Final = 0o600


class RecordFile:
    """Records of numbers by name, all of one layout.

    Args:
        path: made when it is missing; emptied when it is not of this kind and this boot.
        kind: up to eight bytes that tell what the records are.
        layout: the numbers, as ``struct`` writes them, without byte order.

    Raises:
        OSError: it cannot be opened or made.
    """

    def __init__(self, path: str, kind: bytes, layout: str, *, boot: str | None = None) -> None:
        self._values = struct.Struct(f"<{_NAME_SIZE}s{layout}")
        self._size = self._values.size + _CHECKSUM.size
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
        self._slots: dict[str, int] = {}
        self._free_slot = 0
        head = _HEAD.pack(kind, (boot or _BOOT_ID.read_text().strip()).encode(), self._size)
        if os.pread(self._fd, _HEAD.size, 0) != head:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, head, 0)
        self.read()

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._fd

    def read(self) -> Mapping[str, tuple[int, ...]]:
        """Return all whole records."""
        data = self._all()[_HEAD.size :]
        found: dict[str, tuple[int, ...]] = {}
        for slot, start in enumerate(range(0, len(data) - self._size + 1, self._size)):
            self._free_slot = max(self._free_slot, slot + 1)
            record = data[start : start + self._values.size]
            (checksum,) = _CHECKSUM.unpack_from(data, start + self._values.size)
            if checksum != zlib.crc32(record):
                continue
            name, *values = self._values.unpack(record)
            text = name.rstrip(b"\0").decode()
            self._slots[text] = slot
            found[text] = tuple(values)
        return found

    def write(self, name: str, *values: int) -> None:
        """Store a record in place of the one with this name."""
        slot = self._slots.setdefault(name, self._free_slot)
        self._free_slot = max(self._free_slot, slot + 1)
        record = self._values.pack(name.encode(), *values)
        data = record + _CHECKSUM.pack(zlib.crc32(record))
        os.pwrite(self._fd, data, _HEAD.size + slot * self._size)

    def close(self) -> None:
        """Close it; what it holds stays."""
        os.close(self._fd)

    def _all(self) -> bytes:
        return os.pread(self._fd, os.fstat(self._fd).st_size, 0)
