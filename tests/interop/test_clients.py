"""The clients of either implementation, asking daemons of either: the same words, the same exit codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from interop.cluster import TICKET, Cluster
from interop.placements import EVERY_PLACEMENT_IN_THE_MATRIX, STANDALONE

from boothlab.engine.parsers import booth

if TYPE_CHECKING:
    from boothlab.engine.runtime import Answer

pytestmark = STANDALONE

CLIENTS: Final = ("C", "P")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_PREFIX: Final = re.compile(
    r"^\w{3} +\d+ [\d:]{8} \S+ (?:booth|geostore): \[\d+\]: (?:info|error|ERROR|warning|WARN): ", re.MULTILINE
)
"""Time, host, process and level: the words for the levels depend on how Booth was built."""
_NOISE: Final = re.compile(r"^.*packet timestamp older than previous one\n", re.MULTILINE)
"""ClusterLabs' daemons stamp with two clocks, and their clients wonder about it now and then."""


@dataclass(frozen=True)
class Said:
    """What a client said, without what differs from call to call."""

    exit_code: int
    stdout: str
    stderr: str


def said(answer: Answer) -> Said:
    stderr = _NOISE.sub("", _PREFIX.sub("", answer.stderr))
    return Said(answer.exit_code, _TIME.sub("TIME", answer.stdout), _TIME.sub("TIME", stderr))


def ask(cluster: Cluster, command: str, at: str = "A") -> Said:
    """Run a command with both clients; they must say the same, which is returned."""
    one, other = (said(cluster.client(cluster.members[at], command, by=client)) for client in CLIENTS)
    assert one == other, command
    return one


@EVERY_PLACEMENT_IN_THE_MATRIX
def test_list_and_peers_say_the_same_whoever_asks_whom(cluster: Cluster) -> None:
    cluster.grant(cluster.a)
    for member in cluster.members.values():
        listed = ask(cluster, f"booth list -s {member.address}")
        assert listed == Said(0, f"ticket: {TICKET}, leader: {cluster.a.address}, expires: TIME\n", "")

        asked = [cluster.client(cluster.b, f"booth peers -s {member.address}", by=by) for by in CLIENTS]
        told = [booth.parse_peers(answer.stdout) for answer in asked]
        others = [each.address for each in cluster.members.values() if each is not member]
        assert [[peer.address for peer in peers] for peers in told] == [others, others]
        assert said(asked[0]).stdout.count("\n") == said(asked[1]).stdout.count("\n")


@EVERY_PLACEMENT_IN_THE_MATRIX
@pytest.mark.parametrize("client", CLIENTS)
def test_grant_and_revoke_through_any_member(cluster: Cluster, client: str) -> None:
    a, b = cluster.a, cluster.b
    target = f"-s {a.address} {TICKET}"
    asked = "grant request sent, waiting for the result ...\n"

    granted = said(cluster.client(b, f"booth grant -w {target}", by=client))
    assert granted == Said(0, "", f"{asked}grant succeeded!\n")

    again = said(cluster.client(b, f"booth grant {target}", by=client))
    assert again.exit_code == 1
    assert "You're granting a granted ticket." in again.stderr

    redirected = said(cluster.client(a, f"booth revoke -w -s {b.address} {TICKET}", by=client))
    assert (redirected.exit_code, redirected.stderr.splitlines()[-1]) == (0, "revoke succeeded!")
    cluster.wait_leader("none")

    idle = said(cluster.client(b, f"booth revoke {target}", by=client))
    assert (idle.exit_code, "ticket is not owned" in idle.stderr) == (0, True)


@EVERY_PLACEMENT_IN_THE_MATRIX
@pytest.mark.parametrize("client", CLIENTS)
def test_the_geostore_through_any_member(cluster: Cluster, client: str) -> None:
    for site, other in ((cluster.a, cluster.b), (cluster.b, cluster.a)):
        at = f"-s {site.address} -t {TICKET}"
        missing = said(cluster.client(other, f"geostore get {at} shade", by=client))
        assert (missing.exit_code, 'attribute "shade" not set' in missing.stderr) == (1, True)

        put = said(cluster.client(other, f"geostore set {at} shade dark", by=client))
        assert (put.exit_code, put.stdout, "set succeeded!" in put.stderr) == (0, "", True)
        assert said(cluster.client(other, f"geostore get {at} shade", by=client)) == Said(0, "dark\n", "")
        assert said(cluster.client(other, f"geostore list {at}", by=client)) == Said(
            0, "shade dark TIME\n", ""
        )
        assert said(cluster.client(other, f"geostore delete {at} shade", by=client)) == Said(0, "", "")
        assert said(cluster.client(other, f"geostore list {at}", by=client)).stdout == ""


COMMANDS: Final = (
    "booth list",
    "booth list -s other",
    "booth list ignored-word",
    f"booth revoke -s 192.168.101.100 -t {TICKET}",
    "booth grant -s 192.168.101.100 nosuch",
    "booth revoke nosuch",
    "booth list -s 192.168.101.77",
    "booth peers -s 192.168.101.77",
    "booth list -c nosuch",
    "booth list a b",
    "booth nonsense",
    "booth grant -s 192.168.101.100 -F -C -t nosuch",
    "booth revoke -F",
    "booth list -w",
    "booth list -C",
    "geostore nonsense",
    "geostore get -s 192.168.101.100 -t nosuch colour",
    "geostore get -s 192.168.101.77 colour",
    "geostore set -s 192.168.101.77 colour blue",
    "geostore set -s 192.168.100.100 colour blue",
    "geostore get -s 192.168.101.100 colour",
    "geostore set -s 192.168.101.100 colour",
    "geostore list -s 192.168.100.100",
    f"booth grant -s 192.168.101.100 -t {'x' * 64}",
    f"booth list -s {'x' * 64}",
    f"booth list -c {'x' * 200}",
)

REFUSED_BY_THE_CLIENT: Final = (
    "booth grant -s 192.168.100.100",
    "booth grant -s 192.168.101.77",
    "booth revoke -s 192.168.101.77",
)
"""What a client refuses by itself. Ours then ends with 1, as Booth 1.2 does; Debian 12's ends with 0."""


@pytest.mark.parametrize("placement", ["CPC", pytest.param("PCP", marks=pytest.mark.matrix)])
def test_both_clients_say_the_same_to_every_command_line(cluster: Cluster) -> None:
    pairs = {
        command: [said(cluster.client(cluster.a, command, by=client)) for client in CLIENTS]
        for command in COMMANDS
    }

    different = [
        f"{command}\n  theirs: {one}\n  ours:   {two}" for command, (one, two) in pairs.items() if one != two
    ]
    assert not different, "\n".join(["the clients differ:", *different])


def test_what_a_client_refuses_by_itself_is_a_failure_with_ours(cluster: Cluster) -> None:
    for command in REFUSED_BY_THE_CLIENT:
        theirs, ours = (said(cluster.client(cluster.a, command, by=client)) for client in CLIENTS)
        assert (theirs.exit_code, ours.exit_code) == (0, 1), command
        assert theirs.stderr == ours.stderr
