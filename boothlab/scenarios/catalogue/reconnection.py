"""Two holders after a reconnection: https://github.com/ClusterLabs/booth/issues/68.

The leader is cut off and goes on asking for votes, another site takes the ticket over, and
then the cut is healed. With ClusterLabs booth that ends well, unless the first leader had
got the ticket by a step-down: then it asks with that reason once more, which outweighs a
valid lease.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis.network import Partition
from boothlab.nemesis.process import StopBooth
from boothlab.scenarios.expectations import expect_one_holder
from boothlab.scenarios.scenario import Known, scenario
from boothlab.scenarios.situations import (
    HANDLED,
    UNHANDLED,
    cut_off,
    granted,
    hearing_only,
    step_down,
    wait_another,
)

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_ISSUE: Final = "https://github.com/ClusterLabs/booth/issues/68"
_SEEN: Final = ("exclusive-grants",)
_KNOWN: Final = (
    Known(
        "clusterlabs",
        frozenset(
            {
                *("play", "exclusive-grants", "acquire-after", "agreement"),
                *("one-leader-per-term", "terms-rise", "handlers-gate"),
            }
        ),
        _ISSUE,
        "A site that once got the ticket by a step-down asks for votes with that reason again, "
        "and is voted for though a lease is valid.",
        tries=5,
        shown_by="exclusive-grants",
    ),
)
_PURE: Final = ("python", "clusterlabs")
_MIXED: Final = ("python", "clusterlabs", "A=python,B=clusterlabs,C=python")


def _reconnect(bed: Testbed) -> None:
    """Cut A off until another site has had the ticket for a random while."""
    with cut_off(bed, "A"):
        wait_another(bed, "A")
        bed.pause(bed.leases(bed.dice.uniform(0, 1.5)))
    bed.pause(bed.leases(1.5))
    expect_one_holder(bed)


def _reconnect_between_renewals(bed: Testbed) -> None:
    """Cut A off until B has the ticket, and heal that long before B's next heartbeat."""
    with cut_off(bed, "A"):
        bed.wait_holder("B")
        bed.wait_moment("B", after_renewal_ms=100)
    bed.pause(bed.leases(1.5))
    bed.wait_agreed("B")


def _reconnect_by_one(bed: Testbed, arbitrator: str) -> None:
    """Cut A off until B has the ticket; then A hears one arbitrator for a quarter of a lease, then all."""
    cut = bed.apply(Partition(members=("A",)))
    bed.wait_holder("B")
    bed.pause(bed.leases(bed.dice.uniform(0.2, 1)))
    with hearing_only(bed, "A", arbitrator):
        bed.heal(cut)
        bed.pause(bed.leases(0.25))
    bed.pause(bed.leases(1.5))
    bed.wait_agreed("B")


@scenario("standalone", link=_ISSUE, must_see=_SEEN, subjects=("python", "A=python,B=clusterlabs,C=python"))
def reconnection(bed: Testbed) -> None:
    """The leader is cut off and asks for votes in vain; the other site takes over; the cut is healed."""
    granted(bed, "A")
    _reconnect(bed)


@scenario("standalone-five", link=_ISSUE, must_see=_SEEN)
def reconnection_five(bed: Testbed) -> None:
    """As reconnection, with three sites and two arbitrators: either of the other two sites takes over."""
    granted(bed, "A")
    _reconnect(bed)


@scenario("standalone-five", link=_ISSUE, must_see=_SEEN, suites=("extended",), subjects=_PURE)
def reconnection_again_and_again(bed: Testbed) -> None:
    """Whoever leads is cut off, for a random while after another site took over, ten times in a row."""
    granted(bed, "A")
    for _ in range(10):
        (leader,) = bed.seen.holders(bed.ticket.name)
        with cut_off(bed, leader):
            wait_another(bed, leader)
            bed.pause(bed.leases(bed.dice.uniform(0, 3)))
        bed.pause(bed.leases(bed.dice.uniform(0.5, 1.5)))
        expect_one_holder(bed)


@scenario("standalone", link=_ISSUE, must_see=_SEEN, suites=("extended",), subjects=_MIXED)
def reconnection_by_one(bed: Testbed) -> None:
    """As reconnection; but before all is healed, the first leader hears the arbitrator only."""
    granted(bed, "A")
    _reconnect_by_one(bed, "C")


@scenario("standalone-five", link=_ISSUE, must_see=_SEEN, suites=("extended",), subjects=_PURE)
def reconnection_by_one_five(bed: Testbed) -> None:
    """As reconnection_by_one, with two arbitrators of which the first leader hears one; site C is away."""
    granted(bed, "A")
    bed.apply(StopBooth(at=("C",)))
    _reconnect_by_one(bed, "D")


@scenario(
    "standalone",
    settings=HANDLED,
    link=_ISSUE,
    must_see=_SEEN,
    known=_KNOWN,
    suites=("extended",),
    subjects=_PURE,
)
def reconnection_after_step_down(bed: Testbed) -> None:
    """The leader got the ticket because the other site's handler failed; then as reconnection.

    It comes back between two heartbeats of the new leader's, so that its request for votes is heard first.
    """
    granted(bed, "B")
    step_down(bed, "B", "A")
    _reconnect_between_renewals(bed)


@scenario(
    "standalone",
    settings=HANDLED,
    link=_ISSUE,
    must_see=_SEEN,
    known=_KNOWN,
    suites=("extended",),
    subjects=_PURE,
)
def reconnection_by_one_after_step_down(bed: Testbed) -> None:
    """The leader got the ticket by a step-down; then as reconnection_by_one."""
    granted(bed, "B")
    step_down(bed, "B", "A")
    _reconnect_by_one(bed, "C")


@scenario(
    "standalone-five", settings=HANDLED, link=_ISSUE, must_see=_SEEN, known=UNHANDLED, also=("clusterlabs",)
)
def reconnection_by_one_after_step_down_five(bed: Testbed) -> None:
    """The leader got the ticket by a step-down; then as reconnection_by_one_five."""
    granted(bed, "B")
    bed.apply(StopBooth(at=("C",)))
    step_down(bed, "B", "A")
    _reconnect_by_one(bed, "D")
