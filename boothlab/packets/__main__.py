"""``python -m boothlab.packets CAPTURE [KEY-FILE]``: a capture's conversation as JSON.

A process of its own: scapy's licence does not go with those of all that boothlab uses.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from boothlab.core.auth import KeyFileError, usable_key
from boothlab.packets.capture import CaptureError, as_data, read_capture

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Print a capture's messages; return the exit code. 1: what is wrong stands on standard error."""
    capture, *key_files = map(Path, arguments)
    try:
        key = _read_key(key_files[0]) if key_files else None
        print(json.dumps(as_data(read_capture(capture, key))))  # noqa: T201 - its one purpose
    except (CaptureError, KeyFileError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _read_key(path: Path) -> bytes:
    try:
        return usable_key(path.read_bytes())
    except (OSError, KeyFileError) as error:
        raise KeyFileError(f"{path} is no key file: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
