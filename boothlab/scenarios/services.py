"""Where a ticket's resources run, and how scenarios with Pacemaker wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.scenarios.situations import TICKET, granted

if TYPE_CHECKING:
    from boothlab.scenarios.latest import Latest
    from boothlab.scenarios.testbed import Testbed

BOOTH: Final = "booth-booth-service"
"""What pcs calls the resource that is Booth's daemon."""
START_MS: Final = 20_000
"""How long resources may take to start or to stop, on a busy machine."""


def leases(expire_s: int, *more: str) -> tuple[str, ...]:
    """Return settings with leases so short that a failover is soon over.

    Args:
        expire_s: the lease, in seconds.
        more: other options of the ticket, as ``NAME=VALUE``.
    """
    times = (f"expire={expire_s}", "acquire-after=4", "timeout=1", "retries=3")
    return tuple(f"{TICKET}.{each}" for each in (*times, *more))


def served(bed: Testbed, site: str) -> None:
    """Grant the ticket, and wait until all members know and its resources run."""
    granted(bed, site)
    wait_served(bed, site)


def wait_started(bed: Testbed, member: str, *, since: int) -> None:
    """Wait until a member's daemon was started more often than ``since`` (see ``Latest.starts``).

    Raises:
        NotSoError: it was not in time.
    """
    bed.wait(
        lambda seen: seen.starts(member) > since, f"{member}'s daemon is started", within_ms=2 * START_MS
    )


def wait_all_agree(bed: Testbed, site: str) -> None:
    """Wait until all members answer, also those that have to start, and say that this site leads.

    Raises:
        NotSoError: it was not so in the time of a failover.
    """
    everybody = dict.fromkeys((each.name for each in bed.header.members), site)
    bed.wait(
        lambda seen: seen.leaders(bed.ticket.name) == everybody,
        f"all members answer, and say that {site} leads",
        within_ms=bed.leases(1) + bed.ticket.acquire_after_ms + START_MS,
    )
    bed.wait_agreed(site)


def wait_served(bed: Testbed, site: str | None, *, within_ms: float = START_MS) -> None:
    """Wait until the ticket's resources run at a site, all of them, and at no other; None: nowhere.

    Raises:
        NotSoError: they did not in time.
    """
    wanted = {site} if site else set()
    bed.wait(
        lambda seen: all(set(seen.running(each)) == wanted for each in bed.ticket.resources),
        f"{' and '.join(bed.ticket.resources)} run at {site or 'no site'}{' alone' if site else ''}",
        within_ms=within_ms,
    )


def wait_served_somewhere(bed: Testbed) -> None:
    """Wait until one site has the ticket, whichever, and its resources run there and nowhere else.

    Raises:
        NotSoError: it was not so in the time of a failover.
    """

    def so(seen: Latest) -> bool:
        holders = seen.holders(bed.ticket.name)
        return len(holders) == 1 and all(set(seen.running(each)) == holders for each in bed.ticket.resources)

    within_ms = bed.leases(2) + bed.ticket.acquire_after_ms + START_MS
    bed.wait(so, "the resources run where the ticket is granted, and only there", within_ms=within_ms)
