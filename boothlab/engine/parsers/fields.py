"""Reading XML and single values strictly, with errors that say where."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # the nodes' own tools write it, and entities are refused below

from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from datetime import tzinfo

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_MAX_EPOCH_S: Final = 253402300799  # the end of the year 9999, datetime's limit


def parse_xml(command: str, text: str) -> ET.Element | None:
    """Return the root element in the text, or None when there is no XML in it.

    Text around the XML is passed over: tools print warnings and headings there.

    Raises:
        ParseError: the XML is broken, cut off, or brings entities of its own.
    """
    begin, end = text.find("<"), text.rfind(">")
    if begin < 0:
        return None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ParseError(command, "its XML defines entities, which no cluster tool does")
    try:
        return ET.fromstring(text[begin : end + 1] or text[begin:])  # noqa: S314 - no entities, see above
    except ET.ParseError as error:
        raise ParseError(command, f"broken XML ({error})", _line_at(text[begin:], error)) from None


def _line_at(text: str, error: ET.ParseError) -> str:
    lines = text.splitlines()
    return lines[min(error.position[0], len(lines)) - 1].strip()


def show(element: ET.Element) -> str:
    """Return an element's start tag, for messages."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    return f"<{element.tag}{attributes}>"


def required(command: str, element: ET.Element, name: str) -> str:
    """Return an attribute that must be there.

    Raises:
        ParseError: it is not, or it is empty.
    """
    value = element.get(name)
    if not value:
        raise ParseError(command, f"{name} is missing", show(element))
    return value


def flag(command: str, element: ET.Element, name: str, *, default: bool = False) -> bool:
    """Return a boolean attribute; ``default`` when it is not there.

    Raises:
        ParseError: it is neither true nor false.
    """
    value = element.get(name)
    if value is None:
        return default
    if value.lower() not in _FLAGS:
        raise ParseError(command, f"{name} is neither true nor false", show(element))
    return _FLAGS[value.lower()]


def integer(command: str, text: str, line: str) -> int:
    """Return a decimal number.

    Raises:
        ParseError: the text is none.
    """
    if _INTEGER.fullmatch(text) is None:
        raise ParseError(command, f"{text!r} is no number", line)
    return int(text)


def integer_of(command: str, element: ET.Element, name: str) -> int | None:
    """Return a numeric attribute; None when it is not there.

    Raises:
        ParseError: it is no number.
    """
    value = element.get(name)
    return None if value is None else integer(command, value, show(element))


def epoch_of(command: str, element: ET.Element, name: str) -> int | None:
    """Return an attribute that holds seconds since 1970; None when it is not there.

    Raises:
        ParseError: it is no number, or no moment of the years 1970 to 9999.
    """
    value = integer_of(command, element, name)
    if value is not None and not 0 <= value <= _MAX_EPOCH_S:
        raise ParseError(command, f"{name} is no time", show(element))
    return value


def moment(command: str, text: str, line: str, zone: tzinfo = UTC) -> datetime:
    """Return a local time ``YYYY-MM-DD HH:MM:SS`` of a node as an aware datetime.

    Raises:
        ParseError: the text is no such time.
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise ParseError(command, f"{text!r} is no time", line) from None
