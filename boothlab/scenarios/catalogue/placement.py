"""Where resources run when a site is lost: the article's disasters, on clusters with Pacemaker."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase
from boothlab.nemesis.network import OneWay, Partition
from boothlab.nemesis.process import KillNode, StopCluster
from boothlab.scenarios.expectations import expect_outcome
from boothlab.scenarios.scenario import Known, scenario
from boothlab.scenarios.services import leases, served, wait_all_agree, wait_served
from boothlab.scenarios.situations import cut_off

if TYPE_CHECKING:
    from boothlab.nemesis.fault import Fault
    from boothlab.scenarios.testbed import Testbed

_SEEN: Final = ("exclusive-grants", "exclusive-resources", "placement")
_LOST: Final = (*_SEEN, "failover", "lost-majority")
_placement = partial(scenario, "three-site-fast", settings=leases(10), suites=("placement",))


def _lost(bed: Testbed, fault: Fault) -> None:
    """Let site A be lost by a fault until the other site runs the service; then see that it keeps it."""
    served(bed, "A")
    with bed.during(fault), bed.past_the_lease():
        bed.wait_holder("B")
        wait_served(bed, "B")
    wait_all_agree(bed, "B")
    wait_served(bed, "B")


@_placement(must_see=(*_SEEN, "revoke-sticks", "agreement"))
def placement_follows_grants(bed: Testbed) -> None:
    """The resources run where the ticket is granted and nowhere else, and nowhere when it is revoked."""
    wait_served(bed, None)
    served(bed, "A")
    expect_outcome(bed.revoke("A"), Phase.OK)
    bed.wait_holder(None)
    wait_served(bed, None)
    bed.pause(bed.leases(0.5))  # long enough to see that it stays so
    served(bed, "B")
    bed.settle()


@_placement(must_see=(*_LOST, "agreement"), subjects=("python", "A=clusterlabs,B=python,C=python"))
def site_cut_off(bed: Testbed) -> None:
    """The site that runs the service is cut off: the other one takes over, and keeps it afterwards."""
    served(bed, "A")
    with cut_off(bed, "A"), bed.past_the_lease():
        bed.wait_holder("B")
        wait_served(bed, "B")
    wait_all_agree(bed, "B")
    bed.settle()
    wait_served(bed, "B")


@_placement(must_see=("exclusive-grants", "exclusive-resources", "failover"))
def cluster_stopped(bed: Testbed) -> None:
    """A site's cluster is stopped in good order; the other site takes over; by hand it all moves back."""
    _lost(bed, StopCluster(at=("A",)))
    expect_outcome(bed.revoke("B"), Phase.OK)
    wait_served(bed, None)  # a grant by hand does not wait for it
    served(bed, "A")


@_placement(must_see=("exclusive-grants", "exclusive-resources", "failover"))
def site_without_power(bed: Testbed) -> None:
    """All nodes of the site that runs the service lose their power; the other site takes over."""
    _lost(bed, KillNode(at=("A",), node="all"))


@_placement(must_see=_LOST)
def booth_packets_cut(bed: Testbed) -> None:
    """Only Booth's packets are lost on their way to and from a site; to Booth that is a lost site."""
    _lost(bed, Partition(members=("A",), only="udp"))


@_placement(
    must_see=_LOST,
    subjects=("python", "clusterlabs"),
    known=(
        Known(
            "clusterlabs",
            frozenset({"play", "failover"}),
            "docs/reference/deviations.md",
            "Nobody takes over while the site that lost its lease asks for votes that it cannot hear.",
            tries=3,
            shown_by="failover",
        ),
    ),
)
def nothing_gets_in(bed: Testbed) -> None:
    """A site is heard and hears nobody: the service stops there and starts at the other site."""
    _lost(bed, OneWay(targets=("A",)))
