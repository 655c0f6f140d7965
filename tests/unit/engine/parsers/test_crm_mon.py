"""crm_mon's XML."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.parsers import crm_mon
from boothlab.engine.parsers.crm_mon import Cluster, ClusterDown, Failure, Node
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable


def cluster(text: str) -> Cluster:
    found = crm_mon.parse(text)
    assert isinstance(found, Cluster)
    return found


def test_a_running_cluster_tells_its_quorum_dc_and_nodes(captured: Callable[[str, str], str]) -> None:
    found = cluster(captured("granted-a", "clusterA-1.crm_mon.xml"))

    assert found.quorum is True
    assert found.dc == "clusterA-2"
    assert found.nodes == (Node("clusterA-1", online=True), Node("clusterA-2", online=True))
    assert found.failures == ()


def test_resources_come_flat_with_their_group_state_and_node(captured: Callable[[str, str], str]) -> None:
    found = cluster(captured("granted-a", "clusterA-1.crm_mon.xml"))

    assert [(each.name, each.group, each.agent, each.role, each.nodes) for each in found.resources] == [
        ("WebSite", "apachegroup", "ocf:heartbeat:apache", "Started", ("clusterA-1",)),
        ("VIP", "apachegroup", "ocf:heartbeat:IPaddr2", "Started", ("clusterA-1",)),
        ("booth-booth-ip", "booth-booth-group", "ocf:heartbeat:IPaddr2", "Started", ("clusterA-2",)),
        ("booth-booth-service", "booth-booth-group", "ocf:pacemaker:booth-site", "Started", ("clusterA-2",)),
    ]


def test_a_resource_that_is_being_stopped_is_neither_started_nor_stopped(
    captured: Callable[[str, str], str],
) -> None:
    website, vip = cluster(captured("revoked", "clusterA-1.crm_mon.xml")).resources[:2]

    assert (website.role, website.nodes, website.active) == ("Stopping", ("clusterA-1",), True)
    assert (vip.role, vip.nodes, vip.active) == ("Stopped", (), False)


def test_tickets_tell_whether_and_when_they_were_granted(captured: Callable[[str, str], str]) -> None:
    (granted,) = cluster(captured("granted-a", "clusterA-1.crm_mon.xml")).tickets
    (revoked,) = cluster(captured("revoked", "clusterA-1.crm_mon.xml")).tickets

    assert granted.granted
    assert granted.last_granted == datetime(2026, 11, 22, 10, 4, 33, tzinfo=UTC)
    assert not revoked.granted


def test_a_stopped_cluster_is_a_result_and_not_an_error(captured: Callable[[str, str], str]) -> None:
    found = crm_mon.parse(captured("stopped-a", "clusterA-1.crm_mon.xml"), crm_mon.NOT_CONNECTED)

    assert found == ClusterDown("crm_mon: Connection to cluster failed: Connection refused")


def test_a_cluster_without_corosync_is_down_although_pacemaker_says_ok() -> None:
    text = """<pacemaker-result api-version="2.25" request="crm_mon -1 --output-as=xml">
  <pacemakerd sys_from="pacemakerd" state="running" last_updated="2026-11-25 18:57:14Z"/>
  <status code="0" message="OK">
    <errors>
      <error>Could not connect to the CIB: Transport endpoint is not connected</error>
    </errors>
  </status>
</pacemaker-result>
"""

    assert crm_mon.parse(text) == ClusterDown(
        "Could not connect to the CIB: Transport endpoint is not connected"
    )


@pytest.mark.parametrize("text", ["", "  \n", "crm_mon: Connection to cluster failed: Connection refused\n"])
def test_no_xml_at_all_means_that_no_cluster_answers(text: str) -> None:
    assert isinstance(crm_mon.parse(text, 102), ClusterDown)


def test_the_root_of_old_pacemakers_is_read_too() -> None:
    old = """<?xml version="1.0"?>
<crm_mon version="2.0.3">
    <summary>
        <stack type="corosync" />
        <current_dc present="true" version="2.0.3-4b1f869f0f" name="n1" id="1" with_quorum="true" />
    </summary>
    <nodes>
        <node name="n1" id="1" online="true" standby="true" is_dc="true" type="member" />
        <node name="n2" id="2" online="false" unclean="true" is_dc="false" type="member" />
    </nodes>
    <resources>
        <resource id="web" resource_agent="ocf::heartbeat:apache" role="Started" active="true">
            <node name="n1" id="1" cached="false"/>
        </resource>
    </resources>
    <failures>
        <failure op_key="web_monitor_10000" node="n2" exitstatus="not running" exitreason="gone"/>
    </failures>
</crm_mon>
"""

    found = cluster(old)

    assert found.nodes == (Node("n1", online=True, standby=True), Node("n2", online=False, unclean=True))
    assert found.online == {"n1"}
    assert (found.resources[0].agent, found.resources[0].group) == ("ocf:heartbeat:apache", None)
    assert found.failures == (Failure("web_monitor_10000", "n2", "not running", "gone"),)


def test_newer_pacemakers_clones_bundles_attributes_and_times_are_read_too() -> None:
    new = """<pacemaker-result api-version="2.39">
  <summary><current_dc present="true" name="n1" with_quorum="false" mixed_version="false"/></summary>
  <nodes>
    <node name="n1" id="1" online="true" maintenance="true" pending="true" something-new="x"/>
  </nodes>
  <resources>
    <clone id="c" multi_state="true">
      <group id="c-g:0">
        <resource id="db" resource_agent="ocf:heartbeat:pgsql" role="Promoted"
                  pending="Monitoring" managed="false" removed="false" blocked="true">
          <node name="n1" id="1" cached="true"/>
        </resource>
      </group>
    </clone>
    <bundle id="b"><replica id="0"><resource id="b-ip" resource_agent="ocf:heartbeat:IPaddr2" role="Stopped"/>
    </replica></bundle>
  </resources>
  <tickets><ticket id="t" status="revoked" standby="true"
    last-granted="2025-01-08 08:59:30 +09:00"/></tickets>
  <status code="0" message="OK"/>
</pacemaker-result>
"""

    found = cluster(new)

    assert found.quorum is False
    assert found.nodes == (Node("n1", online=True, maintenance=True, pending=True),)
    promoted, stopped = found.resources
    assert (promoted.group, promoted.role, promoted.pending) == ("c-g:0", "Promoted", "Monitoring")
    assert (promoted.managed, promoted.blocked) == (False, True)
    assert (stopped.name, stopped.group, stopped.nodes) == ("b-ip", None, ())
    assert found.tickets[0].standby
    assert found.tickets[0].last_granted == datetime(2025, 1, 7, 23, 59, 30, tzinfo=UTC)


def test_before_a_dc_is_elected_the_quorum_is_unknown() -> None:
    found = cluster(
        '<pacemaker-result><summary><current_dc present="false"/></summary><nodes/></pacemaker-result>'
    )

    assert (found.dc, found.quorum) == (None, None)


def test_output_that_was_cut_off_is_an_error_that_names_the_command_and_what_to_do(
    captured: Callable[[str, str], str],
) -> None:
    text = captured("granted-a", "clusterA-1.crm_mon.xml")

    with pytest.raises(ParseError, match="crm_mon -1 --output-as=xml") as caught:
        crm_mon.parse(text[: len(text) // 2])

    assert "boothlab shell" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('online="true"', 'online="maybe"', "online is neither true nor false"),
        ('<node name="clusterA-1" id="1" online', '<node id="1" online', "name is missing"),
        ("pacemaker-result", "html", "the root is html"),
        ("nodes>", "knots>", "it lists no nodes"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_its_element(
    captured: Callable[[str, str], str], old: str, new: str, told: str
) -> None:
    text = captured("granted-a", "clusterA-1.crm_mon.xml").replace(old, new)

    with pytest.raises(ParseError, match=told):
        crm_mon.parse(text)


def test_entities_are_refused() -> None:
    with pytest.raises(ParseError, match="entities"):
        crm_mon.parse('<!DOCTYPE x [<!ENTITY a "b">]><pacemaker-result>&a;</pacemaker-result>')
