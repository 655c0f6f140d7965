"""What an administrator may count on: when a grant is carried out, and what a client is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import config
from unit.core.cluster.stories import answer, grant, started

from boothlab.core.codes import Command, Option, Result
from boothlab.core.config.model import Mode

EXPIRE_MS: Final = 2_000


def test_a_second_grant_does_not_shorten_the_delay_of_the_first() -> None:
    cluster = started(acquire_after_ms=500)
    cluster["B"].kill()
    begun_ms = cluster.now_ms

    first = cluster.grant("A", options=Option.WAIT_COMMIT | Option.WAIT)
    cluster.run(20)
    cluster.grant("A")
    cluster.until(cluster.holders, within_ms=10_000)

    assert cluster.now_ms - begun_ms >= EXPIRE_MS + 500
    assert answer(cluster, first) == Result.SUCCESS
    cluster.check()


def test_a_grant_with_an_unreachable_site_waits_for_its_lease_unless_immediate() -> None:
    cluster = started()
    cluster["B"].kill()

    client = cluster.grant("A", options=Option.IMMEDIATE)

    assert answer(cluster, client, within_ms=500) == Result.SUCCESS
    assert cluster.holders() == "A"


@pytest.mark.parametrize("seed", range(10))
def test_a_grant_that_all_sites_can_answer_is_a_success_at_once(seed: int) -> None:
    cluster = started(seed=seed)

    assert answer(cluster, cluster.grant("A")) == Result.SUCCESS


def test_a_grant_does_not_wait_for_an_arbitrator() -> None:
    cluster = started()
    cluster["C"].kill()

    assert answer(cluster, cluster.grant("A"), within_ms=500) == Result.SUCCESS


def test_a_held_back_grant_is_committed_as_soon_as_the_last_site_agrees() -> None:
    cluster = started(acquire_after_ms=5_000)
    cluster["B"].kill()
    client = cluster.grant("A")
    assert answer(cluster, client, within_ms=1_000) == Result.CIB_PENDING
    assert cluster.holders() == ""

    cluster["B"].start()

    assert cluster.until(lambda: cluster.holders() == "A", within_ms=3_000) < 3_000


def test_a_client_that_leaves_does_not_make_its_request_be_carried_out_twice() -> None:
    cluster = started()
    cluster.network.split("A", "BC")
    client = cluster.grant("A")
    cluster.run(150)
    cluster.leave(client)
    cluster.network.heal()
    cluster.run(3 * EXPIRE_MS)
    if cluster.holders():
        assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS

    cluster.run(60_000)

    assert cluster.holders() == ""


def test_two_grants_at_once_give_one_holder_and_both_clients_are_answered() -> None:
    cluster = started()

    clients = [cluster.grant("A"), cluster.grant("B")]
    cluster.run(3 * EXPIRE_MS)

    assert len(cluster.holders()) == 1
    assert sorted(client.result == Result.SUCCESS for client in clients) == [False, True]
    cluster.check()


def test_a_ticket_appears_nowhere_if_its_granter_dies_in_the_election() -> None:
    cluster = started()
    cluster.network.cut("BC", "A", both_ways=False)
    cluster.grant("A")
    cluster.run(50)

    cluster["A"].kill()
    cluster.network.heal()
    cluster.run(2 * 3_600_000)

    assert cluster.history.granted == []


# --- manual tickets


def test_a_restarted_site_knows_that_a_manual_ticket_is_granted_elsewhere() -> None:
    cluster = Cluster(config(mode=Mode.MANUAL)).start(settle_ms=3_000)
    grant(cluster, "A")

    cluster["B"].restart()
    cluster.run(1_000)

    assert answer(cluster, cluster.grant("B")) == Result.OVERGRANT
    assert cluster.holders() == "A"


@pytest.mark.parametrize("down", ["", "B", "BC"])
def test_a_manual_grant_is_answered_and_committed_whoever_is_away(down: str) -> None:
    cluster = Cluster(config(mode=Mode.MANUAL)).start(settle_ms=3_000)
    for name in down:
        cluster[name].kill()

    client = cluster.grant("A", options=Option.WAIT)

    assert answer(cluster, client, within_ms=60_000) == Result.SUCCESS
    assert cluster.holders() == "A"


def test_two_manual_grants_are_told_to_everybody_who_lists() -> None:
    cluster = Cluster(config(mode=Mode.MANUAL)).start(settle_ms=3_000)
    assert answer(cluster, cluster.grant("A")) == Result.SUCCESS
    assert answer(cluster, cluster.grant("B", options=Option.IMMEDIATE)) == Result.SUCCESS
    cluster.run(1_000)

    for name in "ABC":
        assert "granted to multiple sites: 10.0.0.1, 10.0.0.2" in cluster.ask(name, Command.LIST).text


def test_a_member_without_others_grants_at_once() -> None:
    cluster = Cluster(config(1, 0)).start(settle_ms=100)

    assert answer(cluster, cluster.grant("A")) == Result.SUCCESS
    cluster.run(60_000)
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS

    assert len(cluster.history.granted) == 1
    assert cluster.holders() == ""


def test_tickets_do_not_know_of_each_other() -> None:
    made = config()
    (ticket,) = made.tickets
    cluster = Cluster(replace(made, tickets=(ticket, replace(ticket, name="ticketB")))).start(settle_ms=3_000)
    assert answer(cluster, cluster.ask("A", Command.GRANT, ticket="ticketA")) == Result.SUCCESS
    assert answer(cluster, cluster.ask("B", Command.GRANT, ticket="ticketB")) == Result.SUCCESS
    cluster.run(10_000)

    cluster["A"].kill()
    cluster.run(10_000)

    assert cluster.holders("ticketA") == "B"
    assert [held.what for held in cluster.history.granted if held.ticket == "ticketB"] == ["B"]
    cluster.check()


def test_an_attribute_is_in_the_cib_and_survives_a_restart() -> None:
    cluster = started()

    assert (
        answer(cluster, cluster.attribute("A", Command.ATTR_SET, "color", "as green as it's called"))
        == Result.SUCCESS
    )
    cluster["A"].restart()
    cluster.run(100)

    assert cluster.attribute("A", Command.ATTR_GET, "color").text == "as green as it's called\n"


@pytest.mark.parametrize("name", ["owner", "expires", "term", "granted", "id"])
def test_what_belongs_to_booth_and_pacemaker_is_no_attribute(name: str) -> None:
    cluster = started()
    grant(cluster, "A")
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    before = dict(pacemaker.tickets)

    client = cluster.attribute("A", Command.ATTR_SET, name, "0")

    assert client.result not in {None, Result.SUCCESS}
    assert pacemaker.tickets == before
