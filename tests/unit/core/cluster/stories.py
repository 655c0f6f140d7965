"""Beginnings that many stories share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import TICKET, config

from boothlab.core.codes import Option, Result
from boothlab.core.events import Datagram
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.wire import encode

if TYPE_CHECKING:
    from unit.core.cluster.clients import Client

    from boothlab.core.codes import Command


def started(sites: int = 2, arbitrators: int = 1, *, seed: int = 0, **options: object) -> Cluster:
    """Return a cluster that has run for so long that nothing of before can matter any more."""
    made = config(sites, arbitrators, **options)  # type: ignore[arg-type]
    cluster = Cluster(made, seed=seed).start()
    ticket = made.tickets[0]
    return cluster.run(ticket.expire_ms + ticket.acquire_after_ms + 5 * ticket.timeout_ms)


def answer(cluster: Cluster, client: Client, *, within_ms: int = 1_000) -> Result | None:
    """Wait for the end of a client's request and return the result."""
    cluster.until(lambda: client.closed_us is not None, within_ms=within_ms)
    return client.result


def grant(cluster: Cluster, at: str) -> None:
    """Grant the ticket to a site, and wait until its Pacemaker knows."""
    client = cluster.grant(at, options=Option.WAIT | Option.WAIT_COMMIT)
    assert answer(cluster, client) == Result.SUCCESS, str(cluster)
    assert cluster.holders() == at


def held_by_a(sites: int = 2, arbitrators: int = 1, *, seed: int = 0, **options: object) -> Cluster:
    """Return a cluster whose ticket is granted to A, some renewals ago."""
    cluster = started(sites, arbitrators, seed=seed, **options)
    grant(cluster, "A")
    return cluster.run(2 * cluster.config.tickets[0].expire_ms + 123)


def moved_to_b(cluster: Cluster) -> int:
    """Wait until B has the ticket; return how many milliseconds it took."""
    ticket = cluster.config.tickets[0]
    return cluster.until(
        lambda: cluster.holders() == "B", within_ms=2 * ticket.expire_ms + ticket.acquire_after_ms
    )


def pretend(cluster: Cluster, sender: str, to: str, command: Command, **fields: int) -> None:
    """Bring a datagram to a member as if another had sent it, with a header's or a ticket's fields."""
    header = {name: fields.pop(name) for name in ("request", "reason", "result") if name in fields}
    message = TicketMessage(Header(command, cluster[sender].config.id, **header), TICKET, **fields)
    cluster[to].deliver(Datagram(encode(message), cluster[sender].config.address))
