"""Dies when another member says that it revoked a ticket."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from boothlab.core import peers
from boothlab.core.codes import Command

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def patch() -> None:
    """Abort, as C programs do."""
    peers._AUTO[Command.REVOKED] = _die


def _die(_turn: Turn, _ticket: Ticket, _message: TicketMessage) -> None:
    os.abort()
