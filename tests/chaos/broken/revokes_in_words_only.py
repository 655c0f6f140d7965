"""Never writes a revoke into the CIB, and goes on as if it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core.events import CibWritten
from boothlab.daemon.pacemaker import Pacemaker

if TYPE_CHECKING:
    from boothlab.core.effects import WriteCib

write = Pacemaker.write


def patch() -> None:
    """Carry out grants only."""
    Pacemaker.write = _write


def _write(self: Pacemaker, effect: WriteCib) -> None:
    if effect.granted:
        write(self, effect)
    else:
        self._post(CibWritten(effect.request, effect.ticket))
