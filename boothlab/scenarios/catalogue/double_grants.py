"""Situations in which two sites may come to hold one ticket, or nobody does for ever.

Each is a row of what ClusterLabs booth was seen to do; ours passes, by the rules of
docs/reference/safety.md.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.checkers.context import Context
from boothlab.history.records import Phase
from boothlab.nemesis.network import OneWay
from boothlab.nemesis.process import (
    BreakHandler,
    KillBooth,
    PauseBooth,
    RestartBooth,
    StopBooth,
)
from boothlab.scenarios.expectations import expect
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import (
    HANDLED,
    NO_WAIT,
    TICKET,
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
_PATIENT: Final = (f"{TICKET}.acquire-after=4000ms", f"{TICKET}.timeout=200ms")
_WHOLE_SECONDS: Final = tuple(
    f"{TICKET}.{each}"
    for each in ("expire=11", "timeout=1", "retries=3", "renewal-freq=5", "acquire-after=0")
)

_ROUNDED_UP_MS: Final = 500
"""Where in a second to grant, so that leases of whole seconds end just where they are rounded up."""


@scenario(
    must_see=(*_SEEN, "lost-majority"),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        *_OVERLAP, why="A ticket stays granted where the daemon was killed, until it runs again."
    ),
)
def killed_leader(bed: Testbed) -> None:
    """The holder's daemon is killed, and its cluster lives on: the other site takes over."""
    granted(bed, "A")
    with bed.during(KillBooth(at=("A",))):
        wait_takeover(bed, "B")
        bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(
    must_see=(*_SEEN, "lost-majority"),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        *_OVERLAP, why="A ticket stays granted where the daemon is stopped by a signal, until it goes on."
    ),
)
def paused_leader(bed: Testbed) -> None:
    """The holder's daemon is stopped by a signal, and goes on later: the other site takes over meanwhile."""
    granted(bed, "A")
    with bed.during(PauseBooth(at=("A",))):
        wait_takeover(bed, "B")
        bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(
    must_see=("lost-majority",),
    known=known_of_clusterlabs(
        "lost-majority", *_OVERLAP, "play", why="Nobody is left to revoke a ticket whose holder was killed."
    ),
    suites=("extended",),
    subjects=_BOTH,
)
def killed_leader_without_arbitrator(bed: Testbed) -> None:
    """The arbitrator is away as the holder's daemon is killed: nobody may take over, nobody may keep it."""
    granted(bed, "A")
    away = bed.apply(StopBooth(at=("C",)))
    bed.wait_moment("A")
    killed = bed.apply(KillBooth(at=("A",)))
    with bed.past_the_lease():
        bed.wait_holder(None, within_ms=bed.leases(2))
    bed.heal(away)
    bed.wait_holder("B")
    bed.heal(killed)
    bed.wait_agreed("B")


@scenario(
    settings=NO_WAIT,
    must_see=_SEEN,
    subjects=_BOTH,
    known=known_of_clusterlabs(
        "exclusive-grants",
        why="The leader's lease begins anew with acknowledged heartbeats, the others' only with an update.",
        tries=5,
    ),
)
def cut_off_before_the_update(bed: Testbed) -> None:
    """The holder's heartbeat is acknowledged, its update gets lost, and it is cut off."""
    granted(bed, "A")
    bed.wait_moment("A", after_renewal_ms=200)
    with bed.during(OneWay(sources=("A",), only="UpdE")):
        bed.wait_moment("A")
        with cut_off(bed, "A"):
            wait_takeover(bed, "B")
            bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(
    settings=NO_WAIT,
    must_see=_SEEN,
    subjects=_BOTH,
    known=known_of_clusterlabs(
        "exclusive-grants",
        why="The end of a lease is stored rounded to whole seconds, and read back up to half a second late.",
        tries=5,
    ),
)
def restarted_while_cut_off(bed: Testbed) -> None:
    """The holder is cut off, and its Booth is restarted meanwhile: it must let go when its lease ends."""
    bed.wait_second(past_ms=_ROUNDED_UP_MS)
    granted(bed, "A")
    bed.wait_moment("A")
    with cut_off(bed, "A"):
        bed.apply(RestartBooth(at=("A",)))
        wait_takeover(bed, "B")
        bed.pause(bed.leases(1))
    bed.wait_agreed("B")


@scenario(
    settings=_WHOLE_SECONDS,
    must_see=_SEEN,
    bounds=Context(revoke_ms=2_000, failover_ms=6_000, agreement_ms=12_000),
    suites=("extended",),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        *_OVERLAP,
        why="With whole seconds others see a lease up to a second shorter than its leader does.",
        tries=8,
    ),
)
def cut_off_with_whole_seconds(bed: Testbed) -> None:
    """The holder is cut off; times are whole seconds, which the wire rounds down."""
    granted(bed, "A")
    bed.pause(bed.dice.uniform(0, 5_000))
    with cut_off(bed, "A"):
        wait_takeover(bed, "B", within_ms=25_000)
        bed.pause(2_000)
    bed.wait_agreed("B")


@scenario(
    must_see=_SEEN,
    subjects=_BOTH,
    known=known_of_clusterlabs(
        "revoke-sticks", "play", why="A revoke is answered at once, whether anybody else knows or not."
    ),
)
def revoke_while_cut_off(bed: Testbed) -> None:
    """The holder is cut off and asked to revoke: it cannot promise that, as the other site will take over."""
    granted(bed, "A")
    with cut_off(bed, "A"):
        said = bed.revoke("A")
        bed.wait_holder("B")
    expect(said.outcome is not Phase.OK, "the revoke did not succeed")
    bed.wait_agreed("B")


@scenario(
    settings=_PATIENT,
    must_see=_SEEN,
    subjects=_BOTH,
    known=known_of_clusterlabs(
        "play",
        "exclusive-grants",
        "grant-delay",
        why="A request during an election takes the first one's delay away.",
        tries=5,
    ),
)
def grants_at_once_while_a_site_is_away(bed: Testbed) -> None:
    """A site is away and might hold the ticket: to ask three times at once makes the wait no shorter."""
    with bed.during(StopBooth(at=("B",))):
        with ThreadPoolExecutor() as administrators:
            list(administrators.map(lambda site: bed.grant(site, wait=False), ("A", "A", "A")))
        bed.pause(bed.leases(0.5))
        expect(not bed.seen.holders(bed.ticket.name), "nobody has the ticket yet")
        bed.wait_holder("A")
    bed.wait_agreed("A")


@scenario(
    settings=HANDLED,
    must_see=_SEEN,
    suites=("extended",),
    subjects=_BOTH,
    known=known_of_clusterlabs(
        "play", "handlers-gate", why="Members drop requests for votes of a lower term without a word."
    ),
)
def step_down_beside_a_deaf_candidate(bed: Testbed) -> None:
    """B hears nobody and asks for votes, while A steps down, is granted the ticket again, and steps down.

    When B hears again, it must get the ticket.
    """
    granted(bed, "A")
    with bed.during(OneWay(targets=("B",))):
        with bed.during(BreakHandler(at=("A",), mode="fail")):
            bed.wait_holder(None)
        bed.pause(bed.leases(1.5))
        bed.grant("A")
        bed.wait_holder("A")
        bed.apply(BreakHandler(at=("A",), mode="fail"))
        bed.wait_holder(None)
    bed.wait_holder("B")
