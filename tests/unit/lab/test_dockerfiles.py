"""The Dockerfiles, judged without building them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boothlab.engine.assets import lab_folder
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images.recipe import LABEL

IMAGES = lab_folder() / "images"
NAMES = sorted(path.parent.name for path in IMAGES.glob("*/Dockerfile"))
NODES = ("debian", "rocky")

SAME_PURPOSE = {
    "systemd": "systemd",
    "systemd-sysv": None,  # the links that make systemd the init program: part of Rocky's systemd
    "dbus": "dbus",
    "corosync": "corosync",
    "pacemaker": "pacemaker",
    "pacemaker-cli-utils": "pacemaker-cli",
    "pcs": "pcs",
    "resource-agents": "resource-agents",
    "booth": "booth-core",
    "booth-pacemaker": "booth-site",
    "python3": "python3.11",  # Rocky's python3 is older than boothlab's Booth takes
    "apache2": "httpd",
    "iproute2": "iproute",
    "iptables": "iptables",
    "nftables": "nftables",
    "iputils-ping": "iputils",
    "iputils-arping": None,  # in iputils
    "curl": "/usr/bin/curl",
    "openssl": "openssl",
    "procps": "procps-ng",
    "psmisc": "psmisc",
    "less": "less",
    "vim-tiny": "vim-minimal",
    "gcc": "gcc",  # builds what lets the wall clock be wrong, and is removed
    "libc6-dev": None,  # comes with Rocky's gcc
}
"""Debian's package to Rocky's."""

ROCKY_ALONE = {
    "booth": "what the article installs",
    "booth-arbitrator": "the arbitrator's units, which Debian has in booth",
    "firewalld": "the article opens its high-availability service",
    "iproute-tc": "part of Debian's iproute2",
    "findutils": "part of every Debian",
    "hostname": "part of every Debian",
    "passwd": "part of every Debian",
    "which": "part of every Debian",
}


def instructions(name: str) -> list[tuple[str, str]]:
    """Return a Dockerfile's instructions as (word, rest), comments dropped and lines joined."""
    lines = (IMAGES / name / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    logical = text.replace("\\\n", " ").splitlines()
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in logical if line.strip())
    ]


def said(name: str, word: str) -> list[str]:
    """Return what follows each instruction of a kind."""
    return [rest for found, rest in instructions(name) if found == word]


def packages(name: str) -> set[str]:
    """Return the packages that the image's last install command names."""
    command = re.findall(r"(?:apt-install|\$dnf install) ([^&]+)", said(name, "RUN")[0])[-1]
    return set(command.split())


def test_every_image_of_the_lab_is_there() -> None:
    assert NAMES == ["debian", "rocky", "router", "standalone"]


@pytest.mark.parametrize("name", NAMES)
class TestEveryDockerfile:
    def test_stands_on_the_base_it_is_given(self, name: str) -> None:
        before = [word for word, _ in instructions(name)]
        assert said(name, "FROM") == ["${BASE}"]
        assert any(rest.startswith("BASE=") for rest in said(name, "ARG"))
        assert set(before[: before.index("FROM")]) == {"ARG"}

    def test_is_labelled_with_its_folder(self, name: str) -> None:
        assert said(name, "LABEL") == [f"{LABEL}={name}"]

    def test_copies_what_exists_from_its_own_folder_or_the_common_one(self, name: str) -> None:
        sources = [source for rest in said(name, "COPY") for source in rest.split()[:-1]]
        assert "common/" in sources
        for source in sources:
            assert (IMAGES / source).exists(), source
            assert Path(source).parts[0] in {name, "common"}, "a change there would not rebuild the image"

    def test_names_no_host(self, name: str) -> None:
        text = (IMAGES / name / "Dockerfile").read_text()
        assert "://" not in text
        assert not re.findall(r"\b[\w-]+\.(?:org|io|com|net|docker)\b", text)

    def test_starts_with_node_init(self, name: str) -> None:
        assert said(name, "ENTRYPOINT") == ['["/usr/local/lib/boothlab/node-init"]']
        assert (IMAGES / "common" / "node-init").exists()

    def test_does_all_its_work_in_one_last_step(self, name: str) -> None:
        words = [word for word, _ in instructions(name)]
        assert words.count("RUN") == 1
        assert words[-1] == "RUN"

    def test_calls_only_scripts_that_exist(self, name: str) -> None:
        called = re.findall(r"/usr/local/lib/boothlab/([\w-]+)", said(name, "RUN")[0])
        assert called
        assert all((IMAGES / "common" / script).exists() for script in called)


def test_systemd_nodes_stop_and_start_alike_on_all_distributions() -> None:
    assert {tuple(said(name, "STOPSIGNAL")) for name in NODES} == {("SIGRTMIN+3",)}
    assert len({tuple(said(name, "ENTRYPOINT")) for name in NODES}) == 1
    assert all(said(name, "CMD")[0].endswith('/systemd"]') for name in NODES)


def test_containers_without_systemd_have_an_init_that_reaps() -> None:
    for name in ("router", "standalone"):
        assert said(name, "CMD") == ['["tini", "--", "sleep", "infinity"]']
        assert "tini" in packages(name)


def test_debian_and_rocky_nodes_hold_the_same_tools() -> None:
    assert packages("debian") == set(SAME_PURPOSE)
    assert packages("rocky") == {name for name in SAME_PURPOSE.values() if name} | set(ROCKY_ALONE)


def test_nodes_are_prepared_after_their_packages_are_in() -> None:
    for name in NODES:
        run = said(name, "RUN")[0]
        assert run.index("prepare-node") > run.index("pacemaker-cli")


def test_every_member_keeps_the_packaged_booth_beside_what_may_come_over_it() -> None:
    for name in ("debian", "rocky", "standalone"):
        run = said(name, "RUN")[0]
        assert run.index("keep-booth") > run.index(" booth ")


def test_the_python_that_runs_our_booth_is_in_the_image_of_every_distribution() -> None:
    for data in DISTRIBUTIONS.values():
        assert Path(data.python).name in packages(data.image)
    assert "python3" in packages("standalone")


def test_a_standalone_member_has_no_pacemaker() -> None:
    assert not {
        package for package in packages("standalone") if "pacemaker" in package or "corosync" in package
    }
