"""A before-acquire-handler for labs, and a program in front of it that keeps account of its runs.

    before-acquire-handler = /usr/lib/boothlab/watched /usr/lib/boothlab/handler

The handler succeeds until a fault makes it misbehave. Each of its runs leaves a line of
JSON in LOG: ``mono_s``, begin and end by CLOCK_MONOTONIC, ``status`` and ``ticket``.
"""

from __future__ import annotations

from typing import Final

from boothlab.engine.files import File

HANDLER: Final = "/usr/lib/boothlab/handler"
"""The handler's path in a node."""
WATCHED: Final = "/usr/lib/boothlab/watched"
"""The path of the program that runs what follows it and keeps account."""
LOG: Final = "/var/log/boothlab-handlers.log"
"""Where it does so."""

_MODE: Final = 0o755
_HANDLER_TEXT: Final = "#!/bin/sh\nexit 0\n"
_WATCHED_TEXT: Final = f'''\
#!/usr/bin/python3 -IS
"""Run a handler as it is given, and tell {LOG} when and how it ended."""

import json
import os
import subprocess
import sys
import time

began_s = time.monotonic()
try:
    status = subprocess.call(sys.argv[1:])
except OSError as error:
    print(error, file=sys.stderr)
    status = 126
line = {{
    "mono_s": [began_s, time.monotonic()],
    "status": status if status >= 0 else 128 - status,
    "ticket": os.environ.get("BOOTH_TICKET", ""),
}}
log = os.open("{LOG}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
os.write(log, (json.dumps(line) + "\\n").encode())
sys.exit(line["status"])
'''


def files() -> list[File]:
    """Return both programs, and the log that any user may write to."""
    return [
        File(HANDLER, _HANDLER_TEXT, mode=_MODE),
        File(WATCHED, _WATCHED_TEXT, mode=_MODE),
        File(LOG, "", mode=0o666),
    ]


def program_of(command: str) -> str:
    """Return the path of the handler that a before-acquire-handler's command runs."""
    first, *rest = command.split()
    return rest[0] if first == WATCHED and rest else first
