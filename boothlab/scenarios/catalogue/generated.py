"""Chaos that nobody thought of: schedules drawn from a seed, while an administrator grants and revokes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis.draw import Wishes, draw
from boothlab.scenarios.scenario import scenario
from boothlab.scenarios.workload import administrator

if TYPE_CHECKING:
    from boothlab.history.header import Ticket
    from boothlab.nemesis.schedule import Schedule
    from boothlab.nemesis.targets import Shape
    from boothlab.scenarios.scenario import Draw
    from boothlab.scenarios.testbed import Testbed

_SHORT_MS: Final = 40_000


def drawn(duration_ms: int, kinds: tuple[str, ...] = ()) -> Draw:
    """Return what draws a schedule of this length, of these kinds of faults; of all when left out."""

    def make(seed: int, shape: Shape, ticket: Ticket) -> Schedule:
        return draw(seed, shape, Wishes(duration_ms=duration_ms, lease_ms=ticket.expire_ms, kinds=kinds))

    return make


@scenario("standalone", "standalone-five", draws=drawn(_SHORT_MS), must_see=("exclusive-grants", "agreement"))
def random_faults(bed: Testbed) -> None:
    """Faults of all kinds for some time, while an administrator grants and revokes; then all is healed."""
    bed.grant("A")
    with administrator(bed, bed.dice.randrange(2**31)):
        bed.play(bed.schedule)
    bed.settle()


@scenario("standalone", "standalone-five", suites=())
def schedule(bed: Testbed) -> None:
    """Whatever a schedule says, while the first site holds the ticket; then all is healed."""
    bed.grant(bed.header.sites[0].name)
    bed.wait_holder(bed.header.sites[0].name)
    bed.play(bed.schedule)
    bed.settle()
