"""What surrounds Booth misbehaves: crm_ticket, handlers, clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase
from boothlab.nemesis.process import BreakCrmTicket, BreakHandler, RestartBooth, StepClock
from boothlab.scenarios.expectations import expect
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import (
    HANDLED,
    LONG,
    cut_off,
    granted,
    known_of_clusterlabs,
    wait_takeover,
)

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_BOTH: Final = ("python", "clusterlabs")
_SEEN: Final = ("exclusive-grants",)
_OVERLAP: Final = ("exclusive-grants", "acquire-after", "lost-majority", "agreement")


@scenario(
    must_see=_SEEN,
    suites=("extended",),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        *_OVERLAP,
        "play",
        "failover",
        why="crm_ticket blocks the daemon: no heartbeat leaves, and the revoke takes as long again.",
    ),
)
def slow_crm_ticket(bed: Testbed) -> None:
    """crm_ticket at the holder takes longer than a lease."""
    granted(bed, "A")
    with bed.during(BreakCrmTicket(at=("A",), mode="slow", delay_ms=2_500)):
        bed.pause(bed.leases(4))
    bed.pause(bed.leases(1.5))
    bed.wait_agreed("A")


@scenario(
    settings=HANDLED,
    must_see=("handlers-gate",),
    known=known_of_clusterlabs(
        "handlers-gate",
        "one-leader-per-term",
        "play",
        why="A site whose handler fails takes over, and then gives the ticket to nobody.",
    ),
    suites=("extended",),
    subjects=_BOTH,
)
def failover_to_a_site_whose_handler_fails(bed: Testbed) -> None:
    """The holder is cut off, and the other site's handler fails: nobody takes over until it succeeds."""
    granted(bed, "A")
    broken = bed.apply(BreakHandler(at=("B",), mode="fail"))
    with cut_off(bed, "A"):
        bed.pause(bed.leases(3))
        bed.heal(broken)
        bed.wait_holder("B")
    bed.wait_agreed("B")


@scenario(
    must_see=_SEEN,
    known=known_of_clusterlabs(
        "play", "agreement", why="What crm_ticket answers to a write is logged, and not looked at."
    ),
    suites=("extended",),
    subjects=_BOTH,
)
def crm_ticket_fails_at_the_grant(bed: Testbed) -> None:
    """crm_ticket fails as a ticket is granted: that is no success, and it is tried again."""
    with bed.during(BreakCrmTicket(at=("A",), mode="fail")):
        said = bed.grant("A", wait=False)
    bed.wait_agreed("A")
    expect(said.outcome is not Phase.OK, "the grant did not succeed at once")


@scenario(
    settings=LONG,
    must_see=_SEEN,
    suites=("extended",),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        *_OVERLAP, "play", why="The end of a lease is read back from the CIB and believed as it stands."
    ),
)
def restarted_while_cut_off_with_a_wrong_clock(bed: Testbed) -> None:
    """The holder is cut off, its clock set an hour back, and its Booth restarted: its lease ends as ever."""
    granted(bed, "A")
    with cut_off(bed, "A"), bed.during(StepClock(at=("A",), step_ms=-3_600_000)):
        bed.apply(RestartBooth(at=("A",)))
        wait_takeover(bed, "B", within_ms=bed.leases(1) + 8_000)
        bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(must_see=_SEEN, suites=("extended",))
def clock_set_back(bed: Testbed) -> None:
    """The holder's clock is set back by twenty minutes, more than members forgive, and later right again."""
    granted(bed, "A")
    with bed.during(StepClock(at=("A",), step_ms=-1_200_000)):
        bed.pause(bed.leases(2))
        bed.wait_agreed("A", within_ms=0)
    bed.pause(bed.leases(2))
    bed.wait_agreed("A", within_ms=0)
