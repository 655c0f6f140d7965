"""The scenarios of Booth's own live test, under its names.

Times are those of the topology: a lease is two seconds in a lab without Pacemaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase, Verb
from boothlab.nemesis.network import OneWay, Partition
from boothlab.nemesis.process import (
    BreakHandler,
    ForgetTickets,
    KillNode,
    RestartBooth,
    StopBooth,
)
from boothlab.scenarios.expectations import expect, expect_outcome
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import HANDLED, LONG, TICKET, UNHANDLED, known_of_clusterlabs

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_MIXED: Final = "A=clusterlabs,B=python,C=clusterlabs"
_PREREQUISITE: Final = (f"{TICKET}.attr-prereq=[manual geolocation eq here]",)


@scenario(must_see=("exclusive-grants", "agreement"), also=(_MIXED,))
def grant(bed: Testbed) -> None:
    """A ticket is granted at one site, and all members know it."""
    expect_outcome(bed.grant("A"), Phase.OK)
    bed.wait_agreed("A")
    bed.settle()


@scenario(must_see=("exclusive-grants",))
def longgrant(bed: Testbed) -> None:
    """A ticket is held for five leases, renewed all the time, and never lost."""
    bed.grant("A")
    bed.wait_agreed("A")
    told = bed.seen.writes("A", bed.ticket.name)
    bed.pause(bed.leases(5))
    bed.wait_agreed("A", within_ms=0)
    expect(bed.seen.writes("A", bed.ticket.name) > told + 5, "A renewed the ticket at least once a lease")


@scenario(must_see=("exclusive-grants",))
def longgrant2(bed: Testbed) -> None:
    """A ticket is held for four leases; half of the time the arbitrator is away, and two members suffice."""
    bed.grant("A")
    bed.wait_agreed("A")
    bed.pause(bed.leases(1))
    with bed.during(StopBooth(at=("arbitrator",))):
        bed.pause(bed.leases(2))
        bed.wait_holder("A", within_ms=0)
    bed.pause(bed.leases(1))
    bed.wait_agreed("A", within_ms=1_000)


@scenario(must_see=("exclusive-grants",))
def grant_noarb(bed: Testbed) -> None:
    """A ticket is granted while the arbitrator is away: both sites answer, so nobody has to wait."""
    with bed.during(StopBooth(at=("arbitrator",))):
        expect_outcome(bed.grant("A"), Phase.OK)
        bed.wait_holder("A", within_ms=bed.leases(0.5))
    bed.wait_agreed("A")


@scenario(must_see=("exclusive-grants", "revoke-sticks"), also=(_MIXED,))
def revoke(bed: Testbed) -> None:
    """A granted ticket is revoked; nobody has it, and nobody takes it."""
    bed.grant("A")
    bed.wait_agreed("A")
    expect_outcome(bed.revoke("A"), Phase.OK)
    bed.wait_agreed(None)
    bed.pause(bed.leases(2))
    bed.wait_agreed(None, within_ms=0)


@scenario(must_see=("exclusive-grants",), also=(_MIXED,))
def grant_elsewhere(bed: Testbed) -> None:
    """A ticket that one site holds is asked for at the other one: that is refused."""
    bed.grant("A")
    bed.wait_agreed("A")
    expect_outcome(bed.grant("B"), Phase.FAIL)
    bed.pause(bed.leases(1.5))
    bed.wait_agreed("A", within_ms=0)


@scenario(must_see=("exclusive-grants", "grant-delay"))
def grant_site_lost(bed: Testbed) -> None:
    """A ticket is granted while the other site is away: it might hold it, so a lease and more must pass."""
    with bed.during(StopBooth(at=("B",))):
        bed.grant("A")
        bed.wait_holder("A")
    bed.wait_agreed("A")


@scenario(must_see=("exclusive-grants",))
def grant_site_reappear(bed: Testbed) -> None:
    """As the other site comes back and has nothing, a grant that waited for it waits no longer."""
    away = bed.apply(StopBooth(at=("B",)))
    bed.grant("A")
    bed.heal(away)
    bed.wait_agreed("A")


@scenario(
    must_see=("exclusive-grants", "agreement"),
    known=known_of_clusterlabs("lost-majority", why="A ticket stays granted where the daemon was stopped."),
)
def simultaneous_start_even(bed: Testbed) -> None:
    """Two members of three start at the same moment after the holder's lease: one of them gets the ticket."""
    bed.grant("A")
    bed.wait_agreed("A")
    bed.apply(StopBooth(at=("arbitrator",)))
    both = bed.apply(StopBooth(at=("A", "B")))
    bed.pause(bed.leases(1.5))
    bed.heal(both)
    bed.wait(
        lambda seen: len(seen.holders(bed.ticket.name)) == 1,
        "one site has the ticket",
        within_ms=bed.leases(5),
    )
    bed.heal()
    bed.settle()


@scenario(must_see=("exclusive-grants",))
def slow_start_granted(bed: Testbed) -> None:
    """All members of a granted ticket stop, and start one after the other: it is granted again, once."""
    bed.grant("A")
    bed.wait_agreed("A")
    stopped = [bed.apply(StopBooth(at=(each.name,))) for each in bed.header.members]
    for each in stopped:
        bed.heal(each)
        bed.pause(bed.leases(0.5))
    bed.wait(
        lambda seen: len(seen.holders(bed.ticket.name)) == 1,
        "one site has the ticket",
        within_ms=bed.leases(5),
    )


@scenario(settings=LONG, must_see=("exclusive-grants",), also=(_MIXED,))
def restart_granted(bed: Testbed) -> None:
    """The holder's Booth is restarted within its lease: it goes on holding the ticket."""
    bed.grant("A")
    bed.wait_agreed("A")
    bed.apply(RestartBooth(at=("A",)))
    bed.wait_agreed("A")


@scenario(settings=LONG, must_see=("exclusive-grants",))
def reload_granted(bed: Testbed) -> None:
    """Every member is restarted, one after the other, as for an update: the ticket stays where it is."""
    bed.grant("A")
    for each in bed.header.members:
        bed.wait_agreed("A")
        bed.apply(RestartBooth(at=(each.name,)))
    bed.wait_agreed("A")


@scenario(must_see=("exclusive-grants",))
def restart_granted_nocib(bed: Testbed) -> None:
    """The holder restarts and its CIB has forgotten the ticket: what the others know decides."""
    bed.grant("A")
    bed.wait_agreed("A")
    with bed.during(StopBooth(at=("A",))):
        bed.apply(ForgetTickets(at=("A",)))
    bed.wait(
        lambda seen: len(seen.holders(bed.ticket.name)) == 1,
        "one site has the ticket",
        within_ms=bed.leases(4),
    )


@scenario(must_see=("exclusive-grants",))
def restart_notgranted(bed: Testbed) -> None:
    """A site without the ticket is restarted: it learns who has it."""
    bed.grant("A")
    bed.wait_agreed("A")
    bed.apply(RestartBooth(at=("B",)))
    bed.wait_agreed("A")


@scenario(must_see=("exclusive-grants", "failover", "agreement"), also=(_MIXED,))
def failover(bed: Testbed) -> None:
    """The holder loses its power: the other site takes the ticket, and keeps it when the first comes back."""
    bed.grant("A")
    bed.wait_agreed("A")
    with bed.during(KillNode(at=("A",))):
        bed.wait_holder("B")
        bed.pause(bed.leases(0.5))
    bed.wait_agreed("B")
    bed.settle()


@scenario(must_see=("exclusive-grants", "failover", "lost-majority"), also=(_MIXED,))
def split_leader(bed: Testbed) -> None:
    """The holder is cut off: it gives the ticket up, the other site takes it, and keeps it afterwards."""
    bed.grant("A")
    bed.wait_agreed("A")
    with bed.during(Partition(members=("A",))):
        bed.wait_holder("B")
        bed.pause(bed.leases(1))
    bed.wait_agreed("B")
    bed.settle()


@scenario(must_see=("exclusive-grants",))
def split_follower(bed: Testbed) -> None:
    """The site without the ticket is cut off: nothing happens to the ticket."""
    bed.grant("A")
    bed.wait_agreed("A")
    with bed.during(Partition(members=("B",))):
        bed.pause(bed.leases(2))
        bed.wait_holder("A", within_ms=0)
    bed.wait_agreed("A")


@scenario(must_see=("exclusive-grants",))
def split_edge(bed: Testbed) -> None:
    """The two sites do not hear each other, and the arbitrator hears both: the holder keeps the ticket."""
    bed.grant("A")
    bed.wait_agreed("A")
    back = bed.apply(OneWay(sources=("B",), targets=("A",)))  # first: as long as B hears A, it is content
    there = bed.apply(OneWay(sources=("A",), targets=("B",)))
    bed.pause(bed.leases(3))
    bed.wait_holder("A", within_ms=0)
    bed.heal(there)
    bed.heal(back)
    bed.wait_agreed("A")


@scenario(
    settings=HANDLED,
    must_see=("exclusive-grants", "handlers-gate"),
    subjects=("python", "clusterlabs"),
    known=UNHANDLED,
)
def external_prog_failed(bed: Testbed) -> None:
    """The holder's handler begins to fail: the holder gives the ticket away, and the other site takes it."""
    bed.grant("A")
    bed.wait_agreed("A")
    with bed.during(BreakHandler(at=("A",), mode="fail")):
        bed.wait_holder("B")
    bed.wait_agreed("B")


@scenario(settings=_PREREQUISITE, must_see=("prerequisites-gate",))
def attr_prereq_ok(bed: Testbed) -> None:
    """A grant has a prerequisite, and the site's attribute fulfils it."""
    bed.attribute(Verb.ATTR_SET, "A", "geolocation", "here")
    expect_outcome(bed.grant("A"), Phase.OK)
    bed.wait_agreed("A")


@scenario(settings=_PREREQUISITE)
def attr_prereq_fail(bed: Testbed) -> None:
    """A grant has a prerequisite, and the site's attribute is another one: the grant is refused."""
    bed.attribute(Verb.ATTR_SET, "A", "geolocation", "elsewhere")
    expect_outcome(bed.grant("A"), Phase.FAIL)
    bed.pause(bed.leases(1))
    bed.wait_agreed(None, within_ms=0)
