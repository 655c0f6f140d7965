"""Where nobody got a ticket, or a member got stuck, as it was reported, and mended, in the field.

Which entry is which scenario stands in docs/reference/scenarios.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase
from boothlab.nemesis.network import Delay
from boothlab.nemesis.process import BreakHandler, KillBooth, KillNode, RestartBooth, StopBooth
from boothlab.scenarios.expectations import expect, expect_one_holder, expect_outcome
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.situations import HANDLED, LONG, granted, known_of_clusterlabs

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_BOOTH: Final = "https://github.com/ClusterLabs/booth"
_SEEN: Final = ("exclusive-grants",)
_BOTH: Final = ("python", "clusterlabs")
_OPTIONS: Final = "{expire: 2000ms, timeout: 100ms, retries: 3, renewal-freq: 1000ms}"


def _tickets(*names: str) -> tuple[str, ...]:
    """Return settings with these tickets instead of the topology's."""
    return (f"tickets={{{', '.join(f'{name}: {_OPTIONS}' for name in names)}}}",)


@scenario(settings=HANDLED, link=f"{_BOOTH}/issues/79", must_see=("handlers-gate",))
def handler_fails_at_the_grant(bed: Testbed) -> None:
    """A handler fails as its ticket is asked for: nobody gets it; it succeeds later, and so does a grant."""
    with bed.during(BreakHandler(at=("A",), mode="fail")):
        said = bed.grant("A")
        expect(said.outcome is not Phase.OK, "the grant did not succeed")
        bed.pause(bed.leases(0.5))
        bed.wait_holder(None, within_ms=0)
    granted(bed, "A")


@scenario(link=f"{_BOOTH}/commit/60170a2", must_see=_SEEN, suites=("extended",))
def candidate_killed_in_its_election(bed: Testbed) -> None:
    """The holder is lost, and the only candidate is killed as it asks for votes: it gets the ticket later."""
    granted(bed, "A")
    bed.wait_moment("A")
    bed.apply(KillNode(at=("A",)))
    bed.pause(bed.leases(1) + bed.ticket.acquire_after_ms)
    with bed.during(KillBooth(at=("B",))):
        bed.pause(bed.leases(0.25))
    bed.wait_holder("B")


@scenario(link=f"{_BOOTH}/commit/3c1fec2", must_see=_SEEN, suites=("extended",))
def late_answers_to_a_member_that_starts(bed: Testbed) -> None:
    """The holder restarts, and what others tell it of the ticket arrives in the middle of its election."""
    granted(bed, "A")
    with bed.during(Delay(only="MIdx", delay_ms=150, jitter_ms=100)):
        bed.apply(RestartBooth(at=("A",)))
        expect_one_holder(bed)
        bed.pause(bed.leases(1))
    expect_one_holder(bed)


@scenario(
    "standalone-five",
    link=f"{_BOOTH}/commit/d43ee48",
    must_see=_SEEN,
    known=known_of_clusterlabs("lost-majority", why="A ticket stays granted where the daemon was stopped."),
    suites=("extended",),
    subjects=_BOTH,
)
def even_members_start_together(bed: Testbed) -> None:
    """Four members of five start at the same moment after the holder's lease: a tie is not the end of it."""
    granted(bed, "A")
    bed.apply(StopBooth(at=("E",)))
    together = bed.apply(StopBooth(at=("A", "B", "C", "D")))
    bed.pause(bed.leases(1.5))
    bed.heal(together)
    bed.wait(
        lambda seen: len(seen.holders(bed.ticket.name)) == 1, "one site has the ticket", within_ms=12_000
    )


@scenario(settings=LONG, link=f"{_BOOTH}/commit/4098737", must_see=_SEEN, suites=("extended",))
def restarted_in_the_first_term(bed: Testbed) -> None:
    """The first holder ever restarts before its first renewal: the first term, 0, counts as well."""
    expect_outcome(bed.grant("A"), Phase.OK)
    bed.apply(RestartBooth(at=("A",)))
    bed.wait_agreed("A")


@scenario(link=f"{_BOOTH}/commit/a6271e3", must_see=_SEEN, suites=("extended",), subjects=_BOTH)
def arbitrator_notices_the_end_of_a_lease(bed: Testbed) -> None:
    """Both sites are lost for good: the arbitrator does not go on naming the holder."""
    granted(bed, "A")
    bed.apply(KillNode(at=("A", "B")))
    bed.wait(
        lambda seen: seen.leaders(bed.ticket.name).get("C", "A") is None,
        "the arbitrator says that nobody has the ticket",
        within_ms=bed.leases(4),
    )


@scenario(
    settings=_tickets(*(f"db{number}" for number in range(1, 18))),
    link=f"{_BOOTH}/commit/0db2c76",
    suites=("extended",),
)
def tickets_17(bed: Testbed) -> None:
    """Seventeen tickets are configured: the first, the last and one in the middle work, at both sites."""
    _grant_some(bed, "db1", "db9", "db17")


@scenario(
    settings=_tickets(*(f"db{number}" for number in range(1, 65))),
    link=f"{_BOOTH}/commit/0db2c76",
    suites=("extended",),
    subjects=_BOTH,
)
def tickets_64(bed: Testbed) -> None:
    """Sixty-four tickets are configured: the first, the last and one in the middle work, at both sites."""
    _grant_some(bed, "db1", "db32", "db64")


def _grant_some(bed: Testbed, first: str, middle: str, last: str) -> None:
    for site, ticket in (("A", first), ("B", middle), ("A", last)):
        expect_outcome(bed.grant(site, ticket=ticket), Phase.OK)
    for site, ticket in (("A", first), ("B", middle), ("A", last)):
        bed.wait_agreed(site, ticket=ticket)
    expect_outcome(bed.revoke("B", ticket=middle), Phase.OK)
    bed.wait_agreed(None, ticket=middle)
    bed.wait_agreed("A", ticket=last, within_ms=1_000)


@scenario(
    settings=_tickets("t" * 63),
    link=f"{_BOOTH}/pull/91",
    must_see=_SEEN,
    known=known_of_clusterlabs(
        "play", *_SEEN, why="booth.conf may have a name of 63 characters, its client takes 62 at most."
    ),
    suites=("extended",),
    subjects=_BOTH,
)
def longest_ticket_name(bed: Testbed) -> None:
    """A ticket's name of 63 characters, the most there can be, is granted, told and revoked."""
    granted(bed, "A")
    expect_outcome(bed.revoke("A"), Phase.OK)
    bed.wait_agreed(None)


@scenario(link=f"{_BOOTH}/pull/92", must_see=_SEEN, suites=("extended",), subjects=_BOTH)
def restarts_in_a_row(bed: Testbed) -> None:
    """A member is restarted again and again, and comes back each time."""
    granted(bed, "A")
    for _ in range(4):
        bed.apply(RestartBooth(at=("B",)))
    bed.wait_agreed("A")
