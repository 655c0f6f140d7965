"""What is checked at the end of many a test: nobody was refused, and the ticket was one site's."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from interop.records import overlap_s

if TYPE_CHECKING:
    from collections.abc import Callable

    Measured = Callable[[str, float], None]
    """How a test tells a figure: its name with the unit, and the value."""

    from interop.cluster import Cluster, Member


def assert_nobody_complains(cluster: Cluster) -> None:
    """Check that no member has refused anything that another one sent."""
    for member in cluster.members.values():
        for peer in cluster.peers(member):
            refused = (peer.sent_errors, peer.received_errors, peer.authfail, peer.invalid)
            assert refused == (0, 0, 0, 0), f"{member.name} about {peer.address}"


def assert_held_by_one(cluster: Cluster, leader: Member, measured: Measured) -> None:
    """Check that no two sites had the ticket; what a leader of ClusterLabs booth did is recorded only.

    It notices the end of its lease at its next turn, and when it is killed nobody tells its CIB.
    """
    worst = max(
        overlap_s(cluster.calls(one), cluster.calls(other)) for one, other in combinations(cluster.sites, 2)
    )
    measured("overlap_s", worst)
    assert leader.implementation == "C" or worst == 0
