"""What happens inside a site that has the ticket: nodes and daemons die, and Pacemaker puts it right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from boothlab.nemesis.process import KillBooth, KillCorosync, KillNode, MoveBooth, PauseBooth
from boothlab.scenarios.scenario import Known, scenario
from boothlab.scenarios.services import START_MS, leases, served, wait_served, wait_served_somewhere
from boothlab.scenarios.situations import cut_off, wait_takeover

if TYPE_CHECKING:
    from boothlab.scenarios.latest import Latest
    from boothlab.scenarios.testbed import Testbed

_SEEN: Final = ("exclusive-grants", "exclusive-resources", "placement")
_LOST: Final = (*_SEEN, "failover", "lost-majority")
_placement = partial(scenario, "three-site-fast", settings=leases(10), suites=("placement",))
_LONGER: Final = leases(20)
"""Long enough for a node to be missed, and for Booth to be started on the other one."""


def _nodes(seen: Latest, bed: Testbed, site: str) -> frozenset[str]:
    """Return the nodes of a site that run any of the ticket's resources."""
    found = (seen.running(each).get(site, frozenset()) for each in bed.ticket.resources)
    return frozenset[str]().union(*found)


def _wait_moved(bed: Testbed, site: str, old: frozenset[str]) -> None:
    """Wait until the resources run at a site and nowhere else, and not on its old nodes."""
    wait_served(bed, site, within_ms=2 * START_MS)
    bed.wait(
        lambda seen: not _nodes(seen, bed, site) & old,
        f"the resources run on another node of {site}",
        within_ms=START_MS,
    )


@_placement(settings=_LONGER, must_see=_SEEN)
def resources_node_dies(bed: Testbed) -> None:
    """The node that runs the resources loses its power: they start on its site's other node.

    The ticket stays where it is, and the other site never runs them.
    """
    served(bed, "A")
    old = _nodes(bed.seen, bed, "A")
    with bed.during(KillNode(at=("A",), node="resources")):
        _wait_moved(bed, "A", old)
    bed.wait_agreed("A")


@_placement(settings=_LONGER, must_see=_SEEN)
def booth_node_dies(bed: Testbed) -> None:
    """The node that runs Booth loses its power: Booth starts on the other one and keeps the ticket."""
    served(bed, "A")
    with bed.during(KillNode(at=("A",), node="booth")):
        bed.wait_agreed("A")
        wait_served(bed, "A")
        bed.wait_moment("A")
    bed.wait_agreed("A")


@_placement(settings=_LONGER, must_see=_SEEN)
def booth_moves(bed: Testbed) -> None:
    """Booth is moved to the other node of its site: ticket and resources stay where they are."""
    served(bed, "A")
    with bed.during(MoveBooth(at=("A",))):
        bed.wait_agreed("A")
        bed.wait_moment("A")
    wait_served(bed, "A", within_ms=0)


@_placement(
    must_see=_LOST,
    subjects=("python", "clusterlabs"),
    link="https://github.com/ClusterLabs/booth/issues/17",
)
def booth_moves_while_cut_off(bed: Testbed) -> None:
    """A site is cut off, and Booth moves to its other node meanwhile: it must let go when its lease ends."""
    served(bed, "A")
    bed.wait_moment("A")
    with cut_off(bed, "A"), bed.during(MoveBooth(at=("A",))):
        bed.wait_holder("B")
        wait_served(bed, "B")
    bed.wait_agreed("B")


@_placement(must_see=("exclusive-grants", "exclusive-resources"))
def corosync_killed(bed: Testbed) -> None:
    """Corosync is killed on the node that runs Booth: its site puts itself right, or loses the ticket."""
    served(bed, "A")
    with bed.during(KillCorosync(at=("A",))):
        wait_served_somewhere(bed)
    bed.wait(lambda seen: bool(seen.leaders(bed.ticket.name)), "Booth answers", within_ms=START_MS)
    wait_served_somewhere(bed)


@_placement(must_see=("exclusive-grants", "exclusive-resources"), subjects=("python", "clusterlabs"))
def booth_killed(bed: Testbed) -> None:
    """The holder's daemon is killed, and Pacemaker finds it missing and starts it again."""
    served(bed, "A")
    killed = bed.apply(KillBooth(at=("A",)))
    bed.wait(
        lambda seen: set(seen.leaders(bed.ticket.name)) == {each.name for each in bed.header.members},
        "all daemons answer",
        within_ms=bed.leases(1) + START_MS,
    )
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
        ),
    ),
)
def booth_frozen(bed: Testbed) -> None:
    """The holder's daemon does not run (SIGSTOP), its cluster does: the service stops there all the same."""
    served(bed, "A")
    with bed.during(PauseBooth(at=("A",))):
        wait_takeover(bed, "B", within_ms=bed.leases(1) + bed.ticket.acquire_after_ms + START_MS)
        wait_served(bed, "B")
    bed.wait_agreed("B")
