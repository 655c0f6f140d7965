"""The values in booth.conf: times, numbers and lists, read as ClusterLabs booth reads them."""

from __future__ import annotations

import re
from typing import Final

from boothlab.core.config.errors import Refused
from boothlab.core.config.lines import SPACES
from boothlab.core.config.model import Mode, Prerequisite

TIME_MAX_MS: Final = 2**31 - 1
"""About 24 days: what ClusterLabs booth can hold."""
HANDLER_WORDS_MAX: Final = 15
WEIGHTS_MAX: Final = 16

_S_TO_MS: Final = 1000
_TIME: Final = re.compile(rf"[{SPACES}]*([+-]?[0-9]+)(ms)?")
_INTEGER: Final = re.compile(rf"[{SPACES}]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_PLAIN: Final = re.compile(rf"[{SPACES}]*([+-]?[0-9]+)")
_SEPARATORS: Final = ",;:-+" + SPACES
_WORD_GAPS: Final = re.compile("[ \t]+")


def time_ms(value: str, key: str, *, zero: bool = False) -> int:
    """Return a time in milliseconds: whole seconds, or milliseconds with ``ms`` after the digits.

    Raises:
        Refused: this is no time, it is not above zero (or is negative, with ``zero``), or
            it is too long.
    """
    found = _TIME.fullmatch(value)
    ms = int(found[1]) * (1 if found[2] else _S_TO_MS) if found else -1
    if not (0 if zero else 1) <= ms <= TIME_MAX_MS:
        least = ">=0" if zero else ">0"
        remedy = f"write seconds (600) or milliseconds (600ms), at most {TIME_MAX_MS // _S_TO_MS} seconds"
        raise Refused(f"Expected time {least} for {key}", remedy)
    return ms


def integer(value: str) -> int | None:
    """Return a whole number, which may be octal (010) or hexadecimal (0x10), if this is one."""
    found = _INTEGER.fullmatch(value)
    return _number(found) if found else None


def leading_integer(value: str) -> tuple[int, str] | None:
    """Return the number that a value begins with and what follows it, if it begins with one."""
    found = _PLAIN.match(value)
    return (int(found[1]), value[found.end() :]) if found else None


def weights(value: str) -> tuple[int, ...]:
    """Return numbers that stand between any of ``,;:-+`` and spaces.

    Raises:
        Refused: something else stands there.
    """
    found: list[int] = []
    rest, separated = value, True
    while rest:
        number = _INTEGER.match(rest) if separated else None
        if not number:
            what = "Invalid character at" if found else "No integer weight value at"
            raise Refused(f'{what} "{rest}"', "write numbers with commas between them, or leave weights out")
        found.append(_number(number))
        after = rest[number.end() :]
        rest = after.lstrip(_SEPARATORS)
        separated = rest != after
    return tuple(found[:WEIGHTS_MAX])


def words(value: str) -> list[str]:
    """Return what stands between spaces and tabs. Nothing is quoted."""
    return [each for each in _WORD_GAPS.split(value) if each]


def handler(value: str) -> tuple[str, ...]:
    """Return a handler's path and arguments.

    Raises:
        Refused: there are too many.
    """
    found = words(value)
    if len(found) > HANDLER_WORDS_MAX:
        remedy = f"at most {HANDLER_WORDS_MAX} words; put the rest into a script"
        raise Refused("too many arguments for the acquire-handler", remedy)
    return tuple(found)


def prerequisite(value: str) -> tuple[Prerequisite, list[str]]:
    """Return an attribute prerequisite, and the surplus words after it.

    Raises:
        Refused: a word is missing, or is none that can stand there.
    """
    remedy = "write `auto|manual NAME eq|ne VALUE`"
    match words(value):
        case [grant, _, _, _, *_] if grant not in {mode.value for mode in Mode}:
            raise Refused(f"{grant} is not a grant type", remedy)
        case [_, _, operation, _, *_] if operation not in {"eq", "ne"}:
            raise Refused(f"{operation} is not an attribute operation", remedy)
        case [grant, name, operation, text, *surplus]:
            return Prerequisite(Mode(grant), name, operation == "eq", text), surplus
        case _:
            raise Refused("not enough arguments to attr-prereq", remedy)


def _number(found: re.Match[str]) -> int:
    """Return an integer as C's strtol reads it with base 0."""
    sign = -1 if found[1] == "-" else 1
    digits = found[2]
    if digits[:2].lower() == "0x":
        return sign * int(digits, 16)
    return sign * int(digits, 8 if digits.startswith("0") else 10)
