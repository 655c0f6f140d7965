"""Tickets as a site's CIB holds them: what Booth told Pacemaker.

Reads ``cibadmin -Q --local --xpath //ticket_state``, the whole CIB, and
``crm_ticket -t TICKET -q``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers import fields

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

COMMAND: Final = "cibadmin -Q --local --xpath //ticket_state"
COMMAND_CRM_TICKET: Final = "crm_ticket -q"

NOT_THERE: Final = (6, 105)
"""Exit codes of both commands when the CIB has no such ticket: Pacemaker 1, and 2 or newer."""

NO_ONE: Final = -1
"""The ``owner`` of a ticket that is known to be nobody's: revoked."""
LOST: Final = 0
"""The ``owner`` of a ticket whose leader is unknown: lost, or never granted."""


@dataclass(frozen=True)
class TicketState:
    """One ticket in a CIB."""

    name: str
    granted: bool
    """Whether this site may run the ticket's resources."""
    standby: bool = False
    owner: int | None = None
    """Site id of the leader (see ``booth.site_id``), NO_ONE or LOST; None when Booth never wrote it."""
    expires: int | None = None
    """End of the lease, in seconds since 1970."""
    term: int | None = None
    last_granted: int | None = None
    """When it was last granted here, in seconds since 1970."""


def parse_tickets(text: str, *, command: str = COMMAND) -> tuple[TicketState, ...]:
    """Return the tickets in the text, in its order; none when there is no XML in it.

    Raises:
        ParseError: the text is cut off or has another form.
    """
    root = fields.parse_xml(command, text)
    if root is None:
        return ()
    return tuple(_ticket(command, element) for element in root.iter("ticket_state"))


def _ticket(command: str, element: Element) -> TicketState:
    return TicketState(
        name=fields.required(command, element, "id"),
        granted=fields.flag(command, element, "granted"),
        standby=fields.flag(command, element, "standby"),
        owner=fields.integer_of(command, element, "owner"),
        expires=fields.epoch_of(command, element, "expires"),
        term=fields.integer_of(command, element, "term"),
        last_granted=fields.epoch_of(command, element, "last-granted"),
    )
