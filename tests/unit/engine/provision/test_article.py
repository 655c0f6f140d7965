"""The article's walkthrough: its commands to the letter, and what waits for what."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.files import HACLUSTER
from boothlab.engine.provision import article
from boothlab.engine.steps import Record, Step, perform
from boothlab.engine.topology.load import available, load

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Topology

WALKTHROUGH = Path(__file__).parents[1] / "data" / "walkthrough.txt"
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    **{path.stem: (path.stem, ()) for path in available() if not path.stem.startswith("standalone")},
    "another instance": ("three-site", ("booth.name=geo",)),
    "fencing": ("three-site", ("apacheticket.loss-policy=fence",)),
    "nothing granted": ("three-site", ("apacheticket.granted=null",)),
    "no resources": ("three-site", ("resources={}", "apacheticket.resources=[]")),
    "no tickets": ("three-site", ("tickets={}",)),
    "no arbitrator": ("five-member", ("arbitrators=[]",)),
}
every_lab = pytest.mark.parametrize("variant", VARIANTS)
every_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)


@cache
def topology(variant: str) -> Topology:
    name, overrides = VARIANTS[variant]
    return load(name, overrides=("provision=pcs", *overrides)).topology


def walkthrough(variant: str = "three-site", distribution: str = "debian12") -> list[Step]:
    return article.steps(topology(variant), DISTRIBUTIONS[distribution])


def starting(steps: list[Step], command: str) -> list[Step]:
    return [step for step in steps if step.command.startswith(command)]


def before(steps: list[Step], step: Step) -> set[str]:
    """Return the names of all steps that have surely ended when this one begins."""
    needs = {each.name: each.needs for each in steps}
    seen: set[str] = set()
    todo = [*step.needs]
    while todo:
        if (name := todo.pop()) not in seen:
            seen.add(name)
            todo += needs[name]
    return seen


def test_a_reader_types_the_articles_commands_in_the_articles_order() -> None:
    typed = [f"{step.node}# {step.command}" for step in walkthrough() if step.kind == "article"]

    assert typed == WALKTHROUGH.read_text().splitlines()


def test_the_lab_adds_only_a_first_cib_to_it() -> None:
    own = [step for step in walkthrough() if step.kind == "lab"]

    assert {step.title for step in own} == {"Put a first CIB in place"}
    assert {step.node for step in own} == {"clusterA-1", "clusterA-2", "clusterB-1", "clusterB-2"}
    assert all(step.why for step in own)


@every_lab
@every_distribution
def test_names_are_unique_and_the_order_can_be_carried_out(variant: str, distribution: str) -> None:
    steps = walkthrough(variant, distribution)

    assert len({step.name for step in steps}) == len(steps)
    ran = perform(steps, lambda step: Record(step, "", 0, 0, 0))
    assert [record.step for record in ran] == steps


@pytest.mark.parametrize("resource", ["auth", "setup", "cluster", "start", "sync", "stonith", "booth"])
def test_a_resource_may_be_called_like_anything_in_the_walkthrough(resource: str) -> None:
    found = load("three-site", overrides=[f"resources.apachegroup.WebSite.name={resource}"]).topology
    steps = article.steps(found, DISTRIBUTIONS["debian12"])

    assert len({step.name for step in steps}) == len(steps)


@every_lab
def test_every_command_is_sound_shell(variant: str) -> None:
    for step in walkthrough(variant):
        assert shlex.split(step.command), step.name


@every_lab
def test_every_host_has_a_password_and_pcsd_before_it_is_asked(variant: str) -> None:
    steps = walkthrough(variant)
    hosts = set(topology(variant).hosts())

    assert {step.node for step in starting(steps, "echo hacluster:")} == hosts
    assert {step.node for step in starting(steps, "systemctl enable --now ")} == hosts
    for site in topology(variant).sites:
        (auth,) = [step for step in steps if step.name == f"auth {site.name}"]
        assert {f"{what} {node}" for what in ("pcsd", "password") for node in site.nodes} <= before(
            steps, auth
        )


@every_distribution
def test_the_firewall_is_opened_where_there_is_one_before_hosts_are_asked(distribution: str) -> None:
    steps = walkthrough(distribution=distribution)
    opened = [step for step in steps if "--add-service=high-availability" in step.command]

    expected = set(topology("three-site").hosts()) if DISTRIBUTIONS[distribution].has_firewalld else set()
    assert {step.node for step in opened} == expected
    for step in opened:
        mine = [auth for auth in starting(steps, "pcs host auth") if auth.node == step.node]
        assert all(step.name in before(steps, auth) for auth in mine)


@every_distribution
def test_apache_is_told_where_the_distribution_keeps_its_configuration(distribution: str) -> None:
    (command, *_) = [
        step.command for step in starting(walkthrough(distribution=distribution), "pcs resource")
    ]

    assert f"configfile={DISTRIBUTIONS[distribution].apache_config}" in shlex.split(command)


@every_lab
def test_the_configuration_is_fetched_after_it_is_whole(variant: str) -> None:
    steps = walkthrough(variant)
    home = topology(variant).sites[0].name
    tickets = {step.name for step in starting(steps, "pcs booth ticket add")}

    for pull in starting(steps, "pcs booth pull"):
        assert tickets | {f"sync {home}"} <= before(steps, pull)
    others = [*topology(variant).sites[1:], *topology(variant).arbitrators]
    assert len(starting(steps, "pcs booth pull")) == len(others)


@every_lab
def test_the_grant_waits_for_the_booth_of_every_member_and_for_the_constraints(variant: str) -> None:
    steps = walkthrough(variant)
    members = {f"booth {member.name}" for member in topology(variant).members}
    constraints = {step.name for step in starting(steps, "pcs constraint ticket add")}

    for grant in [step for step in steps if step.name.startswith("grant ")]:
        assert members | constraints <= before(steps, grant)


@pytest.mark.parametrize("variant", ["nothing granted", "no tickets"])
def test_what_the_topology_does_not_grant_is_not_granted(variant: str) -> None:
    assert not [step for step in walkthrough(variant) if " grant " in step.command]


def test_after_the_grant_the_page_is_asked_for_from_another_network() -> None:
    (last,) = [step for step in walkthrough() if step.title.startswith("Wait until the page")]

    assert (last.node, last.kind) == ("arbitrator", "wait")
    assert "http://192.168.101.110/" in last.command


def test_a_loss_policy_is_part_of_the_constraint() -> None:
    commands = {step.command for step in starting(walkthrough("fencing"), "pcs constraint ticket add")}

    assert commands == {"pcs constraint ticket add apacheticket apachegroup loss-policy=fence"}


def test_another_instance_is_named_in_every_booth_command() -> None:
    steps = [
        step for step in walkthrough("another instance") if step.command.startswith(("pcs booth", "booth"))
    ]

    assert len(steps) > 10
    assert all("geo" in shlex.split(step.command) for step in steps)


def test_without_arbitrators_pcs_is_told_of_sites_alone() -> None:
    steps = walkthrough("no arbitrator")
    (setup,) = starting(steps, "pcs booth setup")

    assert setup.command == "pcs booth setup sites 192.168.101.100 192.168.102.100 192.168.103.100"
    assert not starting(steps, "pcs booth start")


def test_options_with_spaces_reach_pcs_as_one_word() -> None:
    overrides = [
        "apacheticket.attr-prereq=[auto ready eq yes]",
        "apacheticket.before-acquire-handler=/usr/bin/check it",
    ]
    steps = article.steps(load("three-site", overrides=overrides).topology, DISTRIBUTIONS["debian12"])
    (add,) = starting(steps, "pcs booth ticket add")

    assert shlex.split(add.command)[-2:] == [
        "before-acquire-handler=/usr/bin/check it",
        "attr-prereq=auto ready eq yes",
    ]


def test_only_cluster_nodes_get_files_and_the_seed_is_pacemakers_own() -> None:
    found = article.files(topology("three-site"), DISTRIBUTIONS["debian12"])

    assert set(found) == set(topology("three-site").hosts()) - {"arbitrator"}
    for files in found.values():
        (seed,) = [file for file in files if file.path == article.SEED_CIB]
        assert (seed.mode, seed.owner) == (0o600, HACLUSTER)
        assert 'value="1s"' in str(seed.content)
