"""Both implementations in one cluster, in every placement: whatever a ticket goes through, they agree."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from interop.checks import assert_held_by_one, assert_nobody_complains
from interop.cluster import LATE_S, TICKET, Cluster
from interop.placements import ALL, EVERY_PLACEMENT, EVERY_PLACEMENT_IN_THE_MATRIX, STANDALONE, on
from interop.records import gap_s, grants, revokes

from boothlab.engine.parsers import booth
from boothlab.engine.topology.model import duration_ms
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from interop.checks import Measured

pytestmark = STANDALONE

LEASES = 10


@EVERY_PLACEMENT
def test_a_ticket_is_granted_and_revoked_at_each_site(cluster: Cluster) -> None:
    for site in cluster.sites:
        cluster.grant(site)
        state = cluster.cib(site)
        assert state is not None
        assert (state.owner, state.granted) == (site.id, True)

        cluster.sh(site, f"booth revoke -w -s {site.address} {TICKET}")

        cluster.wait_leader("none")
    assert_nobody_complains(cluster)


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_a_ticket_is_renewed_over_ten_leases_without_a_loss(cluster: Cluster) -> None:
    cluster.grant(cluster.a)
    wanted = LEASES * duration_ms(cluster.ticket.expire) // cluster.ticket.renewal_ms

    calls = wait_until(
        lambda: cluster.calls(cluster.a),
        lambda seen: len(grants(seen)) > wanted,
        what=f"{wanted} renewals",
        limit_s=2 * LEASES * cluster.expire_s,
        interval_s=1,
    )

    renewals = grants(calls)
    gaps = [later.began_s - earlier.began_s for earlier, later in pairwise(renewals)]
    assert revokes(calls[calls.index(renewals[0]) :]) == []
    assert max(gaps) < cluster.expire_s
    assert {call.term for call in renewals} == {renewals[0].term}
    followed = [call for call in cluster.calls(cluster.b) if call.owner == cluster.a.id]
    assert {call.term for call in followed} == {renewals[0].term}
    assert grants(cluster.calls(cluster.b)) == []
    cluster.wait_leader(cluster.a)
    assert_nobody_complains(cluster)


@EVERY_PLACEMENT
def test_the_other_site_takes_over_when_the_leader_is_killed(cluster: Cluster, measured: Measured) -> None:
    cluster.grant(cluster.a)
    rest = [each for each in cluster.members.values() if each is not cluster.a]

    cluster.after_renewal(cluster.a, "kill -KILL $(cat /run/booth-service.booth.pid)")
    last = grants(cluster.calls(cluster.a))[-1]
    cluster.wait_told(cluster.b, granted=True, limit_s=cluster.limit_s + LATE_S)

    took_s = grants(cluster.calls(cluster.b))[0].began_s - last.began_s
    measured("over_limit_s", took_s - cluster.limit_s)
    assert took_s > cluster.limit_s - 0.2  # the others heard of the renewal shortly before the CIB
    assert_held_by_one(cluster, cluster.a, measured)
    assert set(cluster.leaders(rest).values()) == {"B"}

    cluster.start(cluster.a)

    cluster.wait_leader(cluster.b)
    assert len(grants(cluster.calls(cluster.a))) >= 1
    assert_held_by_one(cluster, cluster.a, measured)


@EVERY_PLACEMENT
def test_the_other_site_takes_over_from_a_leader_that_is_cut_off_which_then_follows(
    cluster: Cluster, measured: Measured
) -> None:
    cluster.grant(cluster.a)

    cluster.isolate(cluster.a)
    cluster.wait_told(cluster.b, granted=True, limit_s=2 * cluster.limit_s + LATE_S)
    cluster.wait_told(cluster.a, granted=False, limit_s=cluster.limit_s + LATE_S)

    lost, taken = cluster.calls(cluster.a), cluster.calls(cluster.b)
    last = grants(lost)[-1]
    measured("over_limit_s", grants(taken)[0].began_s - last.began_s - cluster.limit_s)
    measured("gap_s", gap_s(lost, taken))
    assert_held_by_one(cluster, cluster.a, measured)

    cluster.heal()

    cluster.wait_leader(cluster.b)
    assert len(grants(cluster.calls(cluster.a))) == len(grants(lost))
    assert_held_by_one(cluster, cluster.a, measured)


@EVERY_PLACEMENT_IN_THE_MATRIX
@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_a_member_that_is_restarted_costs_no_ticket(cluster: Cluster, name: str, measured: Measured) -> None:
    cluster.grant(cluster.a)
    member = cluster.members[name]
    before = len(cluster.calls(cluster.a))

    if member is cluster.a:
        cluster.after_renewal(cluster.a, "booth-service restart")
    else:
        cluster.sh(member, "booth-service restart")

    cluster.wait_leader(cluster.a)
    wait_until(
        lambda: grants(cluster.calls(cluster.a)[before:]),
        lambda seen: len(seen) > 2,
        what="it goes on",
        limit_s=10,
    )
    assert grants(cluster.calls(cluster.b)) == []
    assert_held_by_one(cluster, cluster.a, measured)


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_nobody_takes_the_ticket_while_the_arbitrator_is_away(cluster: Cluster) -> None:
    cluster.grant(cluster.a)
    arbitrator = cluster.members["C"]
    cluster.stop(arbitrator)
    before = len(grants(cluster.calls(cluster.a)))

    wait_until(
        lambda: len(grants(cluster.calls(cluster.a))) - before,
        lambda renewals: renewals > 2 * 2,
        what="two leases of renewals",
        limit_s=10 * cluster.expire_s,
    )

    assert set(cluster.leaders([cluster.a, cluster.b]).values()) == {"A"}
    assert grants(cluster.calls(cluster.b)) == []
    cluster.start(arbitrator)
    cluster.wait_leader(cluster.a)


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_a_ticket_that_was_revoked_stays_so_when_all_are_restarted(cluster: Cluster) -> None:
    cluster.grant(cluster.a)
    cluster.sh(cluster.b, f"booth revoke -w -s {cluster.b.address} {TICKET}")  # is redirected to A
    cluster.wait_leader("none")
    granted_at_a = len(grants(cluster.calls(cluster.a)))

    cluster.everywhere(lambda member: cluster.sh(member, "booth-service restart"))

    # ClusterLabs booth rounds what it stored up to a whole second, and until then refuses to vote;
    # it never answers the client that asked for that grant.
    asking = f"booth grant -s {cluster.b.address} {TICKET}"
    wait_until(
        lambda: cluster.run(cluster.b, asking, limit_s=2).output,
        lambda said: "succeeded" in said or "granted ticket" in said,
        what="B is granted the ticket",
        limit_s=15,
    )
    cluster.wait_leader(cluster.b)
    assert len(grants(cluster.calls(cluster.a))) == granted_at_a


@EVERY_PLACEMENT_IN_THE_MATRIX
@pytest.mark.parametrize("settings", [("apacheticket.mode=manual",)])
def test_a_manual_ticket_moves_by_hand_only(cluster: Cluster) -> None:
    a, b = cluster.a, cluster.b
    cluster.grant(a)
    listed = cluster.listed(b)
    assert (listed.leader, listed.manual, listed.expires) == (a.address, True, None)

    refused = cluster.client(b, f"booth grant -w -s {b.address} {TICKET}")
    assert (refused.exit_code, "granting a granted ticket" in refused.stderr) == (1, True), refused.output
    forced = cluster.client(b, f"booth grant -F -w -s {b.address} {TICKET}")
    assert forced.exit_code == 0, forced.output
    wait_until(
        cluster.granted, lambda seen: seen == ["A", "B"], what="both have it: it was forced", limit_s=10
    )
    warned = wait_until(lambda: cluster.listed(b).also_granted, what="B warns about the two", limit_s=10)
    assert set(warned) == {a.address, b.address}

    cluster.sh(a, f"booth revoke -w -s {a.address} {TICKET}")

    wait_until(cluster.granted, lambda seen: seen == ["B"], what="B alone has it", limit_s=10)
    cluster.kill(b)
    assert cluster.granted() == ["B"]
    assert grants(cluster.calls(a))[1:] == []


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_what_is_set_in_the_geostore_is_read_through_either_site(cluster: Cluster) -> None:
    a, b = cluster.a, cluster.b
    for site, other in ((a, b), (b, a)):
        cluster.sh(other, f"geostore set -s {site.address} -t {TICKET} colour blue-{site.name}")
        read = cluster.sh(site, f"geostore get -s {site.address} -t {TICKET} colour")
        assert read == f"blue-{site.name}\n"
        assert cluster.sh(site, f"crm_ticket -t {TICKET} -G colour").strip() == f"blue-{site.name}"

    listed = cluster.sh(a, f"geostore list -s {b.address} -t {TICKET}")
    assert listed.split()[:2] == ["colour", "blue-B"]
    cluster.sh(a, f"geostore delete -s {b.address} -t {TICKET} colour")
    gone = cluster.client(b, f"geostore get -s {b.address} -t {TICKET} colour")
    assert gone.exit_code == 1
    assert 'attribute "colour" not set' in gone.stderr


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_a_grant_waits_for_a_site_that_does_not_answer(cluster: Cluster) -> None:
    a, b = cluster.a, cluster.b
    cluster.isolate(b)
    asked_s = float(cluster.sh(a, "cut -d' ' -f1 /proc/uptime"))

    cluster.sh(a, f"booth grant -w -s {a.address} {TICKET}")

    cluster.wait_told(a, granted=True, limit_s=cluster.limit_s + LATE_S)
    assert grants(cluster.calls(a))[0].began_s - asked_s > cluster.limit_s - 0.1
    cluster.heal()
    cluster.wait_leader(a)


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_a_member_with_another_key_is_not_heard(cluster: Cluster) -> None:
    b = cluster.b
    cluster.stop(b)
    cluster.sh(b, "printf 'another-key-of-somebody-else' > /etc/booth/booth.key")
    cluster.sh(b, "booth-service start || true")
    cluster.client(cluster.a, f"booth grant -F -w -s {cluster.a.address} {TICKET}")

    cluster.wait_leader(cluster.a, [cluster.a, cluster.members["C"]])

    assert cluster.listed(b).says in booth.NOBODY
    heard = {peer.address: peer.authfail for peer in cluster.peers(cluster.a)}
    assert heard[b.address] > 0
    assert heard[cluster.members["C"].address] == 0


@pytest.mark.parametrize("placement", ["PCP"])
@pytest.mark.parametrize("settings", [("booth.authentication=false",)])
def test_without_authentication_they_agree_as_well(cluster: Cluster, measured: Measured) -> None:
    assert "authfile" not in cluster.sh(cluster.a, "cat /etc/booth/booth.conf")
    cluster.grant(cluster.a)
    cluster.isolate(cluster.a)
    cluster.wait_told(cluster.b, granted=True, limit_s=2 * cluster.limit_s + LATE_S)
    cluster.heal()
    cluster.wait_leader(cluster.b)
    assert_held_by_one(cluster, cluster.a, measured)

    cluster.sh(cluster.a, f"booth revoke -w -s {cluster.a.address} {TICKET}")

    cluster.wait_leader("none")
    assert_nobody_complains(cluster)


@on(ALL, always=())
@pytest.mark.parametrize(
    "settings",
    [
        (
            "apacheticket.expire=10",
            "apacheticket.acquire-after=0",
            "apacheticket.timeout=1",
            "apacheticket.renewal-freq=5",
        )
    ],
)
def test_with_times_in_whole_seconds_they_agree_as_well(cluster: Cluster, measured: Measured) -> None:
    cluster.grant(cluster.a)
    assert_nobody_complains(cluster)

    cluster.isolate(cluster.a)
    cluster.wait_told(cluster.b, granted=True, limit_s=20)
    cluster.wait_told(cluster.a, granted=False, limit_s=5)

    measured("gap_s", gap_s(cluster.calls(cluster.a), cluster.calls(cluster.b)))
    assert_held_by_one(cluster, cluster.a, measured)
    cluster.heal()
    cluster.wait_leader(cluster.b)
