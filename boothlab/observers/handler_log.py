"""The log of before-acquire-handlers: when each ran, and how it ended. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True)
class Run:
    """A handler ran, from begin to end by the run's clock."""

    ticket: str
    status: int
    """Its exit code; 128 and a signal's number when it was killed."""
    began_ns: int
    ended_ns: int


def parse(line: str) -> Run:
    """Return what a line of the log tells.

    Raises:
        ValueError: the line is none of this log's.
    """
    record = json.loads(line)
    try:
        began_ns, ended_ns = (round(each * _NS_PER_S) for each in record["mono_s"])
        return Run(record["ticket"], int(record["status"]), began_ns, ended_ns)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of the handlers' log: {line!r}") from error
