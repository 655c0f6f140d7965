"""What all records have in common: an index, and a closed interval on the run's one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNSET: Final = -1
"""An index or a time that the recorder fills in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that the recorder saw happen itself, at one moment."""

    index: int = UNSET
    """Its place in the history, from 0. The recorder gives it."""
    at_ns: int = UNSET
    """When it happened. The recorder fills it in when it is left out."""

    @property
    def began_ns(self) -> int:
        """Return the moment, as for what takes time."""
        return self.at_ns

    @property
    def ended_ns(self) -> int:
        """Return the moment, as for what takes time."""
        return self.at_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Something that happened, or was so, at some moment of a closed interval."""

    index: int = UNSET
    """Its place in the history, from 0. The recorder gives it."""
    began_ns: int
    """Not before this."""
    ended_ns: int = UNSET
    """Not after this. The recorder fills it in when it is left out."""
