"""The article's relatives come up too, and do what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.lab import Lab


@pytest.mark.lab("single-node-sites")
def test_single_node_sites_serve_and_fail_over(lab: Lab, eventually: Callable[..., Any]) -> None:
    status = lab.status()
    assert status.problems == ()
    ticket = status.tickets[0]
    assert ticket.leader_site == "A"

    for node in lab.topology.site("A").nodes:
        lab.runtime.client.containers.get(f"boothlab-{lab.name}-{node}").kill()

    eventually(
        lambda seen: (
            seen.tickets[0].leader_site == "B"
            and all(each.state == "Started" for each in seen.sites[1].resources)
        ),
        "B has taken over and runs everything",
    )


@pytest.mark.lab("single-node-sites")
def test_reset_brings_killed_nodes_back(lab: Lab) -> None:
    """Runs after the test above: its lab had a dead site."""
    status = lab.status()
    assert status.state == "running"
    assert (status.tickets[0].leader_site, status.problems) == ("A", ())


@pytest.mark.lab("five-member")
def test_five_members_agree(lab: Lab) -> None:
    status = lab.status()
    assert len(status.members) == 5
    assert all(member.state == "started" for member in status.members)
    (ticket,) = status.tickets
    assert ticket.agreed
    assert ticket.granted == (ticket.leader_site,)
    assert status.problems == ()


@pytest.mark.lab("standalone-five")
def test_five_members_without_pacemaker_agree(lab: Lab) -> None:
    (ticket,) = lab.status().tickets
    assert ticket.agreed
    assert len(ticket.views) == 5
    assert ticket.granted == ("A",)


@pytest.mark.lab("standalone")
def test_standalone_renews_its_lease(lab: Lab, eventually: Callable[..., Any]) -> None:
    before = lab.status().tickets[0]
    assert before.agreed
    assert before.expires is not None
    eventually(lambda seen: seen.tickets[0].expires > before.expires, "the lease was renewed", limit_s=30)
