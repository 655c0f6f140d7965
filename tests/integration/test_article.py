"""The article as tests: what its screens show, and what it promises.

The lab is set up with pcs, step by step; the ticket's times are shorter than the
article's, so that a failover takes half a minute. It is walked through with ClusterLabs'
Booth, with boothlab's own, and with both together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import transcript
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.parsers import booth, pcs
from boothlab.engine.provision import article

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.site import Site

    from boothlab.engine.lab import Lab

BOOTHS = ("three-site", "three-site-python", "three-site-mixed")
TIMES = (
    "apacheticket.expire=20",
    "apacheticket.acquire-after=5",
    "apacheticket.timeout=2",
    "apacheticket.retries=3",
)


def _on_every_booth(*, grant: bool = True) -> pytest.MarkDecorator:
    """Return the mark of a test on the article's lab, with each choice of implementations."""
    labs = [pytest.param(name, marks=pytest.mark.lab(name, set=TIMES, grant=grant)) for name in BOOTHS]
    # All tests on one lab, then all on the next: it takes longer to build than to test.
    return pytest.mark.parametrize("booths", labs, indirect=True, scope="module")


@pytest.fixture(autouse=True)
def booths(request: pytest.FixtureRequest) -> str:
    """Return the name of the topology, which says what Booth its members run."""
    return str(request.param)


ARTICLE = _on_every_booth()
WITHOUT_GRANT = _on_every_booth(grant=False)
"""The same lab, before the article's grant."""

TICKET = "apacheticket"
NODES = ["clusterA-1", "clusterA-2", "clusterB-1", "clusterB-2", "arbitrator"]
MEMBERS = ["192.168.101.100", "192.168.102.100", "192.168.100.100"]


@ARTICLE
def test_the_bring_up_ran_the_articles_commands_in_its_order(lab: Lab) -> None:
    kept = transcript.load(lab.name)
    commands = [record.step.command for record in kept.records if record.step.kind == "article"]
    positions = [
        next(number for number, command in enumerate(commands) if command.startswith(wanted))
        for wanted in (
            "echo hacluster:",
            "pcs host auth clusterA-1 addr=192.168.101.101 clusterA-2 addr=192.168.101.102 -u hacluster",
            "pcs cluster setup clusterA clusterA-1 addr=192.168.101.101 clusterA-2 addr=192.168.101.102",
            "pcs cluster start --all",
            "pcs property set stonith-enabled=false",
            "pcs resource create WebSite ocf:heartbeat:apache",
            "pcs resource create VIP ocf:heartbeat:IPaddr2 ip=192.168.101.110",
            "pcs booth setup sites 192.168.101.100 192.168.102.100 arbitrators 192.168.100.100",
            "pcs booth ticket add apacheticket expire=20 acquire-after=5 timeout=2",
            "pcs booth sync",
            "pcs booth pull clusterA-1",
            "pcs booth start",
            "pcs booth enable",
            "pcs booth create ip 192.168.101.100",
            "pcs constraint ticket add apacheticket apachegroup",
            "pcs booth ticket grant apacheticket 192.168.101.100",
        )
    ]
    assert positions == sorted(positions)
    assert kept.complete
    assert {step.name for step in article.steps(lab.topology, DISTRIBUTIONS[kept.distribution])} == {
        record.step.name for record in kept.records
    }


@ARTICLE
def test_every_host_lists_all_five(lab: Lab) -> None:
    wanted = {(name, str(address)) for name, address in lab.topology.hosts().items()}
    assert len(wanted) == len(NODES)
    for node in lab.nodes:
        lines = [line.split() for line in lab.run(node, "cat /etc/hosts").stdout.splitlines()]
        assert wanted <= {(name, address) for address, *names in filter(None, lines) for name in names}


@ARTICLE
def test_pcs_status_shows_two_clusters_with_quorum_and_booth(a: Site, b: Site) -> None:
    for site, nodes in ((a, ("clusterA-1", "clusterA-2")), (b, ("clusterB-1", "clusterB-2"))):
        status = site.pcs_status()
        assert status.cluster == f"cluster{site.name}"
        assert status.quorum
        assert status.dc in nodes
        assert status.online == nodes
        assert status.offline == ()
        groups = {each.group for each in status.resources}
        assert groups == {"apachegroup", "booth-booth-group"}
        started = {each.name for each in status.resources if each.state == "Started"}
        assert {"booth-booth-ip", "booth-booth-service"} <= started


@ARTICLE
def test_granted_at_a_the_group_runs_at_a_only(a: Site, b: Site) -> None:
    assert a.group() == {"WebSite": "Started", "VIP": "Started"}
    assert b.group() == {"WebSite": "Stopped", "VIP": "Stopped"}
    assert (a.granted(), b.granted()) == (True, False)


@ARTICLE
def test_the_page_answers_from_another_network_and_names_site_a(a: Site, b: Site) -> None:
    assert "site A" in a.page()
    assert b.page() == ""


@ARTICLE
def test_the_constraint_is_there_at_both_sites(a: Site, b: Site) -> None:
    for site in (a, b):
        (constraint,) = pcs.parse_ticket_constraints(site.run("pcs constraint ticket"))
        assert (constraint.ticket, constraint.resource) == (TICKET, "apachegroup")


@ARTICLE
def test_pcs_booth_status_has_the_articles_form(a: Site) -> None:
    status = pcs.parse_booth_status(a.run("pcs booth status"))
    (ticket,) = status.tickets
    assert (ticket.name, ticket.leader) == (TICKET, a.address)
    assert ticket.expires is not None
    assert [peer.address for peer in status.peers] == MEMBERS[1:]
    assert [peer.role for peer in status.peers] == ["site", "arbitrator"]


@ARTICLE
def test_the_arbitrator_runs_the_enabled_unit_with_the_pulled_configuration(lab: Lab, a: Site) -> None:
    assert lab.run("arbitrator", "systemctl is-active booth@booth").stdout.strip() == "active"
    assert lab.run("arbitrator", "systemctl is-enabled booth@booth").stdout.strip() == "enabled"
    own = lab.run("arbitrator", "cat /etc/booth/booth.conf").stdout
    for node in lab.nodes:
        assert lab.run(node, "cat /etc/booth/booth.conf").stdout == own
        assert lab.run(node, "sha256sum < /etc/booth/booth.key").stdout == a.run(
            "sha256sum < /etc/booth/booth.key"
        )
    for line in ("site = 192.168.101.100", "site = 192.168.102.100", "arbitrator = 192.168.100.100"):
        assert line in own


@WITHOUT_GRANT
def test_the_constraint_stops_the_group_until_the_grant(
    a: Site, b: Site, eventually: Callable[..., Any]
) -> None:
    stopped = {"WebSite": "Stopped", "VIP": "Stopped"}
    eventually(lambda _: a.group() == stopped and b.group() == stopped, "the group is stopped everywhere")
    assert a.page() == b.page() == ""

    a.grant()

    eventually(lambda _: "site A" in a.page(), "A's page answers")
    assert a.group() == {"WebSite": "Started", "VIP": "Started"}
    assert b.group() == stopped


@ARTICLE
def test_manual_failover_by_revoke_and_grant(a: Site, b: Site, eventually: Callable[..., Any]) -> None:
    a.revoke()
    eventually(lambda _: a.page() == "" and not a.granted(), "A has stopped")

    b.grant()

    eventually(lambda _: "site B" in b.page(), "B's page answers")
    assert (a.granted(), b.granted()) == (False, True)
    assert a.group() == {"WebSite": "Stopped", "VIP": "Stopped"}
    assert a.leader() == b.address


@ARTICLE
def test_stopping_cluster_a_moves_ticket_group_and_page_to_b_and_a_returns_as_follower(
    a: Site, b: Site, lab: Lab, eventually: Callable[..., Any]
) -> None:
    since = lab.run(b.node, "date +%s").stdout.strip()
    a.run("pcs cluster stop --all")
    eventually(lambda _: a.page() == "", "A's page is gone")

    status = eventually(
        lambda seen: seen.tickets[0].leader_site == "B" and "site B" in b.page(), "B has taken over"
    )

    assert status.tickets[0].leader == b.address
    assert b.group() == {"WebSite": "Started", "VIP": "Started"}
    _assert_election_in_log(lab, since)

    a.run("pcs cluster start --all")
    eventually(
        lambda seen: seen.sites[0].quorum and {view.leader for view in seen.tickets[0].views} == {b.address}
        and len(seen.tickets[0].views) == len(MEMBERS),
        "A is back and follows B",
    )  # fmt: skip
    assert a.group() == {"WebSite": "Stopped", "VIP": "Stopped"}
    assert (a.granted(), b.granted()) == (False, True)
    assert "site B" in b.page()


def _assert_election_in_log(lab: Lab, since: str) -> None:
    """Assert the lines of B's election: the loss, the election, the grant, in this order."""
    log = "".join(
        lab.run(node, f"journalctl --no-pager --output=cat --since=@{since} -t boothd-site").stdout
        for node in ("clusterB-1", "clusterB-2")
    )
    lines = [line for line in booth.parse_log(log) if line.ticket == TICKET]
    said = [line.text for line in lines]
    lost = next(number for number, text in enumerate(said) if "lost at" in text)
    election = next(
        number for number, text in enumerate(said) if text.startswith("starting new election (term=")
    )
    granted = next(number for number, text in enumerate(said) if text == "granted successfully here")
    assert lost < election < granted
    assert lines[granted].state == "Lead"
