"""Situations that several scenarios begin with, and settings that they share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from boothlab.engine import handlers
from boothlab.history.records import Phase
from boothlab.nemesis.network import OneWay, Partition
from boothlab.nemesis.process import BreakHandler
from boothlab.scenarios.expectations import expect_outcome
from boothlab.scenarios.scenario import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.scenarios.testbed import Testbed

TICKET: Final = "apacheticket"
"""The first ticket of all topologies."""
HANDLED: Final = (f"{TICKET}.before-acquire-handler={handlers.WATCHED} {handlers.HANDLER}",)
"""The ticket has a handler, and account is kept of its runs."""
LONG: Final = (f"{TICKET}.expire=8000ms",)
"""A lease that a restart fits into, also on a machine that has much else to do."""
NO_WAIT: Final = (f"{TICKET}.acquire-after=0",)
"""Nothing but the lease keeps a second site away."""


def known_of_clusterlabs(shown_by: str, *others: str, why: str, tries: int = 1) -> tuple[Known, ...]:
    """Return what is known of ClusterLabs booth, and told where our daemon differs from it.

    Args:
        shown_by: The checker that must find it.
        others: Those that may find something as well.
        why: In a sentence.
        tries: How often it is played until it shows.
    """
    checkers = frozenset({shown_by, *others})
    return (Known("clusterlabs", checkers, "docs/reference/deviations.md", why, tries, shown_by),)


UNHANDLED: Final = known_of_clusterlabs(
    "handlers-gate", why="No handler is run before a takeover, only at the first renewal."
)
"""What is known of whoever takes a ticket over."""


def granted(bed: Testbed, site: str) -> None:
    """Grant the ticket, and wait until all members know.

    On a slow machine the client may hear that Pacemaker is told later: it is, or the wait fails.
    """
    expect_outcome(bed.grant(site), Phase.OK, Phase.INFO)
    bed.wait_agreed(site)


def step_down(bed: Testbed, first: str, second: str) -> None:
    """Let the holder's handler fail until another site has the ticket.

    That one has just renewed it then, and its handler does not run.
    """
    with bed.during(BreakHandler(at=(first,), mode="fail")):
        bed.wait_holder(second)
    bed.wait_agreed(second)
    bed.wait_moment(second)


@contextmanager
def hearing_only(bed: Testbed, member: str, *others: str) -> Iterator[None]:
    """Let a member that is cut off exchange packets with some others, and with nobody else."""
    away = tuple(each for each in bed.others(member) if each not in others)
    outwards = bed.apply(OneWay(sources=(member,), targets=away))
    inwards = bed.apply(OneWay(sources=away, targets=(member,)))
    try:
        yield
    finally:
        bed.heal(outwards)
        bed.heal(inwards)


@contextmanager
def cut_off(bed: Testbed, *members: str) -> Iterator[None]:
    """Cut members off, each from everybody."""
    cuts = [bed.apply(Partition(members=(each,))) for each in members]
    try:
        yield
    finally:
        for each in cuts:
            bed.heal(each)


def wait_takeover(bed: Testbed, site: str, *, within_ms: float = 8_000) -> None:
    """Wait until a site's CIB has the ticket granted, whoever else's has.

    Raises:
        NotSoError: it did not in time.
    """
    bed.wait(
        lambda seen: site in seen.holders(bed.ticket.name),
        f"{site} takes the ticket over",
        within_ms=within_ms,
    )


def wait_another(bed: Testbed, lost: str, *, within_ms: float = 10_000) -> None:
    """Wait until the CIB of another site than the lost one has the ticket granted, whichever.

    Raises:
        NotSoError: none did in time.
    """
    bed.wait(
        lambda seen: bool(seen.holders(bed.ticket.name) - {lost}),
        f"another site than {lost} has the ticket",
        within_ms=within_ms,
    )
