"""boothlab's programs as one file each, packed for nodes: its own Booth, and the router's.

    python -m boothlab.engine.pyz dist/boothd.pyz

The same sources give the same bytes. Programs are packed by their paths and never
imported here: they run in nodes, not in the engine.
"""

from __future__ import annotations

import importlib.util
import io
import marshal
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boothlab

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERPRETER: Final = "/usr/bin/env python3"
"""For a file that is carried about by hand; a node's is the one of its distribution."""

_BOOTH: Final = ("daemon", "core")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PROGRAM_MODE: Final = 0o755
_UNCHECKED: Final = (0b01).to_bytes(4, "little") + bytes(8)
"""Flags and hash of a .pyc that is to be taken without a look at its source."""


@cache
def pack(interpreter: str = INTERPRETER, parts: tuple[str, ...] = _BOOTH) -> bytes:
    """Return the zipapp, to be run by this interpreter; the line takes one option at most.

    ``parts`` are subpackages of boothlab; the first one's ``main.main`` is what it runs.
    """
    buffer = io.BytesIO()
    buffer.write(f"#!{interpreter}\n".encode())
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in _sources(parts):
            _add(archive, f"{name}c", _compiled(name, source))
            _add(archive, name, source)
    return buffer.getvalue()


def _sources(parts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield the modules by their names in the archive, sorted."""
    package = Path(boothlab.__file__).parent
    paths = [package / "__init__.py", *(path for part in parts for path in (package / part).rglob("*.py"))]
    yield "__main__.py", f"from boothlab.{parts[0]}.main import main\n\nmain()\n".encode()
    for path in sorted(paths):
        yield f"boothlab/{path.relative_to(package).as_posix()}", path.read_bytes()


def _compiled(name: str, source: bytes) -> bytes:
    """Return a module compiled for this version of Python; another version takes the source.

    An archive is never written to, so without this every start would compile everything.
    """
    code = compile(source, name, "exec", dont_inherit=True)
    # Version 2 has no references, whose number depends on what this process did before.
    return importlib.util.MAGIC_NUMBER + _UNCHECKED + marshal.dumps(code, 2)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def main() -> None:
    """Write the zipapp to the path that is given."""
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack())
    path.chmod(_PROGRAM_MODE)


if __name__ == "__main__":
    main()
