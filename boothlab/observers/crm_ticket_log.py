"""The log of the stand-in for ``crm_ticket``: which calls changed a site's CIB, and how. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_NS_PER_S: Final = 1_000_000_000
_GRANT: Final = ("-g", "--grant")
_REVOKE: Final = ("-r", "--revoke")
_FORGET: Final = ("-C", "--cleanup")
_TICKET: Final = ("-t", "--ticket")
_SET: Final = ("-S", "--set-attr")
_DELETE: Final = ("-D", "--delete-attr")


@dataclass(frozen=True)
class Write:
    """A call that wrote a ticket. Times are of the run's clock."""

    ticket: str
    granted: bool
    began_ns: int
    ended_ns: int
    """The change took effect between the two."""
    owner: int | None = None
    term: int | None = None
    expires_ns: int | None = None
    """End of the lease; exact also where the caller's wall clock is not."""


def parse(line: str) -> Write | None:
    """Return what a line of the log wrote; None: nothing, it failed, or it only asked.

    Raises:
        ValueError: the line is none of this log's.
    """
    record = json.loads(line)
    try:
        argv = [str(word) for word in record["argv"]]
        granted = _granted(argv)
        if record["exit"] != 0 or granted is None:
            return None
        return _write(argv, granted, record)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no line of crm_ticket's log: {line!r}") from error


def _granted(argv: Sequence[str]) -> bool | None:
    """Return what a call makes of the ticket; None when it leaves it as it is."""
    if any(word in argv for word in _GRANT):
        return True
    taken = any(word in argv for word in (*_REVOKE, *_FORGET)) or "granted" in _values(argv, _DELETE)
    return False if taken else None


def _write(argv: Sequence[str], granted: bool, record: dict[str, Any]) -> Write:
    attributes = _attributes(argv)
    began_ns, ended_ns = (round(each * _NS_PER_S) for each in record["mono_s"])
    expires = attributes.get("expires")
    left_ns = None if expires is None else round((expires - record["wall_s"][0]) * _NS_PER_S)
    return Write(
        ticket=_values(argv, _TICKET)[0],
        granted=granted,
        began_ns=began_ns,
        ended_ns=ended_ns,
        owner=attributes.get("owner"),
        term=attributes.get("term"),
        expires_ns=None if left_ns is None else began_ns + left_ns,
    )


def _values(argv: Sequence[str], options: tuple[str, str]) -> list[str]:
    """Return the values of an option: the word behind it, or what stands behind its ``=``."""
    short, long = options
    behind = [value for option, value in pairwise(argv) if option in options]
    joined = [word.partition("=")[2] for word in argv if word.startswith(long + "=")]
    return [
        *behind,
        *joined,
        *(word[2:] for word in argv if word.startswith(short) and len(word) > len(short)),
    ]


def _attributes(argv: Sequence[str]) -> dict[str, int]:
    """Return what ``-S NAME -vVALUE``, or its long forms, set, where that is a number."""
    found = {}
    for option, name, value in zip(argv, argv[1:], argv[2:], strict=False):
        digits = value.removeprefix("--attr-value=").removeprefix("-v")
        if option in _SET and digits.lstrip("-").isdecimal():
            found[name] = int(digits)
    return found
