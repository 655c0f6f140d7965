"""What happens inside a site that has the ticket: nodes and daemons die, and Pacemaker puts it right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from boothlab.nemesis.process import KillBooth, KillCorosync, KillNode, MoveBooth, PauseBooth
from boothlab.scenarios.expectations import expect
from boothlab.scenarios.scenario import Known, scenario
from boothlab.scenarios.services import (
    BOOTH,
    START_MS,
    leases,
    served,
    wait_all_agree,
    wait_served,
    wait_served_somewhere,
    wait_started,
)
from boothlab.scenarios.situations import cut_off, wait_takeover

if TYPE_CHECKING:
    from boothlab.scenarios.latest import Latest
    from boothlab.scenarios.testbed import Testbed

_SEEN: Final = ("exclusive-grants", "exclusive-resources")
_LOST: Final = (*_SEEN, "placement", "failover", "lost-majority")
_placement = partial(scenario, "three-site-fast", settings=leases(10), suites=("placement",))
_LONGER: Final = leases(40, "renewal-freq=5")
"""Long enough for a node to be missed, and for Booth to be started on the other one, on a busy machine.

Nobody revokes the ticket in between, as the lease guard dies with its node: see docs/reference/safety.md.
"""


def _nodes(seen: Latest, bed: Testbed, site: str) -> frozenset[str]:
    """Return the nodes of a site that run any of the ticket's resources."""
    found = (seen.running(each).get(site, frozenset()) for each in bed.ticket.resources)
    return frozenset[str]().union(*found)


def _served_apart(bed: Testbed, site: str) -> None:
    """Let a site run the resources on one node and Booth on the other, wherever Pacemaker starts them.

    Observers see where Booth runs when it has moved.
    """
    _move_booth(bed, site)
    served(bed, site)
    if bed.seen.running(BOOTH)[site] == _nodes(bed.seen, bed, site):
        _move_booth(bed, site)


def _move_booth(bed: Testbed, site: str) -> None:
    old = bed.seen.running(BOOTH).get(site)
    with bed.during(MoveBooth(at=(site,))):
        bed.wait(
            lambda seen: seen.running(BOOTH).get(site, old) != old,
            f"Booth runs on the other node of {site}",
            within_ms=2 * START_MS,
        )


@_placement(settings=_LONGER, must_see=_SEEN)
def resources_node_dies(bed: Testbed) -> None:
    """The node that runs the resources loses its power: they start on its site's other node.

    Booth runs there, so the ticket stays where it is.
    """
    _served_apart(bed, "A")
    old, starts = _nodes(bed.seen, bed, "A"), bed.seen.starts("A")
    with bed.during(KillNode(at=("A",), node="resources")):
        bed.wait(lambda seen: not _nodes(seen, bed, "A") & old, "they run there no more", within_ms=START_MS)
        wait_served(bed, "A", within_ms=2 * START_MS)
    wait_all_agree(bed, "A")
    expect(bed.seen.starts("A") == starts, "Booth went on running")


@_placement(settings=_LONGER, must_see=_SEEN)
def booth_node_dies(bed: Testbed) -> None:
    """The node that runs Booth loses its power: Booth starts on the other one and keeps the ticket.

    The resources run there all the time.
    """
    _served_apart(bed, "A")
    old, starts = _nodes(bed.seen, bed, "A"), bed.seen.starts("A")
    with bed.during(KillNode(at=("A",), node="booth")):
        wait_started(bed, "A", since=starts)
        bed.wait_moment("A")
        wait_served(bed, "A", within_ms=0)
    wait_all_agree(bed, "A")
    expect(_nodes(bed.seen, bed, "A") == old, "the resources run where they ran")


@_placement(settings=_LONGER, must_see=_SEEN)
def booth_moves(bed: Testbed) -> None:
    """Booth is moved to the other node of its site: ticket and resources stay where they are."""
    served(bed, "A")
    starts = bed.seen.starts("A")
    with bed.during(MoveBooth(at=("A",))):
        wait_started(bed, "A", since=starts)
        bed.wait_moment("A")
        wait_served(bed, "A", within_ms=0)
    wait_all_agree(bed, "A")


@_placement(
    must_see=_LOST,
    link="https://github.com/ClusterLabs/booth/issues/17",
)
def booth_moves_while_cut_off(bed: Testbed) -> None:
    """A site is cut off, and Booth moves to its other node meanwhile: it must let go when its lease ends."""
    served(bed, "A")
    bed.wait_moment("A")
    with cut_off(bed, "A"), bed.during(MoveBooth(at=("A",))):
        bed.wait_holder("B")
        wait_served(bed, "B")
    wait_all_agree(bed, "B")


@_placement(settings=_LONGER, must_see=_SEEN)
def corosync_killed(bed: Testbed) -> None:
    """Corosync is killed on the node that runs Booth: its site puts itself right, or loses the ticket.

    The lease is long: while its nodes do not know of each other, a site without fencing has two CIBs.
    """
    served(bed, "A")
    starts = bed.seen.starts("A")
    with bed.during(KillCorosync(at=("A",))):
        wait_started(bed, "A", since=starts)
    wait_served_somewhere(bed)


@_placement(must_see=_SEEN)
def booth_killed(bed: Testbed) -> None:
    """The holder's daemon is killed, and Pacemaker finds it missing and starts it again."""
    served(bed, "A")
    starts = bed.seen.starts("A")
    killed = bed.apply(KillBooth(at=("A",)))
    wait_started(bed, "A", since=starts)
    bed.heal(killed)
    wait_served_somewhere(bed)


@_placement(
    must_see=_LOST,
    subjects=("python", "clusterlabs"),
    known=(
        Known(
            "clusterlabs",
            frozenset(
                {
                    *("play", "exclusive-grants", "exclusive-resources"),
                    *("placement", "acquire-after", "lost-majority"),
                }
            ),
            "docs/reference/deviations.md",
            "A ticket stays granted where the daemon is stopped by a signal, and the service goes on.",
            shown_by="exclusive-grants",
        ),
    ),
)
def booth_frozen(bed: Testbed) -> None:
    """The holder's daemon does not run (SIGSTOP), its cluster does: the service stops there all the same."""
    served(bed, "A")
    with bed.during(PauseBooth(at=("A",))), bed.past_the_lease():
        wait_takeover(bed, "B", within_ms=bed.leases(1) + bed.ticket.acquire_after_ms + START_MS)
        wait_served(bed, "B")
    wait_all_agree(bed, "B")
