"""What is sent to a ticket in each of its states, in the differential tests.

A probe is a message of one member: 1 is the real daemon, 2 and 3 are the other sites, 4 and 5
arbitrators. The ticket's term is 0 in the states without a foreign leader, 5 where 2 leads.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

STATES: Final = ("Init", "Revoked", "Leader", "Follower", "FollowerLate", "Candidate")
"""Init: never granted. FollowerLate: less than a third of the lease is left. Candidate: asks for votes."""

LEFT: Final = 45_000
"""What is left of a lease that a message speaks of, in milliseconds."""


@dataclass(frozen=True)
class Probe:
    """A message about a ticket."""

    source: str
    cmd: str
    leader: str = "no one"
    term: int = 0
    valid: int = 0
    request: str | int = 0
    reason: str | int = 0
    result: str | int = 0

    @property
    def name(self) -> str:
        """A short text that tells it from all others."""
        codes = [str(each) for each in (self.request, self.reason, self.result) if each]
        return " ".join(
            [f"{self.source}:{self.cmd}", *codes, f"leader={self.leader}", f"term={self.term}"]
        ) + (f" valid={self.valid}" if self.valid else "")

    def fields(self) -> dict[str, str | int]:
        """Return it as the probing program takes it."""
        return asdict(self)


def probes(state: str) -> list[Probe]:
    """Return what is sent to tickets in this state."""
    term = 5 if state.startswith("Follower") else 0
    return [
        *_questions(term),
        *_votes(term),
        *_elections("2", term),
        *_elections("3", term),
        *_leading("2", term),
        *_leading("3", term),
        *_status(term),
        *_rejects(term),
    ]


def _questions(term: int) -> list[Probe]:
    return [Probe(source, "Stat", term=term) for source in "24"] + [
        Probe("2", "Ack.", leader="1", term=term, valid=LEFT, request="UpdE"),
        Probe("3", "Ack.", leader="1", term=term, valid=LEFT, request="HrtB"),
    ]


def _votes(term: int) -> list[Probe]:
    return [
        Probe("4", "VtFr", leader="1", term=term, request="RVot"),
        Probe("4", "VtFr", leader="2", term=term, request="RVot"),
        Probe("2", "VtFr", leader="2", term=term + 1, request="RVot"),
        Probe("2", "VtFr", term=term, reason="LocF"),
        Probe("3", "VtFr", term=term, reason="LocF"),
    ]


def _elections(source: str, term: int) -> list[Probe]:
    asked = [
        ("Admn", 0),
        ("Admn", 1),
        ("TLst", 0),
        ("TLst", 1),
        ("Racq", 1),
        ("Spdn", 0),
        ("Spdn", 1),
        (0, 0),
    ]
    found = [Probe(source, "RVot", leader=source, term=term + more, reason=reason) for reason, more in asked]
    return found + ([Probe(source, "RVot", leader=source, term=term - 1, reason="Admn")] if term else [])


def _leading(source: str, term: int) -> list[Probe]:
    found = [
        Probe(source, command, leader=source, term=term + more, valid=59_000)
        for command in ("HrtB", "UpdE")
        for more in (0, 1)
    ]
    lower = [Probe(source, "HrtB", leader=source, term=term - 1, valid=59_000)] if term else []
    return [*found, *lower, Probe(source, "Revk", term=term)]


def _status(term: int) -> list[Probe]:
    said = [
        Probe(source, "MIdx", leader=source, term=term + more, valid=LEFT, request="Stat")
        for source in "23"
        for more in (0, 1)
    ]
    hearsay = [
        Probe("4", "MIdx", leader="2", term=term + more, valid=LEFT, request="Stat") for more in (0, 1)
    ]
    return [*said, *hearsay, Probe("2", "MIdx", leader="2", term=term, request="Stat")]


def _rejects(term: int) -> list[Probe]:
    return [
        Probe("2", "RJC!", leader="2", term=term, valid=LEFT, request="RVot", result="TVld"),
        Probe("4", "RJC!", leader="2", term=term, valid=LEFT, request="RVot", result="TVld"),
        Probe("2", "RJC!", leader="1", term=term, valid=LEFT, request="RVot", result="TVld"),
        Probe("2", "RJC!", leader="2", term=term + 1, valid=LEFT, request="RVot", result="TOdt"),
        Probe("4", "RJC!", leader="2", term=term + 1, valid=LEFT, request="HrtB", result="TOdt"),
        Probe("2", "RJC!", term=term + 1, request="RVot", result="Outd"),
    ]
