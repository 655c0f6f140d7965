"""Faults by the dice: whatever happens within the assumptions, two sites never hold the ticket.

``BOOTHLAB_SEEDS=10000 pytest tests/unit/core/test_random_faults.py`` runs as many schedules
for each topology; ``BOOTHLAB_FIRST_SEED`` says where to begin. A failure prints its seed and
what happened; the same seed does it again.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pytest
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import KEY, config
from unit.core.cluster.faults import LATE_LEASES, Nemesis

from boothlab.core.codes import Option, Result

if TYPE_CHECKING:
    from unit.core.cluster.clients import Client

FIRST: Final = int(os.environ.get("BOOTHLAB_FIRST_SEED", "0"))
SEEDS: Final = int(os.environ.get("BOOTHLAB_SEEDS", "6"))
LEASES: Final = 30
"""How long the faults last."""
HANDLER: Final = ("may-i",)

TOPOLOGIES: Final[dict[str, dict[str, Any]]] = {
    "2+1": {},
    "2+1 acquire-after": {"acquire_after_ms": 700},
    "2+1 handler": {"handler": HANDLER},
    "2+1 signed": {"key": KEY},
    "2+1 seconds": {"fast": False},
    "2+1 seconds, acquire-after, handler": {"fast": False, "acquire_after_ms": 3_000, "handler": HANDLER},
    "3+2": {"sites": 3, "arbitrators": 2},
    "3+2 handler": {"sites": 3, "arbitrators": 2, "handler": HANDLER},
    "3+2 seconds, acquire-after, signed": {
        "sites": 3,
        "arbitrators": 2,
        "fast": False,
        "acquire_after_ms": 2_000,
        "key": KEY,
    },
    "2+3": {"arbitrators": 3},
    "2+3 acquire-after, handler": {"arbitrators": 3, "acquire_after_ms": 300, "handler": HANDLER},
    "3+0": {"sites": 3, "arbitrators": 0},
    "2+2": {"arbitrators": 2},
    "4+1, hardly any time": {"sites": 4, "expire_ms": 400, "timeout_ms": 20, "renewal_ms": 200},
    "2+1, ten minutes": {"fast": False, "expire_ms": 600_000, "timeout_ms": 5_000, "renewal_ms": 300_000},
}


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_whatever_goes_wrong_two_sites_never_hold_it_and_all_is_well_again_afterwards(
    topology: str, seed: int
) -> None:
    cluster = run(topology, seed)

    settle(cluster)
    use(cluster)


def run(topology: str, seed: int) -> Cluster:
    """Let faults happen to a cluster whose ticket was granted, and check what must never be."""
    options = dict(TOPOLOGIES[topology])
    key = options.pop("key", None)
    number = crc32(f"{topology}, seed {seed}".encode())
    cluster = Cluster(config(**options), seed=number, key=key).start(settle_ms=500)
    cluster.grant(cluster.random.choice(cluster.sites))
    cluster.run(cluster.config.tickets[0].timeout_ms)
    nemesis = Nemesis(cluster, Random(f"{number} faults"))  # noqa: S311 - it shall be foreseeable
    try:
        nemesis.rage(LEASES * cluster.config.tickets[0].expire_ms)
    except Exception as error:
        error.add_note(f"{topology}\n{cluster}")
        raise
    cluster.check()
    return cluster


def settle(cluster: Cluster) -> None:
    """Wait until everybody agrees, and everybody who asked was answered."""
    ticket = cluster.config.tickets[0]
    within_ms = 6 * ticket.expire_ms + 3 * ticket.acquire_after_ms + 20 * ticket.timeout_ms
    cluster.until(lambda: agreed(cluster), within_ms=within_ms)
    cluster.run((LATE_LEASES + 1) * ticket.expire_ms)  # until no packet from before is on its way
    cluster.until(lambda: agreed(cluster), within_ms=2 * ticket.expire_ms)
    asking = [client for client in cluster.clients if client.closed_us is None]
    assert not asking, f"client {asking[0].number} is not answered\n{cluster}"
    cluster.check()


def agreed(cluster: Cluster) -> bool:
    """Return whether all members see the same leader, and Pacemaker does as well."""
    leaders = cluster.leaders()
    return len(leaders) == 1 and cluster.holders() == "".join(leaders)


def use(cluster: Cluster) -> None:
    """Move the ticket to another site by hand: revoke it where it is, grant it there."""
    holder = cluster.holders()
    if holder:
        assert asked(cluster, cluster.revoke(holder)) == Result.SUCCESS, str(cluster)
        cluster.run(cluster.config.tickets[0].expire_ms)
        assert cluster.holders() == "", f"a revoked ticket came back\n{cluster}"
    other = next(site for site in cluster.sites if site != holder)
    client = cluster.grant(other, options=Option.WAIT | Option.WAIT_COMMIT)
    assert asked(cluster, client) == Result.SUCCESS, str(cluster)
    assert cluster.holders() == other
    cluster.check()


def asked(cluster: Cluster, client: Client) -> Result | None:
    """Wait for a client's answer."""
    ticket = cluster.config.tickets[0]
    cluster.until(lambda: client.closed_us is not None, within_ms=ticket.expire_ms + 10 * ticket.timeout_ms)
    return client.result
