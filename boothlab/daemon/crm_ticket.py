"""Pacemaker's ``crm_ticket``: how tickets are read from the CIB and written into it.

The calls are those of ClusterLabs booth, as lists of words that no shell ever sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from boothlab.core.events import CibTicket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.core.effects import WriteCib
    from boothlab.daemon.children import Ended

PROGRAM: Final = "crm_ticket"
NOT_THERE: Final = (6, 105)
"""Exit codes for a ticket that the CIB does not have: before Pacemaker 2.0, and since."""
_BAD_USAGE: Final = (1, 64)
"""Exit codes for an option that the tool does not know: before Pacemaker 2.0, and since."""
_OURS: Final = frozenset({"id", "granted", "owner", "expires", "term"})
_IGNORED: Final = frozenset({"last-granted", "booth-cfg-name", "status"})
_ELEMENTS: Final = ("ticket_state", "ticket")
"""The element's name in text output, and in XML output."""

Words = tuple[str, ...]


class CibError(ValueError):
    """What the tool printed is no ticket; the text says why."""


def query(ticket: str, *, xml: bool) -> Words:
    """Return the call that prints a ticket; ``xml`` asks for the output of newer tools."""
    return (PROGRAM, *(("--output-as=xml",) if xml else ()), "-t", ticket, "-q")


def write(effect: WriteCib, instance: str) -> Words:
    """Return the call that grants or revokes a ticket and stores what booth knows of it, all at once."""
    return (
        *(PROGRAM, "-t", effect.ticket, "-g" if effect.granted else "-r", "--force"),
        *("-S", "owner", f"--attr-value={effect.owner}"),
        *("-S", "expires", f"--attr-value={effect.expires_s}"),
        *("-S", "term", f"--attr-value={effect.term}"),
        *("-S", "booth-cfg-name", f"--attr-value={instance}"),
    )


def attribute(ticket: str, name: str, value: str | None) -> Words:
    """Return the call that stores an attribute, or deletes it (None)."""
    if value is None:
        return (PROGRAM, "-t", ticket, "-D", name)
    return (PROGRAM, "-t", ticket, "-S", name, f"--attr-value={value}")


def knows_no_xml(ended: Ended) -> bool:
    """Return whether a query failed because this tool has no ``--output-as``."""
    return ended.status in _BAD_USAGE


def failure(words: Words, ended: Ended) -> str:
    """Return why a call failed; empty when it did not."""
    if not (ended.status or ended.killed):
        return ""
    said = (ended.errors or ended.output).strip().splitlines()
    why = f"killed, {ended.killed}" if ended.killed else f"exit code {ended.status}"
    return f'"{" ".join(words)}" failed, {why}' + (f" ({said[-1]})" if said else "")


def parse(output: str, ticket: str) -> CibTicket:
    """Return the ticket that a query printed.

    Raises:
        CibError: there is none in it, or its numbers are no numbers.
    """
    found = dict(_element(output, ticket))
    return CibTicket(
        granted=_truth(found.get("granted")),
        owner=_number(found, "owner"),
        expires_s=_number(found, "expires"),
        term=_number(found, "term"),
        attributes={name: value for name, value in found.items() if name not in _OURS | _IGNORED},
    )


def _element(output: str, ticket: str) -> Mapping[str, str]:
    """Return a ticket's XML attributes, whatever heading stands before them."""
    text = output[output.find("<") :] if "<" in output else ""
    try:
        tree = ET.fromstring(text)  # noqa: S314 - from Pacemaker's own tool on this machine
    except ET.ParseError as error:
        raise CibError(f"crm_ticket xml output is not XML ({error})") from None
    for element in tree.iter():
        if element.tag in _ELEMENTS and element.get("id") == ticket:
            return element.attrib
    raise CibError("crm_ticket xml output empty")


def _truth(text: str | None) -> bool | None:
    """Return a truth value as Pacemaker writes it: true, false or a number."""
    if text is None:
        return None
    if text.lstrip("-").isdecimal():
        return int(text) != 0
    return text.startswith("true")


def _number(found: Mapping[str, str], name: str) -> int | None:
    text = found.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise CibError(f"{name} of the ticket in the CIB is no number: {text!r}") from None
