"""What the program says: objects of JSON, one a line, as soon as they are known."""

from __future__ import annotations

import json
import os
import sys
import time
from threading import Lock
from typing import Any

now_ns = time.monotonic_ns
"""The clock of everything that is told."""


class Output:
    """Standard output, for any number of threads."""

    def __init__(self) -> None:
        self._lock = Lock()

    def tell(self, kind: str, **what: Any) -> None:  # noqa: ANN401 - whatever JSON takes
        """Write one line; nobody to read it is the end of the program."""
        line = json.dumps({"kind": kind, **what}, separators=(",", ":"))
        with self._lock:
            try:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
            except OSError:
                os._exit(1)
