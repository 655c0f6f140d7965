"""Situations in which one small mistake of a daemon shows; tests/chaos makes each of these mistakes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase
from boothlab.nemesis.network import UDP, Delay, OneWay
from boothlab.nemesis.packets import Replay
from boothlab.nemesis.process import KillNode
from boothlab.scenarios.counting import wait_counted
from boothlab.scenarios.expectations import expect, expect_outcome
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import TICKET, cut_off, granted, wait_takeover

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Applied, Testbed

_MANUAL: Final = (f"{TICKET}.mode=manual",)
_LONG: Final = (f"{TICKET}.expire=8000ms",)
_LATE_MS: Final = 3_000
"""So late that another site leads by then."""


def deaf_to_each_other(bed: Testbed, one: str, other: str) -> list[Applied]:
    """Let two members not hear each other."""
    ways = ((one, other), (other, one))
    return [bed.apply(OneWay(sources=(source,), targets=(target,))) for source, target in ways]


@scenario(must_see=("exclusive-grants", "one-leader-per-term", "revoke-sticks"))
def planned_move(bed: Testbed) -> None:
    """A ticket is moved by hand: revoked and granted at the other site, and back again."""
    for site in ("A", "B", "A"):
        granted(bed, site)
        expect_outcome(bed.revoke(site), Phase.OK)
        bed.wait_agreed(None)
    bed.pause(bed.leases(1.5))
    bed.wait_agreed(None, within_ms=0)


@scenario(must_see=("exclusive-grants", "one-leader-per-term"))
def rival_grants(bed: Testbed) -> None:
    """Two sites do not hear each other, and the ticket is granted at both at once: one of them gets it."""
    deaf = deaf_to_each_other(bed, "A", "B")
    with ThreadPoolExecutor() as administrators:
        calls = list(administrators.map(bed.grant, ("A", "B")))
    winners = [each.asked.site for each in calls if each.outcome is not Phase.FAIL]
    expect(len(winners) == 1, "one of the two grants is refused, and only one")
    bed.wait_holder(winners[0])
    for each in deaf:
        bed.heal(each)
    bed.wait_agreed(winners[0])


@scenario(must_see=("exclusive-grants", "terms-rise"))
def late_heartbeats(bed: Testbed) -> None:
    """All that the holder says arrives seconds later, when another site leads: nobody believes it then."""
    granted(bed, "A")
    bed.wait_moment("A")
    with bed.during(Delay(sources=("A",), only=UDP, delay_ms=_LATE_MS)):
        wait_takeover(bed, "B")
        bed.pause(_LATE_MS)
    bed.wait_agreed("B")


@scenario(must_see=("exclusive-grants", "authenticity"))
def replayed_packets(bed: Testbed) -> None:
    """Somebody records what the holder says and sends it again a little later: no copy is accepted."""
    granted(bed, "A")
    with bed.during(Replay(sources=("A",), after_ms=300)):
        bed.pause(bed.leases(2))
    wait_counted(bed)
    bed.wait_agreed("A", within_ms=0)


@scenario(settings=_LONG, must_see=("exclusive-grants",), suites=("extended",))
def grant_after_memory_loss(bed: Testbed) -> None:
    """The holder is cut off, and nobody else remembers that it holds the ticket, which is granted elsewhere.

    Site A never heard of it, and the arbitrator lost its power. So only by waiting for as long as a
    lease can last is A sure that nobody holds the ticket any more.
    """
    deaf = deaf_to_each_other(bed, "A", "B")
    bed.grant("B", immediate=True)
    bed.wait_holder("B")
    bed.wait_moment("B")
    dead = bed.apply(KillNode(at=("C",)))
    with cut_off(bed, "B"):
        bed.heal(dead)
        expect_outcome(bed.grant("A"), Phase.OK, Phase.INFO)
        bed.wait_holder("A")
    for each in deaf:
        bed.heal(each)
    bed.wait_agreed("A")


@scenario(settings=_MANUAL, must_see=("manual-tickets",))
def manual_ticket(bed: Testbed) -> None:
    """A manual ticket is granted at a second site: only with force, and then all members warn of it."""
    granted(bed, "A")
    expect_outcome(bed.grant("B"), Phase.FAIL)
    bed.pause(bed.leases(0.5))
    bed.wait_holder("A", within_ms=0)
    expect_outcome(bed.grant("B", immediate=True), Phase.OK)
    bed.wait(lambda seen: len(seen.holders(bed.ticket.name)) > 1, "both sites hold it", within_ms=2_000)
    bed.settle()
    expect_outcome(bed.revoke("A"), Phase.OK)
    bed.wait_holder("B")
