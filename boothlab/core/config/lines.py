"""The grammar of booth.conf: one ``key = value`` a line.

Values in quotes end at the same quote, and only a comment may follow. In bare values a
``#`` is part of the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.core.config.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.core.config.errors import Report

LINE_MAX: Final = 1023
"""Bytes; ClusterLabs booth takes what is beyond for a new line."""
WORD_MAX: Final = 64
"""Bytes of a key or a value."""
SPACES: Final = " \t\n\v\f\r"

_KEY: Final = re.compile(rf"([A-Za-z0-9_-]*)[{SPACES}]*(=?)[{SPACES}]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line sets."""

    line: int
    """From 1."""
    key: str
    value: str


def entries(text: str, report: Report) -> Iterator[Entry]:
    """Yield what the lines set; lines that cannot be read go to the report."""
    for number, line in enumerate(text.split("\n"), start=1):
        found = None
        with report.problems_of(number):
            found = _pair(line)
        if found:
            yield Entry(number, *found)


def size(text: str) -> int:
    """Return how many bytes this is in the file; bytes that are no UTF-8 count as one each."""
    return len(text.encode(errors="replace"))


def _pair(line: str) -> tuple[str, str] | None:
    """Return key and value, or nothing where the line sets nothing."""
    if size(line) > LINE_MAX:
        raise Refused(f"line longer than {LINE_MAX} bytes", "shorten the line, or split the comment")
    if "\0" in line:
        raise Refused("NUL byte in the line", "remove it: the rest of the line would be invisible")
    line = line.strip(SPACES)
    if not line or line.startswith("#"):
        return None
    key, equals, rest = _split(line)
    if not key:
        raise Refused("No key", "a line is `key = value`, or a comment that begins with #")
    if not equals:
        raise Refused("Expected '=' after key", "a line is `key = value`; keys have letters, digits, _ and -")
    value = _quoted(rest) if rest.startswith(('"', "'")) else _bare(rest)
    if max(size(key), size(value)) > WORD_MAX:
        raise Refused("key/value too long", f"keys and values have at most {WORD_MAX} bytes")
    return key, value


def _split(line: str) -> tuple[str, str, str]:
    found = _KEY.match(line)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _bare(rest: str) -> str:
    if not rest:
        raise Refused("No value", 'write a value after the =; an empty one is ""')
    return rest


def _quoted(rest: str) -> str:
    value, closed, surplus = rest[1:].partition(rest[0])
    if not closed:
        raise Refused("Unterminated quoted string", f"end the value with {rest[0]}")
    if surplus.lstrip(SPACES)[:1] not in {"", "#"}:
        raise Refused("Surplus data after value", "only a comment that begins with # may follow the quotes")
    return value
