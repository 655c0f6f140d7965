"""What can go wrong with a scenario, apart from the cluster itself."""

from __future__ import annotations

from boothlab.errors import BoothlabError


class ScenarioError(BoothlabError):
    """A scenario cannot be played as it was asked for."""


class NotSoError(BoothlabError):
    """Something that a scenario expects of the cluster did not come about in time."""
