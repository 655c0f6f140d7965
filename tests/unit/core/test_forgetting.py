"""Late packets, and members that lost their memory with their node: promises made before still count."""

from __future__ import annotations

from typing import Final

import pytest
from unit.core.cluster.stories import answer, grant, held_by_a, started

from boothlab.core.codes import Command, Option, Result
from boothlab.core.events import Datagram

EXPIRE_MS: Final = 2_000


@pytest.mark.parametrize("acquire_after_ms", [0, 500])
def test_a_grant_waits_for_a_lease_that_a_voter_forgot(acquire_after_ms: int) -> None:
    """B is alone and asked to grant; the arbitrator acknowledges A, loses its memory and is asked by B."""
    cluster = held_by_a(acquire_after_ms=acquire_after_ms)
    cluster.network.split("B", "AC")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)
    cluster.grant("B", options=Option.WAIT | Option.WAIT_COMMIT)
    cluster.run(EXPIRE_MS - 1_000)
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)

    cluster["C"].crash()
    cluster.network.heal()
    cluster.network.split("A", "BC")
    cluster.run(20)
    cluster["C"].start()
    cluster.run(10 * EXPIRE_MS)

    cluster.check()


def test_an_acknowledgement_on_its_way_counts_though_its_sender_forgot_it() -> None:
    """All answer the restarted arbitrator, but A speaks of a lease that is about to become longer."""
    cluster = held_by_a()
    cluster.network.cut("A", "B")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)
    cluster.run(100)
    cluster.network.links["C", "A"].latency_us = (600_000, 600_000)
    cluster.until(lambda: cluster.just_sent("C", Command.ACK), within_ms=EXPIRE_MS)
    cluster.network.links["C", "A"].latency_us = (1_000, 1_000)

    cluster["C"].crash()
    cluster["C"].start()
    cluster.run(50)
    cluster.network.links["A", "C"].cut = True
    cluster.network.links["C", "A"].cut = True
    cluster.run(5 * EXPIRE_MS)

    assert cluster.holders() == "B"
    cluster.check()


@pytest.mark.parametrize("later_ms", range(100, 1_500, 100))
def test_an_acknowledgement_to_an_earlier_life_confirms_nothing(later_ms: int) -> None:
    """A restarts and goes on; what was sent to the process before comes in for whatever it asks next."""
    cluster = held_by_a()
    cluster["A"].restart()
    cluster.run(EXPIRE_MS)
    cluster.until(lambda: cluster.just_sent("A", Command.HEARTBEAT), within_ms=EXPIRE_MS)
    cluster.run(10)
    old = {name: cluster.sent_by(name, Command.ACK)[-40:] for name in "BC"}
    cluster["A"].restart()
    cluster.run(later_ms)

    cluster.network.split("A", "BC")

    def replay() -> None:
        for name, datagrams in old.items():
            for data in datagrams:
                cluster["A"].deliver(Datagram(data, cluster[name].config.address))
        cluster.timeline.after(10_000, replay)

    replay()
    cluster.run(3 * EXPIRE_MS)

    assert cluster.holders() == "B"
    cluster.check()


@pytest.mark.parametrize("after_ms", [0, 400])
def test_a_holder_that_moves_to_another_node_of_its_site_goes_on(after_ms: int) -> None:
    cluster = held_by_a()
    cluster.run(after_ms)
    term = cluster.seen_by("A").term

    cluster["A"].move()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.seen_by("A").term == term
    assert [held.end_us for held in cluster.history.granted] == [None]


@pytest.mark.parametrize("isolated_ms", [0, 500, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_a_holder_that_moves_while_it_is_alone_keeps_the_ticket_no_longer_than_its_lease(
    seed: int, isolated_ms: int
) -> None:
    cluster = held_by_a(seed=seed)
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)
    cluster.run(20)
    cluster.network.split("A", "BC")
    cluster.run(isolated_ms)

    cluster["A"].move()
    cluster.run(3 * EXPIRE_MS)

    assert cluster.holders() == "B"
    cluster.check()


@pytest.mark.parametrize("wrong_ms", [-3_600_000, -1_000, 1_000, 3_600_000])
@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_wall_clock_at_the_new_node_matters_only_to_a_site_that_is_alone(
    seed: int, wrong_ms: int
) -> None:
    cluster = held_by_a(seed=seed)
    cluster.run(cluster.random.randint(0, EXPIRE_MS))

    cluster["A"].clock.wall_error_us = wrong_ms * 1_000
    cluster["A"].move()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.leaders() == {cluster.holders()}
    cluster.check()


@pytest.mark.parametrize("left_ms", [600, 700, 800, 900])
@pytest.mark.parametrize("seed", range(4))
def test_the_last_second_of_a_lease_is_a_lease_also_to_members_that_forgot_it(
    seed: int, left_ms: int
) -> None:
    """Whole seconds on the wire: what is left of the lease is announced as 0."""
    cluster = held_by_a(seed=seed, fast=False)
    cluster["B"].crash()
    cluster.run(20_000 + cluster.random.randint(0, 5_000)).network.split("A", "BC")
    cluster.run(cluster.seen_by("A").left_ms - left_ms)
    cluster["C"].crash()

    cluster.network.heal()
    cluster["C"].start()
    cluster["B"].start()
    cluster.run(60_000)

    cluster.check()


def test_a_term_that_was_led_and_revoked_unheard_is_not_led_again() -> None:
    """A knows that the ticket is revoked, and misses that it was granted and revoked at B meanwhile."""
    cluster = held_by_a()
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(50)
    cluster.network.split("A", "BC")
    cluster.grant("B", options=Option.IMMEDIATE)
    cluster.until(lambda: cluster.holders() == "B", within_ms=EXPIRE_MS)
    cluster.revoke("B")
    cluster.run(50)
    cluster.network.heal()
    cluster.run(EXPIRE_MS)

    assert answer(cluster, cluster.grant("A")) == Result.SUCCESS

    cluster.check()


def test_an_old_heartbeat_does_not_bring_a_released_lease_back() -> None:
    cluster = started(acquire_after_ms=300, handler=("may-i",))
    grant(cluster, "A")
    cluster.run(EXPIRE_MS)
    cluster["A"].handler = lambda _: 1
    cluster.until(lambda: cluster.just_sent("A", Command.VOTE_FOR), within_ms=EXPIRE_MS)
    old = cluster.sent_by("A", Command.HEARTBEAT)[-1]
    cluster.until(lambda: cluster.leader_seen_by("B") == cluster.leader_seen_by("C") == "", within_ms=50)

    for name in "BC":
        cluster[name].deliver(Datagram(old, cluster["A"].config.address))

    assert cluster.until(lambda: cluster.holders() == "B", within_ms=EXPIRE_MS) < EXPIRE_MS // 2
