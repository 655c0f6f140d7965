"""What sites told their CIBs, from the log of the stand-in for ``crm_ticket``, and what follows from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Call:
    """One grant or revoke in a CIB. Times are seconds of a clock that all containers share."""

    granted: bool
    began_s: float
    ended_s: float
    """The change took effect between the two."""
    wall_s: float
    """When it began, since the epoch."""
    owner: int | None
    expires: int | None
    term: int | None


@dataclass(frozen=True)
class Holding:
    """A time in which a site's CIB had the ticket granted, without interruption."""

    surely_from_s: float
    maybe_from_s: float
    surely_until_s: float
    maybe_until_s: float


def parse_calls(text: str, ticket: str) -> list[Call]:
    """Return the successful grants and revokes of a ticket, in the order of their ends."""
    records = [json.loads(line) for line in text.splitlines()]
    found = [_call(each) for each in records if each["exit"] == 0 and _about(each["argv"], ticket)]
    return sorted(found, key=lambda call: call.ended_s)


def _about(argv: Sequence[str], ticket: str) -> bool:
    changes = {"-g", "-r", "--grant", "--revoke"} & set(argv)
    return bool(changes) and ticket in argv


def _call(record: dict[str, list[float] | list[str]]) -> Call:
    argv = [str(word) for word in record["argv"]]
    wall, mono = ([float(each) for each in record[key]] for key in ("wall_s", "mono_s"))
    values = _attributes(argv)
    return Call(
        granted=bool({"-g", "--grant"} & set(argv)),
        began_s=mono[0],
        ended_s=mono[1],
        wall_s=wall[0],
        owner=values.get("owner"),
        expires=values.get("expires"),
        term=values.get("term"),
    )


def _attributes(argv: Sequence[str]) -> dict[str, int]:
    """Return what ``-S NAME -vVALUE`` or ``-S NAME --attr-value=VALUE`` set, where it is a number."""
    found = {}
    for option, name, value in zip(argv, argv[1:], argv[2:], strict=False):
        digits = value.removeprefix("--attr-value=").removeprefix("-v")
        if option in {"-S", "--set-attr"} and digits.lstrip("-").isdecimal():
            found[name] = int(digits)
    return found


def holdings(calls: Iterable[Call]) -> list[Holding]:
    """Return when the CIB had the ticket granted; the last may go on for ever."""
    found: list[Holding] = []
    since: Call | None = None
    for call in calls:
        if call.granted and since is None:
            since = call
        elif not call.granted and since is not None:
            found.append(Holding(since.ended_s, since.began_s, call.began_s, call.ended_s))
            since = None
    if since is not None:
        found.append(Holding(since.ended_s, since.began_s, float("inf"), float("inf")))
    return found


def overlap_s(one: Iterable[Call], other: Iterable[Call]) -> float:
    """Return for how long two sites surely had the ticket at once, at worst; 0 if they did not."""
    mine, theirs = holdings(one), holdings(other)
    return max((_common_s(a, b) for a in mine for b in theirs), default=0.0)


def _common_s(a: Holding, b: Holding) -> float:
    return max(0.0, min(a.surely_until_s, b.surely_until_s) - max(a.surely_from_s, b.surely_from_s))


def gap_s(before: Iterable[Call], after: Iterable[Call]) -> float:
    """Return the time from the end of the one's last holding to the other's first, at least.

    Negative: both had the ticket. Minus infinity: the first site's CIB was never told.
    """
    last, first = holdings(before)[-1], holdings(after)[0]
    return first.maybe_from_s - last.maybe_until_s


def grants(calls: Iterable[Call]) -> list[Call]:
    """Return the calls that granted the ticket, or renewed it."""
    return [call for call in calls if call.granted]


def revokes(calls: Iterable[Call]) -> list[Call]:
    """Return the calls that took it away, or told who else has it."""
    return [call for call in calls if not call.granted]
