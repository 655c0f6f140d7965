"""All checkers, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.checkers.agreement import Agreement
from boothlab.checkers.authenticity import Authenticity
from boothlab.checkers.delays import GrantDelay
from boothlab.checkers.exclusion import ExclusiveGrants, ExclusiveResources
from boothlab.checkers.failover import Failover
from boothlab.checkers.gates import Handlers, Prerequisites
from boothlab.checkers.leases import AcquireAfter, LostMajority
from boothlab.checkers.manual import ManualTickets
from boothlab.checkers.placement import Placement
from boothlab.checkers.processes import NoDaemonDied
from boothlab.checkers.revokes import RevokeSticks
from boothlab.checkers.roles import ArbitratorsNeverHold
from boothlab.checkers.terms import OneLeaderPerTerm, TermsRise

if TYPE_CHECKING:
    from boothlab.checkers.verdict import Checker

CHECKERS: Final[tuple[Checker, ...]] = (
    ExclusiveGrants(),
    ExclusiveResources(),
    AcquireAfter(),
    GrantDelay(),
    LostMajority(),
    OneLeaderPerTerm(),
    TermsRise(),
    ArbitratorsNeverHold(),
    RevokeSticks(),
    ManualTickets(),
    Handlers(),
    Prerequisites(),
    Authenticity(),
    NoDaemonDied(),
    Placement(),
    Agreement(),
    Failover(),
)
"""Safety first, then what must come about within a bound."""
