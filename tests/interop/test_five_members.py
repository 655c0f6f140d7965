"""Three sites and two arbitrators, mixed: two members may be lost, and more than one may want the ticket."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from interop.checks import assert_held_by_one, assert_nobody_complains
from interop.cluster import LATE_S, TICKET, Cluster, by_name
from interop.placements import FIVE, FIVE_MEMBERS, on
from interop.records import grants, overlap_s

from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from interop.checks import Measured
    from interop.cluster import Member

pytestmark = FIVE_MEMBERS


def wait_for_one_of(cluster: Cluster, sites: list[Member]) -> Member:
    """Wait until one of these sites has the ticket; return it."""
    (name,) = wait_until(
        lambda: [each.name for each in sites if grants(cluster.calls(each))],
        lambda seen: len(seen) == 1,
        what=f"one of {[each.name for each in sites]} has the ticket",
        limit_s=3 * cluster.limit_s + 2 * LATE_S,
    )
    return cluster.members[name]


@on(FIVE, always=())
def test_five_members_grant_renew_and_revoke(cluster: Cluster) -> None:
    for site in cluster.sites:
        cluster.grant(site)
        before = len(cluster.calls(site))
        wait_until(
            lambda site=site, before=before: len(cluster.calls(site)) > before + 2,
            what="it renews",
            limit_s=15,
        )
        assert {call.term for call in grants(cluster.calls(site))} == {grants(cluster.calls(site))[0].term}
        cluster.sh(cluster.a, f"booth revoke -w -s {cluster.a.address} {TICKET}")
        cluster.wait_leader("none")
    assert_nobody_complains(cluster)


@on(FIVE, always=FIVE[1:2])
def test_the_ticket_survives_the_loss_of_two_members_one_of_them_the_leader(
    cluster: Cluster, measured: Measured
) -> None:
    a, b, c, d = by_name(cluster.members, "ABCD")
    cluster.grant(a)

    cluster.stop(d)
    cluster.after_renewal(a, "kill -KILL $(cat /run/booth-service.booth.pid)")
    last = grants(cluster.calls(a))[-1]
    taker = wait_for_one_of(cluster, [b, c])

    took_s = grants(cluster.calls(taker))[0].began_s - last.began_s
    measured("over_limit_s", took_s - cluster.limit_s)
    assert took_s > cluster.limit_s - 0.2
    cluster.start(a)
    cluster.start(d)
    cluster.wait_leader(taker)
    assert_held_by_one(cluster, a, measured)


@on(FIVE, always=FIVE[:1])
def test_the_minority_gives_the_ticket_up_and_the_majority_takes_it_once(
    cluster: Cluster, measured: Measured
) -> None:
    a, b, c, d, e = by_name(cluster.members, "ABCDE")
    cluster.grant(a)

    cluster.split([a, d], [b, c, e])
    taker = wait_for_one_of(cluster, [b, c])
    cluster.wait_told(a, granted=False, limit_s=cluster.limit_s + LATE_S)

    assert_held_by_one(cluster, a, measured)
    cluster.heal()
    cluster.wait_leader(taker)
    pairs = combinations([b, c], 2)
    assert all(overlap_s(cluster.calls(one), cluster.calls(other)) == 0 for one, other in pairs)


@on(FIVE, always=())
def test_the_majority_keeps_the_ticket_when_two_are_cut_off(cluster: Cluster) -> None:
    a, b, c, d, e = by_name(cluster.members, "ABCDE")
    cluster.grant(a)
    before = len(grants(cluster.calls(a)))

    cluster.split([a, c, d], [b, e])
    renewals = int(3 * cluster.expire_s * 1000 / cluster.ticket.renewal_ms)
    wait_until(
        lambda: len(grants(cluster.calls(a))) - before,
        lambda seen: seen >= renewals,
        what="it renews",
        limit_s=30,
    )

    assert grants(cluster.calls(b)) == grants(cluster.calls(c)) == []
    cluster.heal()
    cluster.wait_leader(a)
