"""The status of a lab, put together from what the nodes of real labs printed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from boothlab.engine.assets import lab_folder
from boothlab.engine.status import LabStatus, assemble, questions, sections
from boothlab.engine.topology.model import Topology

DATA = Path(__file__).parent / "data"
STATES = ("granted-a", "revoked", "granted-b", "stopped-a")
ASKED_AT = {"granted-a": 1795341891, "revoked": 1795341911, "granted-b": 1795341934, "stopped-a": 1795341968}
"""When the captures were made, in seconds since 1970."""

TOPOLOGY = Topology.model_validate(
    YAML(typ="safe").load((lab_folder() / "topologies" / "three-site.yaml").read_text())
)
RUNNING = dict.fromkeys([*TOPOLOGY.hosts(), "router"], "running")


def section(name: str, text: str, code: int = 0, errors: str = "") -> str:
    """Return a section as the script in the node prints it."""
    return f"{text}\n@@boothlab-section {name} {code} {errors}\n"


def captured(state: str, node: str, name: str, file: str) -> str:
    """Return the section that a real node would have printed."""
    path = DATA / state / f"{node}.{file}"
    code, errors = path.with_name(f"{path.name}.rc"), path.with_name(f"{path.name}.err")
    return section(
        name,
        path.read_text(),
        int(code.read_text()) if code.exists() else 0,
        " ".join(errors.read_text().split()) if errors.exists() else "",
    )


def booth(state: str, node: str, *, status: str | None = None) -> str:
    """Return the sections of the node that has Booth's address."""
    told = captured(state, node, "booth_status", "booth_status.txt") if status is None else status
    return (
        told
        + captured(state, node, "booth_list", "booth_list.txt")
        + captured(state, node, "booth_peers", "booth_peers.txt")
    )


def held(*addresses: str) -> str:
    """Return the section of a node's addresses."""
    return section("addresses", "".join(f"2: eth0    inet {a}/24 scope global eth0\n" for a in addresses))


def cluster(state: str, node: str) -> str:
    """Return the sections about Pacemaker, as both nodes of a site tell them."""
    mon = captured(state, node, "crm_mon", "crm_mon.xml")
    return mon + captured(state, node, "cib", "ticket_state.xml") if sections(mon)[0].exit_code == 0 else mon


NO_DAEMON = section("booth_status", "", 7)


def answers(state: str) -> dict[str, str | None]:
    """Return every node's answer in one of the captured states.

    Site B's daemon ran on clusterB-2, of which nothing was captured: what clusterB-1
    printed about it stands here too.
    """
    clock = section("clock", f"{ASKED_AT[state]}\n")
    vip = {"granted-a": "A", "granted-b": "B", "stopped-a": "B"}.get(state)
    a, b = (["192.168.101.110"] if vip == "A" else []), (["192.168.102.110"] if vip == "B" else [])
    down = state == "stopped-a"
    b_status = (DATA / state / "arbitrator.booth_status.txt").read_text().replace("arbitrator", "site")
    return {
        "clusterA-1": clock + held("192.168.101.101", *a) + cluster(state, "clusterA-1") + NO_DAEMON,
        "clusterA-2": clock
        + held("192.168.101.102", *([] if down else ["192.168.101.100"]))
        + cluster(state, "clusterA-1")
        + (NO_DAEMON if down else booth(state, "clusterA-2")),
        "clusterB-1": clock + held("192.168.102.101", *b) + cluster(state, "clusterB-1") + NO_DAEMON,
        "clusterB-2": clock
        + held("192.168.102.102", "192.168.102.100")
        + cluster(state, "clusterB-1")
        + booth(state, "clusterB-1", status=section("booth_status", b_status)),
        "arbitrator": clock + held("192.168.100.100") + booth(state, "arbitrator"),
    }


def status(state: str) -> LabStatus:
    """Return the status in one of the captured states."""
    return assemble(TOPOLOGY, answers(state), RUNNING)


def site(found: LabStatus, name: str) -> Any:  # noqa: ANN401 - tests look at its fields
    """Return a site of a status."""
    return next(each for each in found.sites if each.name == name)


def member(found: LabStatus, name: str) -> Any:  # noqa: ANN401
    """Return a member of a status."""
    return next(each for each in found.members if each.name == name)


def golden(state: str) -> Path:
    """Return the file of a state's public format."""
    return DATA / "status" / f"{state}.json"


class TestPublicFormat:
    @pytest.mark.parametrize("state", STATES)
    def test_the_json_is_the_published_one(self, state: str) -> None:
        assert status(state).model_dump(mode="json") == json.loads(golden(state).read_text())

    def test_the_json_has_at_least_what_was_promised(self) -> None:
        found = json.loads(json.dumps(status("granted-a").model_dump(mode="json")))

        assert {key: found["tickets"][0][key] for key in ("name", "leader", "expires", "term")} == {
            "name": "apacheticket",
            "leader": "192.168.101.100",
            "expires": "2026-11-22T10:06:34Z",
            "term": 0,
        }
        a = found["sites"][0]
        assert (a["name"], [(node["name"], node["online"]) for node in a["nodes"]]) == (
            "A",
            [("clusterA-1", True), ("clusterA-2", True)],
        )
        assert {"name": "WebSite", "state": "Started", "node": "clusterA-1"}.items() <= a["resources"][
            0
        ].items()

    def test_the_json_can_be_read_back(self) -> None:
        found = status("stopped-a")

        assert LabStatus.model_validate_json(found.model_dump_json()) == found


class TestTickets:
    def test_the_leader_is_told_by_address_and_by_site(self) -> None:
        (ticket,) = status("granted-b").tickets

        assert (ticket.leader, ticket.leader_site, ticket.term) == ("192.168.102.100", "B", 1)
        assert (ticket.granted, ticket.agreed) == (("B",), True)

    def test_a_revoked_ticket_has_no_leader_and_everybody_knows(self) -> None:
        (ticket,) = status("revoked").tickets

        assert (ticket.leader, ticket.leader_site, ticket.expires, ticket.granted) == (None, None, None, ())
        assert ticket.agreed
        assert {view.says for view in ticket.views} == {"none"}

    def test_the_lease_is_told_by_the_leader_itself(self) -> None:
        (ticket,) = status("granted-a").tickets

        lease_of = {view.member: view.expires for view in ticket.views}
        assert ticket.expires == lease_of["A"] != lease_of["C"]

    def test_members_that_disagree_are_shown_and_the_majority_is_believed(self) -> None:
        told = answers("granted-b") | {"clusterA-2": answers("granted-a")["clusterA-2"]}

        found = assemble(TOPOLOGY, told, RUNNING)

        (ticket,) = found.tickets
        assert (ticket.leader_site, ticket.agreed) == ("B", False)
        assert [(view.member, view.leader) for view in ticket.views] == [
            ("A", "192.168.101.100"),
            ("B", "192.168.102.100"),
            ("C", "192.168.102.100"),
        ]
        assert any("disagree on the leader of apacheticket" in each for each in found.problems)

    def test_a_ticket_granted_at_two_sites_is_the_first_of_all_problems(self) -> None:
        a, b = answers("granted-a"), answers("granted-b")
        told = {node: (a if node.startswith("clusterA") else b)[node] for node in a}

        found = assemble(TOPOLOGY, told, RUNNING)

        assert found.tickets[0].granted == ("A", "B")
        assert found.problems[:2] == (
            "apacheticket is granted at A and B at once",
            "apachegroup runs at A and B at once",
        )

    def test_a_group_that_runs_without_its_ticket_is_a_problem(self) -> None:
        told = answers("granted-a")
        without = {
            node: f"{text}".replace('granted="true"', 'granted="false"') for node, text in told.items()
        }

        found = assemble(TOPOLOGY, without, RUNNING)

        assert found.problems == ("apachegroup runs at A, where apacheticket is not granted",)

    def test_a_group_that_is_just_being_stopped_is_none(self) -> None:
        assert status("revoked").problems == ()

    def test_a_ticket_that_nobody_tells_about_is_there_with_nulls(self) -> None:
        (ticket,) = assemble(TOPOLOGY, {}, {}).tickets

        assert (ticket.name, ticket.leader, ticket.term, ticket.agreed) == ("apacheticket", None, None, False)


class TestSites:
    def test_the_whole_lab_is_told_from_one_question_per_node(self) -> None:
        found = status("granted-a")

        assert (found.lab, found.state, found.problems) == ("three-site", "running", ())
        a = site(found, "A")
        assert (a.cluster, a.quorum, a.dc, a.asked) == ("clusterA", True, "clusterA-2", "clusterA-2")
        assert [(vip.resource, vip.address, vip.node) for vip in a.vips] == [
            ("VIP", "192.168.101.110", "clusterA-1"),
            ("booth-booth-ip", "192.168.101.100", "clusterA-2"),
        ]
        assert [each.node.online for each in found.arbitrators] == [True]

    def test_a_stopped_cluster_has_offline_nodes_and_no_resources(self) -> None:
        found = status("stopped-a")

        a = site(found, "A")
        assert (a.quorum, a.dc, a.resources) == (None, None, ())
        assert not any(node.online for node in a.nodes)
        assert {node.container_state for node in a.nodes} == {"running"}
        assert found.problems == ("site A: Pacemaker does not run",)
        assert found.tickets[0].leader_site == "B"

    def test_when_one_node_is_dead_the_other_one_tells_about_both(self) -> None:
        told = answers("granted-a")
        assert told["clusterA-2"]
        survivor = told["clusterA-2"].replace(
            '<node name="clusterA-1" id="1" online="true"', '<node name="clusterA-1" id="1" online="false"'
        )

        found = assemble(
            TOPOLOGY,
            told | {"clusterA-1": None, "clusterA-2": survivor},
            RUNNING | {"clusterA-1": "exited"},
        )

        dead, alive = site(found, "A").nodes
        assert (dead.online, dead.state, dead.container_state, dead.answers) == (
            False,
            "offline",
            "exited",
            False,
        )
        assert alive.online
        assert found.state == "partial"
        assert found.problems == ("node clusterA-1 is not running (container exited)",)

    def test_the_quorate_partition_is_believed(self) -> None:
        told = answers("granted-a")
        assert told["clusterA-2"]
        minority = (
            told["clusterA-2"]
            .replace('with_quorum="true"', 'with_quorum="false"')
            .replace('name="clusterA-1" id="1" online="true"', 'name="clusterA-1" id="1" online="false"')
        )

        found = assemble(TOPOLOGY, told | {"clusterA-2": minority}, RUNNING)

        a = site(found, "A")
        assert (a.asked, a.quorum, a.agreed) == ("clusterA-1", True, False)
        assert all(node.online for node in a.nodes)
        assert any("disagree on who is online" in each for each in found.problems)

    def test_a_virtual_address_that_is_left_over_or_doubled_is_told_from_the_interfaces(self) -> None:
        told = answers("stopped-a")
        told |= {node: f"{told[node]}".replace("inet ", "inet 192.168.101.110/24 \n2: eth0    inet ", 1)
                 for node in ("clusterA-1", "clusterA-2")}  # fmt: skip

        found = assemble(TOPOLOGY, told, RUNNING)

        assert [(vip.address, vip.node) for vip in site(found, "A").vips] == [
            ("192.168.101.110", "clusterA-1"),
            ("192.168.101.110", "clusterA-2"),
            ("192.168.101.100", None),
        ]

    def test_a_failed_operation_is_a_problem(self) -> None:
        failure = (
            '<failure op_key="WebSite_start_0" node="clusterA-1" exitstatus="error" exitreason="no port"/>'
        )
        told = answers("granted-a")
        told["clusterA-2"] = f"{told['clusterA-2']}".replace(
            "<tickets>", f"<failures>{failure}</failures><tickets>"
        )

        found = assemble(TOPOLOGY, told, RUNNING)

        assert found.problems == ("site A: WebSite_start_0 failed on clusterA-1 (error): no port",)


class TestMembers:
    def test_booth_is_found_on_the_node_where_it_runs(self) -> None:
        found = status("granted-a")

        assert [(each.name, each.role, each.state, each.node) for each in found.members] == [
            ("A", "site", "started", "clusterA-2"),
            ("B", "site", "started", "clusterB-2"),
            ("C", "arbitrator", "started", "arbitrator"),
        ]
        assert [(peer.name, peer.received, peer.sent) for peer in member(found, "A").peers] == [
            ("B", 4, 5),
            ("C", 4, 4),
        ]
        assert [view.leader for view in member(found, "C").tickets] == ["192.168.101.100"]

    def test_where_its_cluster_is_stopped_it_is_stopped(self) -> None:
        a = member(status("stopped-a"), "A")

        assert (a.state, a.node, a.tickets) == ("stopped", None, ())
        assert a.problem == "no node has 192.168.101.100"

    def test_a_daemon_that_takes_the_question_and_never_answers_is_silent(self) -> None:
        told = answers("granted-a")
        told["arbitrator"] = (
            held("192.168.100.100")
            + captured("granted-a", "arbitrator", "booth_status", "booth_status.txt")
            + section("booth_list", "", 124)
        )

        found = assemble(TOPOLOGY, told, RUNNING)

        assert (member(found, "C").state, member(found, "C").node) == ("silent", "arbitrator")
        assert found.problems == ("booth at C is silent (no answer within 3 s)",)

    def test_a_daemon_that_died_is_stopped_and_the_reason_is_in_booths_words(self) -> None:
        told = answers("granted-a")
        log = "Nov 22 10:06:04 arbitrator booth: [4122]: ERROR: connect to 192.168.100.100 got an error: no"
        told["arbitrator"] = held("192.168.100.100") + NO_DAEMON + section("booth_list", "", 1, log)

        found = assemble(TOPOLOGY, told, RUNNING)

        assert found.problems == ("booth at C is stopped (connect to 192.168.100.100 got an error: no)",)

    def test_a_daemon_that_answers_without_its_lock_file_counts_as_started(self) -> None:
        told = answers("granted-a")
        told["arbitrator"] = held("192.168.100.100") + booth("granted-a", "arbitrator", status=NO_DAEMON)

        assert member(assemble(TOPOLOGY, told, RUNNING), "C").state == "started"

    def test_behind_a_node_that_does_not_answer_nothing_is_known(self) -> None:
        found = assemble(TOPOLOGY, answers("granted-a") | {"arbitrator": None}, RUNNING)

        assert member(found, "C").state == "unknown"
        assert found.tickets[0].agreed
        assert found.problems == ("node arbitrator does not answer",)

    def test_a_router_that_does_not_run_is_a_problem(self) -> None:
        found = assemble(TOPOLOGY, answers("granted-a"), RUNNING | {"router": "exited"})

        assert (found.state, found.problems) == ("partial", ("the router is not running (container exited)",))


class TestStandalone:
    TOPOLOGY = Topology.model_validate(
        {
            "name": "standalone",
            "cluster": "standalone",
            "networks": {"a": {"subnet": "192.168.101.0/24"}, "b": {"subnet": "192.168.102.0/24"}},
            "sites": [
                {
                    "name": "A",
                    "network": "a",
                    "address": "192.168.101.100",
                    "nodes": {"a": "192.168.101.100"},
                },
                {
                    "name": "B",
                    "network": "b",
                    "address": "192.168.102.100",
                    "nodes": {"b": "192.168.102.100"},
                },
            ],
            "tickets": {"apacheticket": {}},
        }
    )

    def test_the_stand_in_of_crm_ticket_is_asked_instead_of_pacemaker(self) -> None:
        scripts = questions(self.TOPOLOGY)

        assert set(scripts) == {"a", "b"}
        assert "crm_ticket -t apacheticket -q" in scripts["a"]
        assert "crm_mon" not in scripts["a"]

    def test_a_site_is_its_node_and_its_tickets(self) -> None:
        told = held("192.168.101.100") + captured("granted-a", "clusterA-1", "crm_ticket", "crm_ticket.txt")

        found = assemble(self.TOPOLOGY, {"a": told, "b": None}, {"a": "running", "b": "exited"})

        a, b = found.sites
        assert (a.cluster, a.quorum, a.vips, a.problem) == (None, None, (), None)
        assert [(ticket.name, ticket.granted, ticket.owner) for ticket in a.tickets] == [
            ("apacheticket", True, "192.168.101.100")
        ]
        assert [node.online for each in (a, b) for node in each.nodes] == [True, False]
        assert found.tickets[0].term == 0

    def test_a_ticket_that_was_never_granted_is_no_problem(self) -> None:
        told = section("crm_ticket", "", 105, "Could not query ticket XML: No such device or address")

        found = assemble(self.TOPOLOGY, {"a": told, "b": told}, {"a": "running", "b": "running"})

        assert [each.problem for each in found.sites] == [None, None]


class TestScripts:
    def test_every_node_is_asked_once(self) -> None:
        assert set(questions(TOPOLOGY)) == set(TOPOLOGY.hosts())

    def test_arbitrators_are_not_asked_about_pacemaker(self) -> None:
        assert "crm_mon" not in questions(TOPOLOGY)["arbitrator"]

    @pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
    def test_a_script_runs_tells_exit_codes_and_errors_and_ends_commands_that_hang(
        self, shell: str, tmp_path: Path
    ) -> None:
        if shutil.which(shell) is None:
            pytest.skip(f"no {shell} here")
        tools = {
            "crm_mon": "echo '<crm_mon>'; echo '  * two  words *' >&2; exit 102",
            "ip": "echo '2: eth0    inet 192.168.100.100/24 scope global eth0'",
            "booth": 'case $1 in list) exec sleep 60;; *) printf "no newline";; esac',
            "cibadmin": "echo must not be asked",
        }
        for name, body in tools.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
            (tmp_path / name).chmod(0o755)
        script = questions(TOPOLOGY)["clusterA-1"].replace("timeout -k 1 3", "timeout -k 1 0.2")

        ran = subprocess.run(
            [shell, "-c", script],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

        found = {each.name: each for each in sections(ran.stdout)}
        assert ran.stderr == ""
        assert list(found) == ["clock", "addresses", "crm_mon", "booth_status", "booth_list"]
        assert (found["crm_mon"].exit_code, found["crm_mon"].errors) == (102, "* two words *")
        assert found["crm_mon"].text == "<crm_mon>\n"
        assert found["booth_status"].text == "no newline\n"
        assert found["booth_list"].exit_code == 124

    @given(end=st.integers(0, 9000), node=st.sampled_from(sorted(TOPOLOGY.hosts())))
    def test_an_answer_that_was_cut_off_anywhere_never_fails(self, end: int, node: str) -> None:
        told = answers("granted-a")
        told[node] = f"{told[node]}"[:end]

        found = assemble(TOPOLOGY, told, RUNNING)

        assert len(found.sites) == 2

    @given(text=st.text())
    def test_an_answer_of_something_else_never_fails(self, text: str) -> None:
        assemble(TOPOLOGY, dict.fromkeys(TOPOLOGY.hosts(), text), RUNNING)


def main() -> None:
    """Write the public format of the captured states anew."""
    for state in STATES:
        golden(state).parent.mkdir(exist_ok=True)
        golden(state).write_text(status(state).model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
