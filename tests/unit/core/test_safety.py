"""Two sites never hold a ticket at once: each way into it that ClusterLabs booth has, tried on ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from unit.core.cluster.configs import TICKET
from unit.core.cluster.stories import grant, held_by_a, moved_to_b, pretend, started

from boothlab.core.codes import UNKNOWN, Command, Option, Reason
from boothlab.core.events import CibTicket

EXPIRE_MS: Final = 2_000
WEEK_US: Final = 7 * 24 * 3_600_000_000


# --- leases


@pytest.mark.parametrize("cut_after_us", range(0, 12_000, 500))
def test_an_isolated_holder_lets_go_before_the_others_may_take_over(cut_after_us: int) -> None:
    """Also when the cut comes between the acknowledgements and the update."""
    cluster = held_by_a(seed=cut_after_us)
    cluster.until(lambda: cluster.just_sent("A", Command.HEARTBEAT), within_ms=EXPIRE_MS)
    cluster.timeline.after(cut_after_us, lambda: cluster.network.split("A", "BC"))

    moved_to_b(cluster)

    cluster.check()


@pytest.mark.parametrize("seed", range(5))
def test_whole_seconds_on_the_wire_cost_no_safety(seed: int) -> None:
    cluster = held_by_a(seed=seed, fast=False, expire_ms=11_000, renewal_ms=5_500)

    cluster.run(cluster.random.randint(0, 6_000)).network.split("A", "BC")
    moved_to_b(cluster)

    cluster.check()


@pytest.mark.parametrize("acquire_after_ms", [300, 3_000])
def test_nobody_takes_over_before_acquire_after(acquire_after_ms: int) -> None:
    cluster = held_by_a(acquire_after_ms=acquire_after_ms)

    cluster.network.split("A", "BC")
    moved_to_b(cluster)

    first, second = cluster.history.granted
    assert first.end_us is not None
    assert second.start_us - first.end_us >= acquire_after_ms * 1_000


@pytest.mark.parametrize("stop_ms", [1_500, 1_800, 2_050, 2_150, 2_300, 5_000])
@pytest.mark.parametrize("acquire_after_ms", [0, 1_000])
@pytest.mark.parametrize("seed", range(3))
def test_a_stopped_holder_has_lost_the_ticket_when_it_goes_on(
    stop_ms: int, acquire_after_ms: int, seed: int
) -> None:
    cluster = held_by_a(acquire_after_ms=acquire_after_ms, seed=seed)

    cluster["A"].pause()
    cluster.run(stop_ms)
    cluster["A"].resume()
    cluster.run(2 * EXPIRE_MS + acquire_after_ms)

    assert len(cluster.leaders()) == 1
    assert cluster.holders() == cluster.leaders().pop()
    cluster.check()


def test_a_killed_holder_does_not_keep_its_ticket_in_pacemaker() -> None:
    cluster = held_by_a()

    cluster["A"].kill()
    moved_to_b(cluster)

    cluster.check()


def test_without_a_majority_nobody_holds_it_and_the_last_holder_too_lets_go() -> None:
    cluster = held_by_a()

    cluster["C"].kill()
    cluster.run(3 * EXPIRE_MS)
    assert cluster.holders() == "A"
    cluster["A"].kill()
    cluster.run(3 * EXPIRE_MS)
    assert cluster.holders() == ""
    cluster["C"].start()
    moved_to_b(cluster)

    cluster.check()


# --- restarts


def test_a_holder_that_restarts_within_its_lease_goes_on_without_an_election() -> None:
    cluster = held_by_a()
    term = cluster.seen_by("A").term

    cluster["A"].kill()
    cluster.run(100)
    cluster["A"].start()
    cluster.run(3 * EXPIRE_MS)

    assert cluster.seen_by("A").term == term
    assert [str(held.end_us) for held in cluster.history.granted] == ["None"]


@pytest.mark.parametrize("wrong_us", [-3_600_000_000, -1_300_000, 0, 1_300_000, WEEK_US])
@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_an_isolated_holder_that_restarts_does_not_trust_its_wall_clock(
    wrong_us: int, crash: bool, seed: int
) -> None:
    cluster = held_by_a(seed=seed)
    cluster.network.split("A", "BC")
    cluster.run(cluster.random.randint(0, EXPIRE_MS - 300))

    (cluster["A"].crash if crash else cluster["A"].kill)()
    cluster["A"].clock.wall_error_us = wrong_us
    cluster.run(200)
    cluster["A"].start()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.holders() == "B"
    cluster.check()


@pytest.mark.parametrize(
    "stale",
    [
        CibTicket(granted=True, owner=1, expires_s=2_000_000_000, term=50),
        CibTicket(granted=True, owner=2, expires_s=2_000_000_000, term=50),
        CibTicket(granted=True, owner=12345, expires_s=2_000_000_000, term=1),
        CibTicket(granted=True, owner=-1, expires_s=2_000_000_000, term=1),
        CibTicket(granted=True),
        CibTicket(granted=False, owner=1, expires_s=2_000_000_000, term=50),
    ],
    ids=lambda stale: f"granted={stale.granted}, owner={stale.owner}",
)
def test_a_stale_cib_takes_the_ticket_from_nobody(stale: CibTicket) -> None:
    cluster = held_by_a()
    node = cluster["B"]
    assert node.pacemaker
    owners = {1: cluster["A"].config.id, 2: node.config.id}
    owner = stale.owner if stale.owner is None else owners.get(stale.owner, stale.owner)

    node.crash()
    node.pacemaker.tickets[TICKET] = replace(stale, owner=owner)
    cluster.run(500)
    node.start()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.holders() == "A"
    assert cluster.leaders() == {"A"}
    cluster.check()


def test_hearsay_from_a_stale_cib_makes_nobody_a_holder() -> None:
    cluster = started()
    node = cluster["B"]
    assert node.pacemaker

    node.kill()
    owner = cluster["A"].config.id
    node.pacemaker.tickets[TICKET] = CibTicket(granted=False, owner=owner, expires_s=2_000_000_000, term=3)
    node.start()
    cluster.run(EXPIRE_MS - 200)

    assert cluster.history.granted == []


@pytest.mark.parametrize("seed", range(5))
def test_a_voter_that_forgot_everything_does_not_help_two_sites(seed: int) -> None:
    cluster = held_by_a(seed=seed)
    cluster.network.split("A", "BC")
    cluster.network.cut("A", "B")

    cluster["C"].crash()
    cluster.run(cluster.random.randint(0, 500))
    cluster["C"].start()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.holders() == "B"
    cluster.check()


@pytest.mark.parametrize("cut_at_ms", [1_000, 1_900, 2_000])
def test_a_grant_on_the_word_of_a_voter_that_forgot_still_waits_for_the_old_lease(cut_at_ms: int) -> None:
    """B cannot see A, the arbitrator forgets A's lease, and an administrator grants at B."""
    cluster = held_by_a()
    cluster.network.cut("A", "B")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)
    client = cluster.grant("B", options=Option.WAIT | Option.WAIT_COMMIT)
    cluster.run(cut_at_ms)

    cluster["C"].crash()
    cluster.run(30)
    cluster["C"].start()
    cluster.network.cut("A", "C")
    cluster.run(5 * EXPIRE_MS)

    assert client.closed_us is not None
    cluster.check()


# --- elections and messages


@pytest.mark.parametrize(("sites", "arbitrators"), [(2, 1), (2, 3), (3, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_a_holder_by_step_down_that_comes_back_takes_nothing(sites: int, arbitrators: int, seed: int) -> None:
    cluster = started(sites, arbitrators, seed=seed, handler=("may-i",))
    everyone = "".join(cluster.nodes)
    grant(cluster, "B")
    cluster["B"].handler = lambda _: 1
    cluster.until(lambda: cluster.holders() not in {"", "B"}, within_ms=3 * EXPIRE_MS)
    holder = cluster.holders()
    cluster["B"].handler = lambda _: 0

    cluster.network.split(holder, everyone.replace(holder, ""))
    cluster.until(lambda: cluster.holders() not in {"", holder}, within_ms=4 * EXPIRE_MS)
    cluster.network.heal()
    cluster.run(5 * EXPIRE_MS)

    assert cluster.leaders() == {cluster.holders()}
    cluster.check()


@pytest.mark.parametrize("reason", [Reason.NONE, Reason.STEPDOWN, Reason.ADMIN, Reason.TICKET_LOST])
@pytest.mark.parametrize("to", ["A", "C"])
def test_no_reason_for_an_election_ends_a_lease_that_runs(reason: Reason, to: str) -> None:
    cluster = held_by_a()
    term = cluster.seen_by("A").term + 5

    pretend(cluster, "B", to, Command.REQUEST_VOTE, reason=reason, leader=cluster["B"].config.id, term=term)
    cluster.run(20)

    assert cluster.holders() == "A"
    assert cluster.leaders() == {"A"}
    cluster.run(3 * EXPIRE_MS)
    assert cluster.holders() == "A"


def test_a_follower_does_not_switch_to_another_leader_of_the_same_term() -> None:
    cluster = held_by_a()
    term = cluster.seen_by("C").term

    pretend(cluster, "B", "C", Command.HEARTBEAT, leader=cluster["B"].config.id, term=term, valid=EXPIRE_MS)

    assert cluster.leader_seen_by("C") == "A"


def test_a_vote_for_the_holder_in_a_new_term_does_not_end_its_lease() -> None:
    cluster = held_by_a(3, 2)
    a, b, term = cluster["A"].config.id, cluster["B"].config.id, cluster.seen_by("D").term

    pretend(cluster, "A", "D", Command.REQUEST_VOTE, reason=Reason.REACQUIRE, leader=a, term=term + 1)
    pretend(cluster, "B", "D", Command.HEARTBEAT, leader=b, term=term + 2, valid=EXPIRE_MS)

    assert cluster.leader_seen_by("D") != "B"


def test_a_holder_that_learns_of_another_tells_pacemaker_at_once() -> None:
    cluster = held_by_a()
    term = cluster.seen_by("A").term + 1

    pretend(cluster, "B", "A", Command.HEARTBEAT, leader=cluster["B"].config.id, term=term, valid=EXPIRE_MS)

    assert cluster.until(lambda: cluster.holders() == "", within_ms=20) <= 20


def test_acknowledgements_of_another_term_confirm_nothing() -> None:
    cluster = started()
    cluster.network.cut("BC", "A", both_ways=False)
    cluster.grant("A")
    cluster.run(20)
    me, term = cluster["A"].config.id, cluster.seen_by("A").term
    for sender in "BC":
        request = Command.REQUEST_VOTE
        pretend(cluster, sender, "A", Command.VOTE_FOR, request=request, leader=me, term=term)
    assert cluster.leader_seen_by("A") == "A"

    for sender in "BC":
        request = Command.HEARTBEAT
        pretend(cluster, sender, "A", Command.ACK, request=request, leader=me, term=term + 1, valid=2_000)
        pretend(cluster, sender, "A", Command.ACK, request=request, leader=UNKNOWN, term=term, valid=2_000)
    cluster.run(30)

    assert cluster.history.granted == []
