"""Starting or installing an engine: who may, what is done, and what anyone else is told."""

from __future__ import annotations

import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.client import EngineUnavailableError, connect
from boothlab.engine.host import Action, EngineStartError, Facts, decide, ensure_engine, gather
from boothlab.engine.host.ensure import carry_out, run_command
from boothlab.engine.progress import SilentProgress

if TYPE_CHECKING:
    from pathlib import Path

    import docker

    from boothlab.engine.host.decide import Command

DEBIAN = ("debian",)
UBUNTU = ("ubuntu", "debian")
ROCKY = ("rocky", "rhel", "centos", "fedora")
NOTHING: frozenset[str] = frozenset()
FACTS = Facts(silence="missing", chosen=None, root=True, systemd=True, distributions=DEBIAN, programs=NOTHING)
APT = (("apt-get", "update"), ("apt-get", "install", "-y", "docker.io"))
START_DOCKER = ("systemctl", "enable", "--now", "docker")


class TestDecision:
    @pytest.mark.parametrize("distributions", [DEBIAN, UBUNTU, ("linuxmint", "ubuntu", "debian")])
    def test_root_on_debian_and_its_kin_gets_docker_installed_and_started(
        self, distributions: tuple[str, ...]
    ) -> None:
        action = decide(replace(FACTS, distributions=distributions))

        assert action.kind == "install"
        assert action.commands == (*APT, START_DOCKER)
        assert action.daemon is None

    def test_without_systemd_the_engine_itself_is_run(self) -> None:
        action = decide(replace(FACTS, systemd=False))

        assert action.commands == APT
        assert action.daemon == ("dockerd",)

    def test_root_on_rocky_gets_the_distributions_podman_on_dockers_socket(self) -> None:
        action = decide(replace(FACTS, distributions=ROCKY))

        assert action.kind == "install"
        assert action.commands[0] == ("dnf", "install", "-y", "podman", "podman-docker")
        assert ("systemctl", "enable", "--now", "podman.socket") in action.commands
        assert "Podman" in action.says

    def test_an_installed_engine_is_started_not_installed(self) -> None:
        action = decide(replace(FACTS, programs=frozenset({"dockerd", "docker"}), silence="refused"))

        assert action.kind == "start"
        assert action.commands == (START_DOCKER,)

    def test_docker_is_preferred_to_podman_where_both_are_installed(self) -> None:
        everything = frozenset({"dockerd", "docker", "podman"})

        assert decide(replace(FACTS, distributions=ROCKY, programs=everything)).commands == (START_DOCKER,)

    def test_podman_beside_dockers_client_on_debian_is_not_taken_for_an_engine(self) -> None:
        action = decide(replace(FACTS, programs=frozenset({"podman", "docker"})))

        assert action.kind == "install"

    @pytest.mark.parametrize(
        ("changes", "command"),
        [
            (
                {"root": False},
                "sudo sh -c 'apt-get update && apt-get install -y docker.io && systemctl enable",
            ),
            ({"root": False, "programs": frozenset({"dockerd"})}, "sudo systemctl enable --now docker"),
            ({"root": False, "systemd": False, "programs": frozenset({"dockerd"})}, "sudo dockerd"),
            ({"distributions": ("fedora",)}, "dnf install -y moby-engine && systemctl enable --now docker"),
            ({"distributions": ("void",)}, "docs.docker.com"),
            ({"distributions": ()}, "docs.docker.com"),
        ],
    )
    def test_anyone_else_is_told_the_one_command(self, changes: dict[str, object], command: str) -> None:
        action = decide(replace(FACTS, **changes))  # type: ignore[arg-type]

        assert action.kind == "tell"
        assert command in action.says
        assert not action.commands

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"chosen": "tcp://lab.example:2375"}, "tcp://lab.example:2375"),
            ({"silence": "denied"}, "usermod -aG docker"),
            ({"silence": "other"}, "journalctl"),
        ],
    )
    def test_an_engine_that_is_there_but_elsewhere_forbidden_or_broken_is_left_alone(
        self, changes: dict[str, object], says: str
    ) -> None:
        action = decide(replace(FACTS, **changes))  # type: ignore[arg-type]

        assert action.kind == "tell"
        assert says in action.says


class TestFacts:
    def test_dockers_environment_variable_is_a_choice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", "tcp://lab.example:2375")

        assert gather("missing").chosen == "tcp://lab.example:2375"

    def test_without_a_choice_there_is_none(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

        assert gather("missing").chosen is None

    def test_programs_are_found_where_path_does_not_lead(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        program = tmp_path / "podman"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

        assert "podman" in gather("missing").programs


class Silent:
    """An engine that answers only after it was asked a number of times."""

    def __init__(self, *, refusals: int) -> None:
        self.refusals = refusals
        self.asked = 0

    def __call__(self) -> docker.DockerClient:
        self.asked += 1
        if self.asked <= self.refusals:
            raise EngineUnavailableError("nobody")
        return Closable()  # type: ignore[return-value]


class Closable:
    """All that is asked of a client while waiting."""

    def close(self) -> None:
        pass


class TestCarryingOut:
    def test_commands_run_in_order_and_are_told(self) -> None:
        ran: list[Command] = []
        told: list[str] = []
        engine = Silent(refusals=2)

        carry_out(Action("install", "", (*APT, START_DOCKER)), told.append, run=ran.append, answers=engine)

        assert ran == [*APT, START_DOCKER]
        assert told[0] == "apt-get update"
        assert engine.asked == 3

    def test_after_a_failed_command_nothing_more_is_done(self) -> None:
        action = Action("install", "", (("sh", "-c", "echo no space left; exit 1"), ("sh", "-c", "exit 0")))
        told: list[str] = []

        with pytest.raises(EngineStartError, match="no space left"):
            carry_out(action, told.append, answers=Silent(refusals=0))

        assert len(told) == 1

    def test_an_engine_that_the_package_started_already_is_not_started_again(self, tmp_path: Path) -> None:
        action = Action("install", "", (), daemon=("sh", "-c", "echo started"))
        log = tmp_path / "log"

        carry_out(action, lambda _: None, answers=Silent(refusals=0), log=log)

        assert not log.exists()

    def test_an_engine_that_ends_at_once_is_told_with_its_last_words(self, tmp_path: Path) -> None:
        action = Action("start", "", (), daemon=("sh", "-c", "echo cannot mount cgroups; exit 3"))
        log = tmp_path / "log"

        with pytest.raises(EngineStartError, match=r"exit code 3.*\n.*cannot mount cgroups") as failure:
            carry_out(action, lambda _: None, answers=Silent(refusals=10**6), log=log)

        assert str(log) in failure.value.remedy

    def test_a_missing_program_is_an_error_with_its_name(self) -> None:
        with pytest.raises(EngineStartError, match="no-such-program"):
            run_command(("no-such-program", "install"))

    def test_commands_are_asked_no_questions(self) -> None:
        run_command(("sh", "-c", '! read answer && test "$DEBIAN_FRONTEND" = noninteractive'))


class TestEnsuring:
    def test_an_engine_that_the_user_chose_is_never_replaced(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        address = f"unix://{tmp_path}/docker.sock"
        monkeypatch.setenv("DOCKER_HOST", address)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a command was run"))
        monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("an engine was started"))

        with pytest.raises(EngineUnavailableError) as failure:
            ensure_engine(SilentProgress())

        assert address in failure.value.message
        assert "DOCKER_HOST" in failure.value.remedy


class TestConnecting:
    def test_a_missing_socket_and_a_dead_one_are_told_apart(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        with pytest.raises(EngineUnavailableError, match="no such socket") as missing:
            connect()

        monkeypatch.setenv("DOCKER_HOST", f"unix://{_dead_socket(tmp_path)}")
        with pytest.raises(EngineUnavailableError, match="nobody listens") as refused:
            connect()

        assert (missing.value.silence, refused.value.silence) == ("missing", "refused")


def _dead_socket(folder: Path) -> Path:
    path = folder / "dead.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    return path
