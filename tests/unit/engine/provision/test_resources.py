"""What resources look like at a site; conditions are run by this machine's shell on real output."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.provision import resources
from boothlab.engine.topology.load import load

CAPTURED = (Path(__file__).parents[1] / "data" / "granted-a" / "clusterA-1.crm_mon.xml").read_text()
LAB = load("three-site-fast").topology
WEBSITE, VIP = LAB.resources["apachegroup"]
A, B = LAB.sites


def succeeds(condition: str, folder: Path, tool: str, printed: str, exit_code: int = 0) -> bool:
    """Return whether a condition holds where ``tool`` prints this."""
    (folder / "printed").write_text(printed)
    program = folder / tool
    program.write_text(f"#!/bin/sh\ncat {folder}/printed\nexit {exit_code}\n")
    program.chmod(0o755)
    # In a node the condition's own file is in /tmp; this machine's is left alone.
    script = f"PATH={folder}:$PATH; {condition.replace('/tmp/', f'{folder}/')}"  # noqa: S108
    return subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False).returncode == 0


class TestParameters:
    @pytest.mark.parametrize("distribution", DISTRIBUTIONS)
    def test_apache_has_the_distributions_configuration_by_default(self, distribution: str) -> None:
        found = resources.parameters(WEBSITE, A, DISTRIBUTIONS[distribution])

        assert found == {
            "configfile": DISTRIBUTIONS[distribution].apache_config,
            "statusurl": "http://127.0.0.1/server-status",
        }

    def test_what_the_topology_says_comes_first(self) -> None:
        own = WEBSITE.model_copy(update={"parameters": {"configfile": "/etc/my.conf", "port": 8080}})
        found = resources.parameters(own, A, DISTRIBUTIONS["debian12"])

        assert (found["configfile"], found["port"]) == ("/etc/my.conf", "8080")

    def test_a_value_per_site_is_that_sites(self) -> None:
        addresses = [resources.parameters(VIP, site, DISTRIBUTIONS["debian12"])["ip"] for site in (A, B)]

        assert addresses == ["192.168.101.110", "192.168.102.110"]


class TestServices:
    def test_a_service_answers_at_its_groups_address_per_site(self) -> None:
        (service,) = resources.services(LAB)

        assert (service.ticket, service.group) == ("apacheticket", "apachegroup")
        assert service.addresses == {"A": "192.168.101.110", "B": "192.168.102.110"}

    @pytest.mark.parametrize("left", [(WEBSITE,), (VIP,)])
    def test_a_group_without_web_server_or_address_is_no_web_service(self, left: tuple[object]) -> None:
        assert resources.services(LAB.model_copy(update={"resources": {"apachegroup": left}})) == ()


class TestClusterReady:
    @staticmethod
    def ready(folder: Path, printed: str, exit_code: int = 0) -> bool:
        return succeeds(resources.cluster_ready(A), folder, "crm_mon", printed, exit_code)

    def test_a_cluster_as_it_really_was_is_ready(self, tmp_path: Path) -> None:
        assert self.ready(tmp_path, CAPTURED)

    @pytest.mark.parametrize(
        ("was", "now"),
        [
            ('with_quorum="true"', 'with_quorum="false"'),
            ('<current_dc present="true"', '<no_dc present="false"'),
            ('name="clusterA-2" id="2" online="true"', 'name="clusterA-2" id="2" online="false"'),
            (
                'pending="false" unclean="false" health="green"',
                'pending="true" unclean="false" health="green"',
            ),
        ],
    )
    def test_it_is_not_without_quorum_dc_or_a_node(self, was: str, now: str, tmp_path: Path) -> None:
        assert was in CAPTURED
        assert not self.ready(tmp_path, CAPTURED.replace(was, now))

    def test_it_is_not_while_pacemaker_does_not_answer(self, tmp_path: Path) -> None:
        assert not self.ready(tmp_path, CAPTURED, exit_code=102)


class TestRunningAndServing:
    @pytest.mark.parametrize(
        ("printed", "runs"),
        [("resource VIP is running on: clusterA-1\n", True), ("resource VIP is NOT running\n", False)],
    )
    def test_a_resource_runs_when_pacemaker_says_where(
        self, printed: str, runs: bool, tmp_path: Path
    ) -> None:
        assert succeeds(resources.running("VIP"), tmp_path, "crm_resource", printed) is runs

    @pytest.mark.parametrize(("answering", "right"), [(A, True), (B, False)])
    def test_the_page_must_name_the_site(self, answering: object, right: bool, tmp_path: Path) -> None:
        page = resources.page(answering)  # type: ignore[arg-type]

        assert succeeds(resources.serves("192.168.101.110", A), tmp_path, "curl", page) is right

    def test_the_page_lies_where_the_distributions_apache_looks(self) -> None:
        file = resources.page_file(B, DISTRIBUTIONS["rocky9"])

        assert file.path == f"{DISTRIBUTIONS['rocky9'].document_root}/index.html"
        assert "site B (clusterB)" in str(file.content)
