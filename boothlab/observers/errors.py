"""What can go wrong with observing."""

from __future__ import annotations

from boothlab.errors import BoothlabError


class ObserverError(BoothlabError):
    """A lab cannot be observed, or not all of the time."""
