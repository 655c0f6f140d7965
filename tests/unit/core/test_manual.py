"""Manual tickets among members that all answer: one heartbeat and one word to Pacemaker are enough."""

from __future__ import annotations

from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import config
from unit.core.cluster.stories import grant

from boothlab.core.codes import Command, Option
from boothlab.core.config.model import Mode


def granted() -> Cluster:
    cluster = Cluster(config(mode=Mode.MANUAL)).start(settle_ms=3_000)
    grant(cluster, "A")
    return cluster


def test_a_heartbeat_that_all_acknowledge_is_sent_once_and_counts_once() -> None:
    cluster = granted()
    cluster.run(3_000)

    assert len(cluster.sent_by("A", Command.HEARTBEAT)) == 2  # one to each other member
    assert cluster.seen_by("A").counters["renewals"] == 1


def test_who_does_not_acknowledge_is_asked_again_though_a_majority_has() -> None:
    cluster = Cluster(config(mode=Mode.MANUAL)).start(settle_ms=3_000)
    cluster["C"].kill()
    grant(cluster, "A")

    cluster.run(3_000)

    assert len(cluster.sent_by("A", Command.HEARTBEAT)) == 2 + cluster.config.tickets[0].retries
    assert cluster.seen_by("A").counters["renewals"] == 1
    assert cluster.holders() == "A"


def test_a_holder_that_restarts_hears_at_once_that_another_site_holds_it_as_well() -> None:
    cluster = granted()
    cluster.network.cut("A", "BC")
    cluster.grant("B", options=Option.WAIT | Option.IMMEDIATE)
    cluster.run(3_000)
    cluster.network.heal()
    cluster["A"].restart()
    cluster.run(3_000)

    assert cluster.holders() == "AB"
    for member in "ABC":
        assert "granted to multiple sites: 10.0.0.1, 10.0.0.2" in cluster.ask(member, Command.LIST).text
