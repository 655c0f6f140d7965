"""Where two sites could come to hold one ticket, as it was reported, and mended, in the field.

Which entry is which scenario stands in docs/reference/scenarios.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase
from boothlab.nemesis.network import Duplicate, Loss, OneWay
from boothlab.nemesis.process import BreakHandler, ForgetTickets, RestartBooth, StopBooth
from boothlab.scenarios.expectations import expect, expect_one_holder, expect_outcome
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import (
    HANDLED,
    TICKET,
    UNHANDLED,
    cut_off,
    granted,
    hearing_only,
    wait_another,
    wait_takeover,
)

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_BOOTH: Final = "https://github.com/ClusterLabs/booth"
_SEEN: Final = ("exclusive-grants",)
_LOST: Final = (*_SEEN, "lost-majority")
_BOTH: Final = ("python", "clusterlabs")
_PATIENT: Final = (f"{TICKET}.acquire-after=2000ms",)
_MANUAL: Final = (f"{TICKET}.mode=manual",)


@scenario(settings=_PATIENT, link=f"{_BOOTH}/issues/17", must_see=_LOST)
def started_without_majority(bed: Testbed) -> None:
    """The holder is cut off and its Booth restarted: its CIB must not stay granted while elections fail."""
    granted(bed, "A")
    with cut_off(bed, "A"):
        bed.apply(RestartBooth(at=("A",)))
        bed.wait_holder("B")
    bed.wait_agreed("B")


@scenario(link=f"{_BOOTH}/commit/7c9e110", must_see=_SEEN, suites=("extended",))
def deaf_follower(bed: Testbed) -> None:
    """A site hears nobody and asks for votes: members that know of a valid lease refuse."""
    granted(bed, "A")
    with bed.during(OneWay(targets=("B",))):
        bed.pause(bed.leases(3))
        bed.wait_holder("A", within_ms=0)
    bed.wait_agreed("A")


@scenario(link=f"{_BOOTH}/commit/cac04ae", must_see=_LOST, suites=("extended",))
def deaf_leader(bed: Testbed) -> None:
    """The holder is heard and hears nobody: its lease must run out, however many heartbeats it sends."""
    granted(bed, "A")
    with bed.during(OneWay(targets=("A",))):
        bed.wait(
            lambda seen: "A" not in seen.holders(bed.ticket.name),
            "A lets go of the ticket",
            within_ms=bed.leases(2),
        )
        bed.pause(bed.leases(1.5))
    expect_one_holder(bed)


@scenario(link=f"{_BOOTH}/commit/f45702f", must_see=_SEEN, suites=("extended",), subjects=_BOTH)
def grant_while_the_holder_is_cut_off(bed: Testbed) -> None:
    """The ticket is asked for at a site while its holder cannot be reached: the lease must end first."""
    granted(bed, "A")
    with cut_off(bed, "A"):
        bed.grant("B", wait=False)
        wait_takeover(bed, "B")
    bed.wait_agreed("B")


@scenario(link=f"{_BOOTH}/commit/f45702f", must_see=_SEEN, suites=("extended",), subjects=_BOTH)
def forced_grant_while_a_site_is_away(bed: Testbed) -> None:
    """A site is away, and an administrator says that it does not hold the ticket: nobody waits."""
    with bed.during(StopBooth(at=("B",))):
        expect_outcome(bed.grant("A", immediate=True), Phase.OK)
        bed.wait_holder("A", within_ms=bed.leases(0.5))
    bed.wait_agreed("A")


@scenario(settings=HANDLED, link=f"{_BOOTH}/commit/79dd290", must_see=_SEEN, suites=("extended",))
def handler_longer_than_the_lease(bed: Testbed) -> None:
    """The holder's handler is slower than the lease is long, and the holder is cut off while it runs."""
    granted(bed, "A")
    with bed.during(BreakHandler(at=("A",), mode="slow", delay_ms=2_500)):
        bed.wait_moment("A", after_renewal_ms=bed.leases(0.6))
        with cut_off(bed, "A"):
            bed.wait_holder("B")
            bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(
    settings=HANDLED,
    link=f"{_BOOTH}/commit/f01c4e8",
    must_see=_SEEN,
    known=UNHANDLED,
    suites=("extended",),
    subjects=_BOTH,
)
def handler_ends_as_the_lease_does(bed: Testbed) -> None:
    """The handler of a holder that is cut off ends at about the end of the lease; four times."""
    granted(bed, "A")
    for _ in range(4):
        (holder,) = bed.seen.holders(bed.ticket.name)
        slow_ms = int(bed.leases(bed.dice.uniform(0.35, 0.75)))
        with bed.during(BreakHandler(at=(holder,), mode="slow", delay_ms=slow_ms)):
            bed.wait_moment(holder)
            with cut_off(bed, holder):
                wait_another(bed, holder)
                bed.pause(bed.leases(0.5))
        bed.pause(bed.leases(1))
        expect_one_holder(bed)


@scenario(
    settings=HANDLED,
    link=f"{_BOOTH}/commit/9dae592",
    must_see=("handlers-gate",),
    suites=("extended",),
    subjects=_BOTH,
)
def handler_runs_once_a_renewal(bed: Testbed) -> None:
    """A handler that takes a while is not started again while it runs."""
    granted(bed, "A")
    with bed.during(BreakHandler(at=("A",), mode="slow", delay_ms=300)):
        runs = bed.seen.handler_runs("A", bed.ticket.name)
        told = bed.seen.writes("A", bed.ticket.name)
        bed.pause(bed.leases(2.5))
        runs = bed.seen.handler_runs("A", bed.ticket.name) - runs
        told = bed.seen.writes("A", bed.ticket.name) - told
    expect(0 < runs <= told + 1, f"with {told} renewals the handler ran about as often, not {runs} times")
    bed.wait_agreed("A")


@scenario(
    link=f"{_BOOTH}/commit/3d998b0", must_see=(*_SEEN, "terms-rise"), suites=("extended",), subjects=_BOTH
)
def restarted_without_memory_under_loss(bed: Testbed) -> None:
    """The holder restarts and its CIB has forgotten the ticket, while half of the packets get lost."""
    granted(bed, "A")
    with bed.during(Loss(percent=50, only="udp")):
        with bed.during(StopBooth(at=("A",))):
            bed.apply(ForgetTickets(at=("A",)))
        bed.pause(bed.leases(2))
    expect_one_holder(bed)


@scenario(
    "standalone-five",
    link="https://github.com/jjzhang/booth/pull/47",
    must_see=_LOST,
    suites=("extended",),
    subjects=_BOTH,
)
def acknowledged_twice(bed: Testbed) -> None:
    """Every packet arrives twice, and the holder reaches one of four others: that is no majority."""
    granted(bed, "A")
    with bed.during(Duplicate(percent=100, only="udp")), hearing_only(bed, "A", "D"):
        wait_another(bed, "A")
        bed.pause(bed.leases(1))
    expect_one_holder(bed)


@scenario(
    settings=_MANUAL,
    link=f"{_BOOTH}/issues/60",
    must_see=("manual-tickets",),
    suites=("extended",),
    subjects=_BOTH,
)
def manual_ticket_without_majority(bed: Testbed) -> None:
    """Nothing moves a manual ticket but an administrator."""
    expect_outcome(bed.grant("A"), Phase.OK)
    bed.wait_holder("A")
    with cut_off(bed, "A"):
        bed.pause(bed.leases(2.5))
        bed.wait_holder("A", within_ms=0)
    expect_outcome(bed.revoke("A"), Phase.OK)
    bed.wait_holder(None)


@scenario(settings=_MANUAL, link=f"{_BOOTH}/pull/64", must_see=("manual-tickets",), suites=("extended",))
def manual_ticket_at_two_sites(bed: Testbed) -> None:
    """A manual ticket's holder is cut off, and the ticket granted elsewhere by force: all are to warn of it.

    Who was cut off hears of it when its Booth starts anew; else within a minute.
    """
    expect_outcome(bed.grant("A"), Phase.OK)
    bed.wait_holder("A")
    with cut_off(bed, "A"):
        bed.grant("B", immediate=True)
        wait_takeover(bed, "B")
    bed.apply(RestartBooth(at=("A",)))
    bed.settle()
    bed.revoke("B")
    bed.wait_holder("A")
