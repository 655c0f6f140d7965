"""Chaos that nobody thought of: schedules drawn from a seed, while an administrator grants and revokes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis.draw import Wishes, draw, drawable
from boothlab.nemesis.process import BreakCrmTicket, DriftClock, KillCorosync, PauseNode, StepClock
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.services import leases
from boothlab.scenarios.workload import administrator

if TYPE_CHECKING:
    from boothlab.history.header import Ticket
    from boothlab.nemesis.schedule import Schedule
    from boothlab.nemesis.targets import Shape
    from boothlab.scenarios.scenario import Draw
    from boothlab.scenarios.testbed import Testbed

_SHORT_MS: Final = 30_000
_LONGER_MS: Final = 100_000
_PACE_MS: Final = 8_000
_CLOCKS: Final = (StepClock.kind, DriftClock.kind)
"""A node's pacemaker.log tells times by the clock that they make wrong, and would be misread."""
_WANT_FENCING: Final = (KillCorosync.kind, PauseNode.kind, BreakCrmTicket.kind)
"""What makes two clusters of one, or keeps Booth from starting on a site's other node: see safety.md."""


def drawn(duration_ms: int, *, without: tuple[str, ...] = (), pace_ms: int | None = None) -> Draw:
    """Return what draws a schedule of this length, of all kinds of faults but some.

    They last, and follow each other, from a quarter to three times ``pace_ms``; left out: the lease.
    """

    def make(seed: int, shape: Shape, ticket: Ticket) -> Schedule:
        kinds = tuple(each for each in drawable(shape) if each not in without)
        lease_ms = pace_ms or ticket.expire_ms
        return draw(seed, shape, Wishes(duration_ms=duration_ms, lease_ms=lease_ms, kinds=kinds))

    return make


def _random_faults(bed: Testbed) -> None:
    """Let an administrator grant and revoke while the run's schedule is played."""
    bed.grant("A")
    with administrator(bed, bed.dice.randrange(2**31)):
        bed.play(bed.schedule)
    bed.settle()


@scenario("standalone", "standalone-five", draws=drawn(_SHORT_MS), must_see=("exclusive-grants", "agreement"))
def random_faults(bed: Testbed) -> None:
    """Faults of all kinds for some time, while an administrator grants and revokes; then all is healed."""
    _random_faults(bed)


@scenario(
    "three-site-fast",
    settings=leases(20, "renewal-freq=5", "acquire-after=15"),
    draws=drawn(_LONGER_MS, without=_CLOCKS + _WANT_FENCING, pace_ms=_PACE_MS),
    must_see=("exclusive-grants", "exclusive-resources"),
    suites=("placement",),
)
def random_faults_in_clusters(bed: Testbed) -> None:
    """As random_faults, with Pacemaker: nodes die, clusters are stopped, Booth moves inside of sites.

    What is left of a lease, and acquire-after, are longer than a site takes to start Booth on another node.
    """
    _random_faults(bed)


@scenario("standalone", "standalone-five", suites=())
def schedule(bed: Testbed) -> None:
    """Whatever a schedule says, while the first site holds the ticket; then all is healed."""
    bed.grant(bed.header.sites[0].name)
    bed.wait_holder(bed.header.sites[0].name)
    bed.play(bed.schedule)
    bed.settle()
