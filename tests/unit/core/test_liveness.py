"""Nobody waits for ever, and nobody longer than it protects anything."""

from __future__ import annotations

from typing import Final

import pytest
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import config
from unit.core.cluster.stories import answer, grant, held_by_a, moved_to_b, pretend, started

from boothlab.core.codes import UNKNOWN, Command, Option, Reason, Result
from boothlab.core.events import Datagram
from boothlab.core.wire import decode_header

EXPIRE_MS: Final = 2_000
TIMEOUT_MS: Final = 100
MINUTE_MS: Final = 60_000


# --- elections


def test_an_election_ends_with_the_vote_that_decides_it_though_a_member_is_silent() -> None:
    cluster = started()
    cluster["C"].kill()

    client = cluster.grant("A")

    assert cluster.until(lambda: cluster.holders() == "A", within_ms=TIMEOUT_MS) < TIMEOUT_MS // 2
    assert answer(cluster, client) == Result.SUCCESS


@pytest.mark.parametrize("seed", range(5))
def test_failover_after_a_kill_takes_little_more_than_the_lease(seed: int) -> None:
    cluster = held_by_a(seed=seed, acquire_after_ms=300)
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)
    cluster.run(10)

    cluster["A"].kill()

    assert moved_to_b(cluster) <= EXPIRE_MS + 300 + TIMEOUT_MS // 2


def test_lost_votes_are_asked_for_again_within_the_election() -> None:
    cluster = started()
    cluster.network.split("A", "B", "C")
    cluster.grant("A")
    cluster.run(5)
    cluster.network.heal()

    cluster.until(lambda: cluster.holders() == "A", within_ms=TIMEOUT_MS)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("sites", "arbitrators"), [(2, 1), (3, 2), (4, 1)])
def test_sites_that_campaign_at_once_do_not_stay_in_step(sites: int, arbitrators: int, seed: int) -> None:
    cluster = started(sites, arbitrators, seed=seed)
    grant(cluster, "A")
    cluster.run(EXPIRE_MS)

    cluster["A"].kill()

    cluster.until(lambda: cluster.holders() not in {"", "A"}, within_ms=EXPIRE_MS + 5 * TIMEOUT_MS)


def test_a_candidate_that_is_told_of_a_newer_term_goes_on_with_a_higher_one() -> None:
    cluster = started()
    cluster.network.cut("B", "AC")
    cluster.network.cut("A", "C", both_ways=False)
    pretend(
        cluster, "B", "C", Command.REQUEST_VOTE, reason=Reason.ADMIN, leader=cluster["B"].config.id, term=7
    )
    cluster.run(50)
    cluster.network.heal()

    client = cluster.grant("A", options=Option.WAIT)

    assert answer(cluster, client, within_ms=10 * TIMEOUT_MS) == Result.SUCCESS
    cluster.until(lambda: cluster.seen_by("A").term > 7, within_ms=EXPIRE_MS)
    cluster.until(lambda: cluster.leader_seen_by("C") == "A", within_ms=EXPIRE_MS)


def test_a_rejected_grant_is_answered() -> None:
    cluster = held_by_a()
    cluster.network.cut("A", "B")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)

    client = cluster.grant("B", options=Option.WAIT)

    assert answer(cluster, client, within_ms=MINUTE_MS) not in {None, Result.SUCCESS}
    assert cluster.holders() == "A"


def test_a_grant_that_nobody_votes_for_is_answered() -> None:
    cluster = started()
    cluster.network.split("A", "BC")

    client = cluster.grant("A", options=Option.WAIT)

    assert answer(cluster, client, within_ms=MINUTE_MS) not in {None, Result.SUCCESS}


def test_a_grant_on_its_way_can_be_cancelled_by_a_revoke_at_the_same_site() -> None:
    cluster = started()
    cluster.network.split("A", "BC")
    granting = cluster.grant("A", options=Option.WAIT)
    cluster.run(3 * TIMEOUT_MS)

    revoking = cluster.revoke("A")

    assert answer(cluster, revoking, within_ms=MINUTE_MS) == Result.SUCCESS
    assert granting.closed_us is not None
    cluster.network.heal()
    cluster.run(MINUTE_MS)
    assert cluster.history.granted == []


def test_a_grant_after_one_that_failed_has_its_own_chance() -> None:
    cluster = started(handler=("may-i",))
    cluster["A"].handler = lambda _: 1
    assert answer(cluster, cluster.grant("A")) == Result.HANDLER_FAILED

    cluster["A"].handler = lambda _: 0

    grant(cluster, "A")


def test_a_loser_writes_no_more_into_its_log_than_a_winner_needs_to_appear() -> None:
    cluster = held_by_a()
    cluster.network.split("B", "AC")
    cluster.run(5 * EXPIRE_MS)
    before = len(cluster["B"].notes)

    cluster.run(MINUTE_MS)

    assert len(cluster["B"].notes) - before < 60 * 10


def test_status_is_answered_during_an_election() -> None:
    cluster = started()
    cluster.network.cut("C", "AB", both_ways=False)
    cluster.grant("A")
    cluster.run(5)
    for name in "AC":
        pretend(cluster, "B", name, Command.STATUS)
        assert cluster.sent_by(name, Command.MY_INDEX)


# --- leases


def test_a_leader_that_dies_between_heartbeat_and_update_is_missed_in_time() -> None:
    cluster = started()
    cluster.grant("A")
    cluster.until(lambda: cluster.just_sent("A", Command.HEARTBEAT), within_ms=TIMEOUT_MS)
    cluster.run(2)

    cluster["A"].kill()

    moved_to_b(cluster)


def test_an_undisturbed_holder_is_not_bothered_by_a_site_that_cannot_see_it() -> None:
    cluster = held_by_a()
    pacemaker = cluster["B"].pacemaker
    assert pacemaker
    cluster.network.cut("A", "B")
    cluster.run(2 * EXPIRE_MS)
    term, writes = cluster.seen_by("A").term, len(pacemaker.writes)

    cluster.run(MINUTE_MS)

    assert cluster.holders() == "A"
    assert cluster.seen_by("A").term == term
    assert len(pacemaker.writes) - writes <= 2
    cluster.network.heal()
    cluster.run(2 * EXPIRE_MS)
    assert cluster.leaders() == {"A"}


@pytest.mark.parametrize("seed", range(3))
def test_thirty_percent_loss_moves_nothing(seed: int) -> None:
    cluster = held_by_a(seed=seed)
    for link in cluster.network.links.values():
        link.loss = 0.3

    cluster.run(MINUTE_MS)

    assert len(cluster.history.granted) == 1


@pytest.mark.parametrize("after_ms", [100, 1_500])
def test_all_members_restart_and_the_ticket_is_where_it_was(after_ms: int) -> None:
    cluster = held_by_a()

    for name in "ABC":
        cluster[name].kill()
    cluster.run(after_ms)
    cluster.start()

    cluster.run(3 * EXPIRE_MS)
    assert cluster.holders() == "A"
    assert cluster.leaders() == {"A"}


def test_a_ticket_whose_lease_ended_while_all_were_down_finds_a_home_again() -> None:
    cluster = held_by_a()

    for name in "ABC":
        cluster[name].kill()
    cluster.run(3 * EXPIRE_MS)
    cluster.start()

    cluster.until(lambda: len(cluster.holders()) == 1, within_ms=3 * EXPIRE_MS)
    cluster.check()


@pytest.mark.parametrize("at", ["A", "B"])
@pytest.mark.parametrize("options", [Option.NONE, Option.IMMEDIATE])
def test_a_granted_ticket_is_not_granted_again(at: str, options: Option) -> None:
    cluster = held_by_a()

    assert answer(cluster, cluster.grant(at, options=options)) == Result.OVERGRANT
    assert cluster.holders() == "A"


def test_a_holder_that_comes_back_too_late_follows_the_new_one() -> None:
    cluster = held_by_a()
    cluster["A"].kill()
    moved_to_b(cluster)

    cluster["A"].start()

    cluster.until(lambda: cluster.leaders() == {"B"}, within_ms=5 * TIMEOUT_MS)
    assert cluster.holders() == "B"


def test_a_client_at_the_wrong_site_is_sent_to_the_holder() -> None:
    cluster = held_by_a()

    client = cluster.revoke("B")

    assert answer(cluster, client) == Result.REDIRECT
    assert client.ticket.leader == cluster["A"].config.id


# --- revoke and step-down


@pytest.mark.parametrize("down", ["", "B", "C"])
def test_a_revoked_ticket_stays_revoked(down: str) -> None:
    cluster = held_by_a()
    for name in down:
        cluster.network.split(name, "ABC".replace(name, ""))

    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(2 * EXPIRE_MS)
    cluster.network.heal()
    cluster.run(MINUTE_MS)

    assert cluster.holders() == ""
    assert len(cluster.history.granted) == 1


def test_a_revoke_that_nobody_heard_is_not_called_a_success() -> None:
    cluster = held_by_a()
    cluster.network.split("A", "BC")

    client = cluster.revoke("A", options=Option.WAIT)

    assert answer(cluster, client, within_ms=MINUTE_MS) == Result.SYNC_FAIL


def test_a_follower_without_a_leader_acknowledges_a_revoke() -> None:
    cluster = held_by_a()
    cluster.network.cut("A", "B")
    cluster.until(lambda: cluster.leader_seen_by("B") == "", within_ms=2 * EXPIRE_MS)
    cluster.network.heal()

    cluster.revoke("A")
    cluster.run(3 * TIMEOUT_MS)
    resent = len(cluster.sent_by("A", Command.REVOKED))
    cluster.run(EXPIRE_MS)

    assert len(cluster.sent_by("A", Command.REVOKED)) == resent


def test_an_old_update_does_not_bring_a_revoked_ticket_back() -> None:
    cluster = held_by_a()
    cluster.until(lambda: cluster.just_sent("A", Command.UPDATE), within_ms=EXPIRE_MS)
    old = [cluster.sent_by("A", command)[-1] for command in (Command.HEARTBEAT, Command.UPDATE)]
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(50)

    for name in "BC":
        for data in old:
            cluster[name].deliver(Datagram(data, cluster["A"].config.address))
    cluster.run(MINUTE_MS)

    assert cluster.leaders() == {""}
    assert len(cluster.history.granted) == 1


def test_a_step_down_is_told_until_it_is_answered_and_no_longer() -> None:
    cluster = started(handler=("may-i",))
    grant(cluster, "A")
    cluster["A"].handler = lambda _: 1
    moved_to_b(cluster)

    assert len(cluster.sent_by("A", Command.VOTE_FOR)) <= 4
    cluster.check()


def test_a_resend_gives_the_same_reason() -> None:
    cluster = started()
    cluster.network.split("A", "BC")
    cluster.grant("A")
    cluster.run(5 * TIMEOUT_MS)

    reasons = {decode_header(data)[0].reason for data in cluster.sent_by("A", Command.REQUEST_VOTE)}

    assert reasons == {Reason.ADMIN}


# --- handlers


def test_a_site_that_is_not_fit_takes_over_nothing_and_the_next_one_does() -> None:
    cluster = started(3, 2, handler=("may-i",))
    grant(cluster, "A")
    cluster["B"].handler = lambda _: 1
    cluster.run(EXPIRE_MS)

    cluster["A"].kill()
    cluster.until(lambda: cluster.holders() == "C", within_ms=2 * EXPIRE_MS)

    assert "B" not in {held.what for held in cluster.history.granted}


def test_a_handler_that_hangs_ends_a_grant_not_the_daemon() -> None:
    cluster = started(handler=("may-i",))
    cluster["A"].handler = lambda _: None

    client = cluster.grant("A", options=Option.WAIT)

    assert answer(cluster, client, within_ms=MINUTE_MS) not in {None, Result.SUCCESS}
    grant(cluster, "B")


def test_a_handler_that_hangs_at_a_renewal_costs_the_ticket() -> None:
    cluster = started(handler=("may-i",))
    grant(cluster, "A")

    cluster["A"].handler = lambda _: None

    moved_to_b(cluster)
    cluster.run(5 * EXPIRE_MS)
    assert cluster.holders() == "B"
    cluster.check()


def test_a_candidate_that_hears_nothing_does_not_block_the_others() -> None:
    """Its terms run ahead while it cannot hear; then the holder steps down."""
    cluster = started(3, 2, handler=("may-i",), acquire_after_ms=300)
    grant(cluster, "A")
    cluster.network.cut("ACDE", "B", both_ways=False)
    cluster.run(10 * EXPIRE_MS)
    cluster["A"].handler = lambda _: 1
    cluster.run(EXPIRE_MS)
    cluster.network.heal()
    cluster["A"].handler = lambda _: 0

    cluster.until(lambda: len(cluster.leaders()) == 1 and cluster.holders(), within_ms=5 * EXPIRE_MS)


# --- quiet


def test_an_idle_cluster_sends_nothing_and_wakes_nobody() -> None:
    cluster = Cluster(config()).start(settle_ms=3 * EXPIRE_MS)
    before = len(cluster.steps)

    cluster.run(24 * 60 * MINUTE_MS)

    assert len(cluster.steps) - before < 10
    assert cluster.seen_by("A").leader == UNKNOWN


def test_who_voted_in_an_election_that_came_to_nothing_follows_the_old_leader_again() -> None:
    cluster = held_by_a()
    term = cluster.seen_by("A").term
    cluster.network.cut("A", "C")
    cluster.until(lambda: cluster.leader_seen_by("C") == "", within_ms=2 * EXPIRE_MS)
    b = cluster["B"].config.id
    cluster.run(EXPIRE_MS)
    votes = len(cluster.sent_by("C", Command.VOTE_FOR))
    pretend(cluster, "B", "C", Command.REQUEST_VOTE, reason=Reason.TICKET_LOST, leader=b, term=term + 1)
    cluster.run(5)
    assert len(cluster.sent_by("C", Command.VOTE_FOR)) == votes + 1
    cluster.run(3 * TIMEOUT_MS)

    cluster.network.heal()

    cluster.until(lambda: cluster.leader_seen_by("C") == "A", within_ms=EXPIRE_MS)
    assert cluster.seen_by("A").term == term
    pretend(cluster, "B", "C", Command.REQUEST_VOTE, reason=Reason.TICKET_LOST, leader=b, term=term + 1)
    cluster.run(5)
    assert len(cluster.sent_by("C", Command.VOTE_FOR)) == votes + 1, "there is no second vote in the term"
