"""Takes a lost ticket over as soon as the lease is over, whatever acquire-after says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from boothlab.core.member import Member

if TYPE_CHECKING:
    from boothlab.core.config.model import Config

init = Member.__init__


def patch() -> None:
    """Read every acquire-after as 0."""
    Member.__init__ = _init


def _init(self: Member, config: Config, me: int, **options: Any) -> None:  # noqa: ANN401 - whatever there is
    hasty = tuple(replace(each, acquire_after_ms=0) for each in config.tickets)
    init(self, replace(config, tickets=hasty), me, **options)
