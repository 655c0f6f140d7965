"""The screens of pcs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.parsers import booth, pcs
from boothlab.engine.parsers.errors import ParseError
from boothlab.engine.parsers.pcs import Resource, TicketConstraint

if TYPE_CHECKING:
    from collections.abc import Callable


class TestBoothStatus:
    def test_it_has_the_articles_three_sections(self, captured: Callable[[str, str], str]) -> None:
        found = pcs.parse_booth_status(captured("granted-a", "clusterA-2.pcs_booth_status.txt"))

        assert [ticket.leader for ticket in found.tickets] == ["192.168.101.100"]
        assert [peer.address for peer in found.peers] == ["192.168.102.100", "192.168.100.100"]
        assert found.daemon is not None
        assert (found.daemon.state, found.daemon.address) == ("started", "192.168.101.100")

    def test_where_no_daemon_runs_the_third_is_left_out(self, captured: Callable[[str, str], str]) -> None:
        found = pcs.parse_booth_status(captured("granted-a", "clusterA-1.pcs_booth_status.txt"))

        assert found.daemon is None
        assert len(found.tickets) == 1

    def test_without_its_sections_it_is_no_status(self, captured: Callable[[str, str], str]) -> None:
        with pytest.raises(ParseError, match="no section TICKETS"):
            pcs.parse_booth_status(captured("stopped-a", "clusterA-2.pcs_booth_status.txt"))


class TestTicketConstraints:
    def test_the_articles_constraint_is_read(self, captured: Callable[[str, str], str]) -> None:
        text = captured("granted-a", "clusterA-1.pcs_constraint_ticket.txt")

        assert pcs.parse_ticket_constraints(text) == (TicketConstraint("apachegroup", "apacheticket"),)

    def test_options_and_ids_of_the_older_form_are_read(self) -> None:
        text = (
            "Ticket Constraints:\n"
            "  Promoted db-clone loss-policy=demote ticket=t (id:ticket-t-db-Promoted)\n"
            "  web ticket=t loss-policy=stop (id:ticket-t-web)\n"
            "  Resource Sets:\n"
            "    set a b setoptions ticket=t\n"
        )

        assert pcs.parse_ticket_constraints(text) == (
            TicketConstraint("db-clone", "t", "demote", "Promoted"),
            TicketConstraint("web", "t", "stop"),
        )

    def test_the_form_of_pcs_012_is_read(self) -> None:
        text = (
            "Ticket Constraints:\n"
            "  resource 'web' depends on ticket 't' (id: ticket-t-web)\n"
            "  Promoted resource 'db-clone' depends on ticket 't'\n"
            "    loss-policy=fence\n"
        )

        assert pcs.parse_ticket_constraints(text) == (
            TicketConstraint("web", "t"),
            TicketConstraint("db-clone", "t", "fence", "Promoted"),
        )

    def test_no_constraint_is_no_error(self) -> None:
        assert pcs.parse_ticket_constraints("Ticket Constraints:\n") == ()

    def test_a_constraint_that_was_cut_off_is_told(self) -> None:
        with pytest.raises(ParseError, match="pcs constraint ticket"):
            pcs.parse_ticket_constraints("Ticket Constraints:\n  apachegroup tick\n")


class TestStatus:
    def test_the_articles_screen_is_read(self, captured: Callable[[str, str], str]) -> None:
        found = pcs.parse_status(captured("granted-a", "clusterA-1.pcs_status.txt"))

        assert (found.cluster, found.dc, found.quorum) == ("clusterA", "clusterA-2", True)
        assert found.online == ("clusterA-1", "clusterA-2")
        assert found.offline == ()
        assert found.resources == (
            Resource("WebSite", "ocf:heartbeat:apache", "Started", "clusterA-1", "apachegroup"),
            Resource("VIP", "ocf:heartbeat:IPaddr2", "Started", "clusterA-1", "apachegroup"),
            Resource("booth-booth-ip", "ocf:heartbeat:IPaddr2", "Started", "clusterA-2", "booth-booth-group"),
            Resource(
                "booth-booth-service",
                "ocf:pacemaker:booth-site",
                "Started",
                "clusterA-2",
                "booth-booth-group",
            ),
        )
        assert found.daemons == dict.fromkeys(["corosync", "pacemaker", "pcsd"], "active/disabled")

    def test_a_stopped_group_runs_nowhere(self, captured: Callable[[str, str], str]) -> None:
        website, vip, *_ = pcs.parse_status(captured("revoked", "clusterA-1.pcs_status.txt")).resources

        assert [(each.state, each.node) for each in (website, vip)] == [("Stopped", None)] * 2

    def test_other_states_of_nodes_and_resources_are_read(self) -> None:
        text = """Cluster name: clusterA
Cluster Summary:
  * Stack: corosync (Pacemaker is running)
  * Current DC: NONE

Node List:
  * Node clusterA-2: UNCLEAN (offline)
  * Node clusterA-3 (3): standby
  * OFFLINE: [ clusterA-1 ]

Full List of Resources:
  * Resource Group: g (2 members inactive):
    * a\t(ocf::heartbeat:apache):\t FAILED clusterA-2 (blocked)
    * b\t(ocf::heartbeat:IPaddr2):\t Stopped (disabled)
  * c\t(ocf:heartbeat:Dummy):\t Starting clusterA-1
  * Clone Set: d-clone [d]:
    * Started: [ clusterA-1 ]
"""

        found = pcs.parse_status(text)

        assert (found.dc, found.quorum) == (None, None)
        assert found.offline == ("clusterA-1",)
        assert found.others == {"clusterA-2": "UNCLEAN (offline)", "clusterA-3": "standby"}
        assert found.resources == (
            Resource("a", "ocf:heartbeat:apache", "FAILED", "clusterA-2", "g"),
            Resource("b", "ocf:heartbeat:IPaddr2", "Stopped", None, "g"),
            Resource("c", "ocf:heartbeat:Dummy", "Starting", "clusterA-1", None),
        )

    def test_a_partition_without_quorum_is_told(self, captured: Callable[[str, str], str]) -> None:
        text = captured("granted-a", "clusterA-1.pcs_status.txt").replace("with quorum", "WITHOUT quorum")

        assert pcs.parse_status(text).quorum is False

    def test_a_stopped_cluster_has_no_status(self, captured: Callable[[str, str], str]) -> None:
        with pytest.raises(ParseError, match="pcs status"):
            pcs.parse_status(captured("stopped-a", "clusterA-1.pcs_status.txt"))


def test_the_site_id_of_the_daemon_is_that_of_its_address(captured: Callable[[str, str], str]) -> None:
    daemon = pcs.parse_booth_status(captured("granted-a", "arbitrator.pcs_booth_status.txt")).daemon

    assert daemon is not None
    assert daemon.site_id == booth.site_id(daemon.address or "")
