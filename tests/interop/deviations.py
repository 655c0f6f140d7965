"""Where our daemon answers a message otherwise than ClusterLabs booth, and why.

Each entry: the states of a ticket, the messages by their names (a pattern), the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from interop.probes import STATES, probes


@dataclass(frozen=True)
class Deviation:
    """A difference that is meant."""

    states: tuple[str, ...]
    probe: str
    """A regular expression that matches the whole name of a probe."""
    reason: str


ALL: Final = STATES
FOLLOWING: Final = ("Follower", "FollowerLate")

LISTED: Final = (
    Deviation(
        ALL, r"[23]:VtFr LocF .*", "that a site steps down is acknowledged, so it need not be repeated"
    ),
    Deviation(
        ("Init", "Candidate"),
        r"[23]:Revk .*",
        "a revoke is acknowledged, remembered and told to Pacemaker also by whoever missed the grant",
    ),
    Deviation(("Init",), r"[234]:MIdx .*valid=.*", "Pacemaker is told what a leader said itself, no hearsay"),
    Deviation(
        ("Revoked",),
        r"[23]:RVot Admn .*",
        "who votes for a grant remembers that the ticket was revoked, until it is granted",
    ),
    Deviation(
        ("Revoked",),
        r"[23]:RVot (Racq |Spdn |)leader.*",
        "after a revoke only an administrator begins anew; all other candidates are outdated",
    ),
    Deviation(
        ("Revoked",),
        r"[234]:MIdx .*term=0 valid=.*",
        "what was said before the revoke is not believed after it",
    ),
    Deviation(
        ("Leader", *FOLLOWING),
        r"3:RVot Spdn .*",
        "no vote against a valid lease unless its leader itself has stepped down",
    ),
    Deviation(("Leader",), r"2:RVot Spdn .*", "the same"),
    Deviation(
        ("Leader",),
        r"[23]:(HrtB|UpdE) .*",
        "a leader that hears of another one lets go: none is better than two",
    ),
    Deviation(
        ("Leader",), r"[23]:MIdx .*term=1 valid=.*", "a leader that learns of a newer lease lets go at once"
    ),
    Deviation(
        FOLLOWING,
        r"2:RVot .*term=6",
        "a leader that asks for votes in a new term does not lead until it has them",
    ),
    Deviation(
        ("Follower",),
        r"2:RVot TLst .*term=5",
        "a leader may ask for votes: it knows what became of its lease",
    ),
    Deviation(FOLLOWING, r"2:HrtB .*term=4 .*", "terms never go back"),
    Deviation(FOLLOWING, r"3:HrtB .*term=[56] .*", "a valid lease is not left for another site's"),
    Deviation(("FollowerLate",), r"3:UpdE .*", "whoever leads beside a valid lease is told so"),
    Deviation(
        FOLLOWING, r"[234]:MIdx .*valid=.*", "Pacemaker is told of a leader's update, not of every status"
    ),
    Deviation(("Candidate",), r"[24]:Stat .*", "a status query is always answered"),
    Deviation(("Candidate",), r"2:VtFr RVot leader=2 term=1", "a vote makes nobody the leader"),
    Deviation(("Candidate",), r"4:MIdx .*valid=.*", "only a leader itself can tell a candidate of its lease"),
    Deviation(("Candidate",), r"4:RJC! HrtB .*", "a reject of what was never sent means nothing"),
    Deviation(("Candidate",), r"2:RJC! RVot Outd .*", "that a ticket is revoked is told to Pacemaker"),
)

TALKS: Final[dict[str, str]] = {}
"""Conversations with clients that end otherwise, and why."""

SIGNED_TALKS: Final = {
    "older than the newest, within the limit": "a stamp is at most a second behind the newest of that member"
}
"""The same, with authentication."""


def in_state(state: str) -> dict[str, str]:
    """Return the reasons by the names of the probes that are answered differently in this state."""
    return {
        probe.name: each.reason
        for each in LISTED
        if state in each.states
        for probe in probes(state)
        if re.fullmatch(each.probe, probe.name)
    }
