"""What Booth alone cannot put right: resources that fail, loss policies, handlers.

Without fencing nobody stops what does not stop by itself. What is known to fail here
fails with every daemon: that the checkers find it is the point.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from boothlab.engine import handlers
from boothlab.nemesis.process import FailResource
from boothlab.scenarios.scenario import EVERYBODY, Known, scenario
from boothlab.scenarios.services import START_MS, leases, served, wait_all_agree, wait_served
from boothlab.scenarios.situations import cut_off, wait_takeover

if TYPE_CHECKING:
    from boothlab.scenarios.testbed import Testbed

_WEB: Final = "WebSite"
_LIMITS: Final = "docs/reference/placement.md"
_SERVICE_RUNNABLE: Final = "/usr/share/booth/service-runnable"
_placement = partial(scenario, "single-node-sites", settings=leases(10), suites=("placement",))


def _known(*checkers: str, why: str, tries: int = 1) -> tuple[Known, ...]:
    """Return what is known of every daemon; the first checker must find it."""
    return (Known(EVERYBODY, frozenset(checkers), _LIMITS, why, tries=tries, shown_by=checkers[0]),)


def _wait_runs(bed: Testbed, resource: str, site: str) -> None:
    """Wait until a resource runs at a site, whoever else runs it."""
    bed.wait(lambda seen: site in seen.running(resource), f"{resource} runs at {site}", within_ms=START_MS)


@_placement(must_see=("exclusive-grants", "exclusive-resources", "failover"))
def resource_cannot_start(bed: Testbed) -> None:
    """A resource fails to start at the site that takes over: the ticket stays there, and nobody serves.

    That is not Booth's to know, unless a before-acquire-handler looks. When the resource can start
    again, it does.
    """
    served(bed, "A")
    with cut_off(bed, "A"):
        with bed.during(FailResource(at=("B",), resource=_WEB)):
            bed.wait_holder("B")
            wait_served(bed, None)
        wait_served(bed, "B")
    wait_all_agree(bed, "B")


@_placement(
    must_see=("exclusive-grants", "failover"),
    known=_known(
        *("exclusive-resources", "placement"),
        why="The ticket is gone and a resource does not stop: only fencing the node would end it.",
        tries=3,  # proven by Pacemaker's looking once more when it could stop again, and before it does
    ),
)
def resource_cannot_stop(bed: Testbed) -> None:
    """A resource fails to stop at the site that loses the ticket, and the other site takes over."""
    served(bed, "A")
    with cut_off(bed, "A"):
        with bed.during(FailResource(at=("A",), resource=_WEB, action="stop")):
            wait_takeover(bed, "B", within_ms=bed.leases(1) + bed.ticket.acquire_after_ms + START_MS)
            _wait_runs(bed, _WEB, "B")
        wait_served(bed, "B")
    wait_all_agree(bed, "B")


@_placement(
    settings=leases(10, "loss-policy=freeze"),
    must_see=("exclusive-grants", "failover"),
    known=_known(
        "exclusive-resources",
        why="The loss policy freeze leaves everything running where the ticket was lost.",
    ),
)
def loss_policy_freeze(bed: Testbed) -> None:
    """What hangs on the ticket is left alone where it is lost, and started where it is granted."""
    served(bed, "A")
    with cut_off(bed, "A"):
        bed.wait_holder("B")
        for each in bed.ticket.resources:
            _wait_runs(bed, each, "B")
    wait_all_agree(bed, "B")


@_placement(
    settings=leases(10, f"before-acquire-handler={handlers.WATCHED} {_SERVICE_RUNNABLE} VIP"),
    subjects=("python", "clusterlabs"),
    known=_known(
        "play",
        why="Booth's own handler looks for words that Pacemaker no longer prints, from 2.1 on.",
    ),
)
def service_runnable(bed: Testbed) -> None:
    """Booth's own sample handler lets a site have the ticket whose cluster can run the resources."""
    served(bed, "A")
