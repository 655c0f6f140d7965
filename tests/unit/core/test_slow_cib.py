"""Pacemaker is slow, refuses, hangs or cannot be read: what is not done is not called done."""

from __future__ import annotations

from typing import Final

import pytest
from unit.core.cluster.stories import answer, grant, held_by_a, started

from boothlab.core.codes import Option, Result

EXPIRE_MS: Final = 2_000
MINUTE_MS: Final = 60_000


def test_a_grant_that_pacemaker_refuses_is_not_called_a_success_and_is_tried_again() -> None:
    cluster = started()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.fate = lambda _: "fail"

    client = cluster.grant("A", options=Option.WAIT)
    cluster.run(1_500)
    assert Result.SUCCESS not in client.results
    pacemaker.fate = lambda _: ""
    cluster.run(1_500)

    assert cluster.holders() == "A"


def test_a_revoke_that_pacemaker_refuses_is_tried_until_it_takes_it() -> None:
    cluster = held_by_a()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.fate = lambda _: "fail"

    client = cluster.revoke("A")
    cluster.run(1_000)
    assert Result.SUCCESS not in client.results
    pacemaker.fate = lambda _: ""

    cluster.until(lambda: cluster.holders() == "", within_ms=3_000)


@pytest.mark.parametrize("fate", ["fail", "hang"])
def test_while_pacemaker_does_not_let_go_the_site_helps_nobody_else_to_the_ticket(fate: str) -> None:
    cluster = held_by_a()
    cluster["C"].kill()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.fate = lambda write: "" if write.granted else fate

    cluster.revoke("A")
    cluster["B"].crash()
    cluster["B"].start()
    cluster.run(200)
    cluster.grant("B", options=Option.WAIT)
    cluster.run(10_000)
    assert cluster.holders() == "A"
    pacemaker.fate = lambda _: ""
    cluster.run(30_000)

    cluster.check()


def test_a_slow_pacemaker_does_not_stretch_a_lease() -> None:
    cluster = started(acquire_after_ms=3_000)
    for name in "AB":
        pacemaker = cluster[name].pacemaker
        assert pacemaker
        pacemaker.latency_us = (2_500_000, 2_600_000)

    cluster.grant("A")
    cluster.run(5_000)
    cluster.network.split("A", "BC")
    cluster.run(20_000)

    cluster.check()


def test_a_slow_pacemaker_delays_no_heartbeat() -> None:
    cluster = held_by_a()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.latency_us = (700_000, 900_000)

    cluster.run(MINUTE_MS)

    assert len(cluster.history.granted) == 1
    assert cluster.leaders() == {"A"}


def test_a_site_whose_cib_could_not_be_read_takes_part_again_when_it_can() -> None:
    cluster = held_by_a()
    pacemaker = cluster["B"].pacemaker
    assert pacemaker
    pacemaker.unreadable = True
    cluster["B"].restart()
    cluster.run(50)
    assert answer(cluster, cluster.revoke("A")) == Result.SUCCESS
    cluster.run(50)
    pacemaker.unreadable = False
    cluster.run(2 * EXPIRE_MS)

    grant(cluster, "A")

    cluster.until(lambda: cluster.leader_seen_by("B") == "A", within_ms=EXPIRE_MS)


def test_a_ticket_that_was_granted_while_the_cib_could_not_be_read_stays_when_it_can() -> None:
    cluster = started()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.unreadable = True
    cluster["A"].restart()
    cluster.run(50)
    grant(cluster, "A")
    pacemaker.unreadable = False

    cluster.run(5 * EXPIRE_MS)

    assert [held.end_us for held in cluster.history.granted] == [None]
    assert cluster.leaders() == {"A"}
