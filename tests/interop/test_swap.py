"""A member changes its implementation in the middle of a lease, and goes on where the other stopped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from interop.cluster import TICKET, Cluster, switch
from interop.placements import STANDALONE
from interop.records import overlap_s

from boothlab.engine.waits import wait_until

pytestmark = STANDALONE


def both_ways(*always: str) -> pytest.MarkDecorator:
    """Run a test for a swap in each direction, among members of either kind; see ``placements.on``."""
    swaps = {"C-to-P-among-C": ("CCC", "P"), "P-to-C-among-P": ("PPP", "C")}
    swaps |= {"P-to-C-among-C": ("PCC", "C"), "C-to-P-among-P": ("CPP", "P")}
    return pytest.mark.parametrize(
        ("placement", "to"),
        [
            pytest.param(*each, id=name, marks=() if name in always else pytest.mark.matrix)
            for name, each in swaps.items()
        ],
    )


WITH_LONGER_LEASES = pytest.mark.parametrize(
    "settings", [("apacheticket.expire=6000ms", "apacheticket.renewal-freq=1500ms")]
)


def swap(cluster: Cluster, name: str, to: str) -> None:
    member = cluster.members[name]
    cluster.after_renewal(member, f"booth-service stop && {switch(to)} && booth-service start")


def stored(cluster: Cluster, name: str) -> dict[str, str]:
    """Return the ticket's attributes in a site's CIB, as Pacemaker's tool shows them."""
    shown = cluster.sh(cluster.members[name], f"crm_ticket -t {TICKET} -q")
    element = ET.fromstring(shown.split("\n", 2)[2])  # noqa: S314 - our own stand-in's
    return dict(element.attrib)


@both_ways("C-to-P-among-C", "P-to-C-among-P")
@WITH_LONGER_LEASES
def test_the_leaders_daemon_is_replaced_and_the_ticket_stays(cluster: Cluster, to: str) -> None:
    cluster.grant(cluster.a)
    before = stored(cluster, "A")

    swap(cluster, "A", to)

    cluster.wait_leader(cluster.a)
    cluster.wait_calls(cluster.a, more_than=len(cluster.calls(cluster.a)) + 1)
    after = stored(cluster, "A")
    # When it became granted is Pacemaker's to know; it must not have stopped being so.
    assert after["last-granted"] == before["last-granted"]
    assert (after["granted"], after["owner"]) == ("true", before["owner"])
    assert [call for call in cluster.calls(cluster.b) if call.granted] == []
    assert overlap_s(cluster.calls(cluster.a), cluster.calls(cluster.b)) == 0


@both_ways()
def test_a_followers_daemon_is_replaced_and_it_still_takes_over(cluster: Cluster, to: str) -> None:
    cluster.grant(cluster.b)
    swap(cluster, "A", to)
    cluster.wait_leader(cluster.b)

    cluster.isolate(cluster.b)

    cluster.wait_told(cluster.a, granted=True, limit_s=15)
    cluster.heal()
    cluster.wait_leader(cluster.a)


@both_ways()
def test_the_whole_cluster_is_replaced_and_remembers_what_was_revoked(cluster: Cluster, to: str) -> None:
    cluster.grant(cluster.a)
    cluster.sh(cluster.a, f"booth revoke -w -s {cluster.a.address} {TICKET}")
    cluster.wait_leader("none")
    granted = len([call for call in cluster.calls(cluster.a) if call.granted])

    cluster.everywhere(cluster.stop)
    cluster.everywhere(lambda member: cluster.sh(member, f"{switch(to)} && booth-service start"))

    wait_until(lambda: cluster.leaders(cluster.sites), what="all answer", limit_s=10)
    assert set(cluster.leaders(cluster.sites).values()) <= {"none", "NONE"}
    assert len([call for call in cluster.calls(cluster.a) if call.granted]) == granted
    assert cluster.granted() == []


@both_ways()
def test_attributes_of_the_geostore_are_there_after_a_swap(cluster: Cluster, to: str) -> None:
    at = f"-s {cluster.a.address} -t {TICKET}"
    cluster.grant(cluster.a)
    cluster.sh(cluster.b, f"geostore set {at} colour blue")

    swap(cluster, "A", to)

    assert cluster.sh(cluster.b, f"geostore get {at} colour") == "blue\n"


@both_ways("C-to-P-among-C")
def test_both_leave_the_same_attributes_in_the_cib(cluster: Cluster, to: str) -> None:
    cluster.grant(cluster.a)
    first = {name: set(stored(cluster, name)) for name in "AB"}
    for name in "AB":
        swap(cluster, name, to)
        cluster.wait_leader(cluster.a)
        member = cluster.members[name]
        cluster.wait_calls(member, more_than=len(cluster.calls(member)) + 1)

    optional = {"booth-cfg-name"}  # written by Booth 1.2 and newer
    assert {name: set(stored(cluster, name)) - optional for name in "AB"} == {
        name: attributes - optional for name, attributes in first.items()
    }
