"""Clusters of both kinds: members of ours beside some that behave like ClusterLabs booth."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import pytest
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import KEY, config
from unit.core.cluster.faults import Nemesis
from unit.core.cluster.reference import Reference
from unit.core.cluster.stories import answer, moved_to_b

from boothlab.core.codes import Command, Option, Result

EXPIRE_MS: Final = 2_000
PLACES: Final = ["A", "B", "C", "AC", "BC"]
"""Which of two sites and an arbitrator are of the other kind: all mixes with a site of ours."""
SCALES: Final[list[dict[str, Any]]] = [{}, {"fast": False}, {"acquire_after_ms": 700}]


def mixed(places: str, *, seed: int = 0, key: bytes | None = None, **options: Any) -> Cluster:  # noqa: ANN401
    """Return a cluster whose ticket A holds, with members of the other kind in these places."""
    made = config(**options)
    cluster = Cluster(made, seed=seed, key=key, kinds=dict.fromkeys(places, Reference)).start(settle_ms=500)
    ticket = made.tickets[0]
    client = cluster.grant("A", options=Option.WAIT | Option.WAIT_COMMIT)
    assert answer(cluster, client, within_ms=2 * ticket.expire_ms) == Result.SUCCESS
    return cluster.run(2 * ticket.expire_ms)


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("key", [None, KEY])
def test_a_ticket_is_granted_renewed_and_revoked(places: str, key: bytes | None) -> None:
    cluster = mixed(places, key=key)

    cluster.run(30_000)
    assert cluster.holders() == "A"
    assert cluster.leaders() == {"A"}
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(30_000)

    assert cluster.holders() == ""
    assert cluster.leaders() == {""}


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("seed", range(3))
def test_the_other_site_takes_over_only_when_the_first_has_let_go(
    places: str, scale: dict[str, Any], seed: int
) -> None:
    """A leader of the other kind sees the end of its lease late; nobody may count on more."""
    cluster = mixed(places, seed=seed, **scale)
    cluster.run(cluster.random.randint(0, cluster.config.tickets[0].renewal_ms))

    cluster.network.split("A", "BC")
    moved_to_b(cluster)
    cluster.network.heal()

    cluster.until(lambda: cluster.leaders() == {"B"}, within_ms=cluster.config.tickets[0].expire_ms)
    cluster.check()


@pytest.mark.parametrize("cut_after_us", range(0, 6_000, 500))
@pytest.mark.parametrize("places", ["A", "AC"])
def test_a_lease_that_was_extended_before_anybody_was_told_is_waited_for(
    places: str, cut_after_us: int
) -> None:
    cluster = mixed(places, seed=cut_after_us)
    cluster.until(lambda: cluster.just_sent("A", Command.HEARTBEAT), within_ms=EXPIRE_MS)
    cluster.timeline.after(cut_after_us, lambda: cluster.network.split("A", "BC"))

    moved_to_b(cluster)

    cluster.check()


@pytest.mark.parametrize("places", PLACES)
def test_a_restarted_member_of_ours_finds_its_place_again(places: str) -> None:
    cluster = mixed(places)

    for name in sorted(set("ABC") - set(places)):
        cluster[name].restart()
        cluster.run(2 * EXPIRE_MS)

        assert cluster.holders() == "A"
        assert cluster.leaders() == {"A"}
    cluster.check()


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_network_does_there_is_one_holder(places: str, scale: dict[str, Any], seed: int) -> None:
    cluster = mixed(places, seed=seed, **scale)
    ticket = cluster.config.tickets[0]
    nemesis = Nemesis(cluster, Random(f"{seed} {places}"))  # noqa: S311 - it shall be foreseeable
    nemesis.kinds = [nemesis.split, nemesis.isolate, nemesis.one_way]

    nemesis.rage(15 * ticket.expire_ms)

    assert not cluster.history.overlaps, str(cluster)
    within_ms = 6 * ticket.expire_ms + 20 * ticket.timeout_ms
    cluster.until(lambda: len(cluster.leaders()) == 1 and cluster.holders(), within_ms=within_ms)


@pytest.mark.parametrize("place", "DE")
def test_five_members_of_both_kinds_move_a_ticket(place: str) -> None:
    kinds = dict.fromkeys(f"A{place}", Reference)
    cluster = Cluster(config(3, 2), kinds=kinds).start(settle_ms=500)
    client = cluster.grant("A")
    assert answer(cluster, client) == Result.SUCCESS
    cluster.run(EXPIRE_MS)

    cluster.network.split("A", "BCDE")
    cluster.until(lambda: cluster.holders() not in {"", "A"}, within_ms=2 * EXPIRE_MS)

    cluster.check()


@pytest.mark.parametrize("seed", range(6))
def test_a_lease_that_is_known_from_a_rejection_is_waited_for_as_long_as_any(seed: int) -> None:
    cluster = mixed("AC", seed=seed)
    cluster.network.cut("A", "B")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)
    cluster.run(cluster.random.randint(0, EXPIRE_MS))
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)
    cluster.run(100)

    cluster.network.split("A", "BC")
    moved_to_b(cluster)

    cluster.check()
