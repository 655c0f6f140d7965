"""What gets an engine to answer: decided from facts and data, without side effects.

Debian and Ubuntu have Docker Engine. Rocky and its kin have Podman, whose service
speaks Docker's API and which ``preflight`` warns about; Docker's own packages are a
third party's there, so they are not installed unasked. The Podman way follows its
documentation and has not been tried on a Rocky host.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from boothlab.engine.client import LOCAL_SOCKET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.client import Silence

Command = tuple[str, ...]


@dataclass(frozen=True)
class Engine:
    """A container engine and how it is started."""

    name: str
    programs: tuple[str, ...]
    """Installed means: all of these can be found."""
    start: tuple[Command, ...]
    """With systemd."""
    daemon: Command
    """Without systemd: what to run for good."""


DOCKER: Final = Engine(
    "Docker Engine",
    programs=("dockerd",),
    start=(("systemctl", "enable", "--now", "docker"),),
    daemon=("dockerd",),
)
PODMAN: Final = Engine(
    "Podman with its Docker socket",
    programs=("podman", "docker"),
    start=(
        ("systemctl", "enable", "--now", "podman.socket"),
        ("systemd-tmpfiles", "--create", "podman-docker.conf"),
    ),
    daemon=("podman", "system", "service", "--time=0", LOCAL_SOCKET),
)


@dataclass(frozen=True)
class Distribution:
    """What a distribution calls its engine and how it is installed."""

    engine: Engine
    install: tuple[Command, ...]
    unasked: bool = False
    """Whether ``make lab-up`` may install it by itself."""


DISTRIBUTIONS: Final[Mapping[str, Distribution]] = {
    "debian": Distribution(
        DOCKER,
        (
            ("apt-get", "update"),
            ("apt-get", "install", "-y", "docker.io"),
        ),
        unasked=True,
    ),
    "rhel": Distribution(PODMAN, (("dnf", "install", "-y", "podman", "podman-docker"),), unasked=True),
    "fedora": Distribution(DOCKER, (("dnf", "install", "-y", "moby-engine"),)),
    "suse": Distribution(DOCKER, (("zypper", "--non-interactive", "install", "docker"),)),
    "arch": Distribution(DOCKER, (("pacman", "-S", "--noconfirm", "docker"),)),
}
"""By the ID or ID_LIKE of os-release. Rocky, Alma and CentOS are like rhel, Ubuntu like debian."""


@dataclass(frozen=True)
class Facts:
    """What the decision depends on."""

    silence: Silence
    """Why no engine answers."""
    chosen: str | None
    """The engine's address, if the user chose one."""
    root: bool
    systemd: bool
    distributions: tuple[str, ...]
    """ID and ID_LIKE of os-release, the closest first; empty when this is no Linux."""
    programs: frozenset[str]
    """Which of the engines' programs are installed."""


@dataclass(frozen=True)
class Action:
    """What is to be done so that an engine answers."""

    kind: Literal["start", "install", "tell"]
    """``tell``: nothing that boothlab may do; ``says`` is for the user to do."""
    says: str
    commands: tuple[Command, ...] = ()
    daemon: Command | None = None
    """What to run for good after the commands, if no engine answers then."""


def decide(facts: Facts) -> Action:
    """Decide what gets an engine to answer, without doing it."""
    if facts.chosen:
        return Action(
            "tell", f"start the engine at {facts.chosen}, or unset DOCKER_HOST and docker's context"
        )
    if facts.silence == "denied":
        return Action(
            "tell", "run it as root (sudo), or once: sudo usermod -aG docker $USER, and log in again"
        )
    if facts.silence == "other":
        return Action("tell", "an engine is there but does not work; see: journalctl -u docker")
    known = [DISTRIBUTIONS[each] for each in facts.distributions if each in DISTRIBUTIONS]
    for engine in (DOCKER, *(distribution.engine for distribution in known[:1])):
        if facts.programs.issuperset(engine.programs):
            return _start(engine, facts)
    if not known:
        return Action("tell", "install Docker Engine (https://docs.docker.com/engine/install) and start it")
    return _install(known[0], facts)


def _start(engine: Engine, facts: Facts) -> Action:
    commands = engine.start if facts.systemd else ()
    daemon = None if facts.systemd else engine.daemon
    if not facts.root:
        return Action(
            "tell", f"{engine.name} is installed but does not run: {_sudo(commands or (engine.daemon,))}"
        )
    return Action("start", f"starting {engine.name}, which is installed but does not run", commands, daemon)


def _install(distribution: Distribution, facts: Facts) -> Action:
    engine = distribution.engine
    start = engine.start if facts.systemd else ()
    commands = (*distribution.install, *start)
    if not (facts.root and distribution.unasked):
        return Action("tell", f"no engine is installed: {_sudo(commands, root=facts.root)}")
    return Action(
        "install",
        f"no engine is installed: installing the distribution's {engine.name} and starting it",
        commands,
        None if facts.systemd else engine.daemon,
    )


def _sudo(commands: tuple[Command, ...], *, root: bool = False) -> str:
    """Return commands as the one line that a person can paste."""
    line = " && ".join(shlex.join(command) for command in commands)
    if root:
        return line
    return f"sudo {line}" if len(commands) == 1 else f"sudo sh -c {shlex.quote(line)}"
