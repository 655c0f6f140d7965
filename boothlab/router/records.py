"""Which faults there are: a file each in the router, so that whoever comes next finds them."""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Records:
    """The faults that are applied, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one process at a time change them; others wait."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def all(self) -> list[dict[str, Any]]:
        """Return them in the order in which they were applied."""
        found = [json.loads(path.read_text()) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda record: int(record["number"]))

    def add(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a fault; return it with the number and the ``id`` that it got."""
        number = max((int(record["number"]) for record in self.all()), default=0) + 1
        record = {**data, "number": number, "id": f"{data['kind']}-{number}"}
        fresh = self._folder / f"{record['id']}.new"
        fresh.write_text(json.dumps(record))
        fresh.replace(self._path(record["id"]))
        return record

    def remove(self, name: str) -> None:
        """Forget a fault; fine when it is forgotten already."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"
