"""Which impairments the engine's kernel can do, found out by trying them.

A kernel says nothing reliable about its qdiscs and matches, and modules are loaded
on demand; so a short-lived container, without any network but its loopback, tries
each one. It takes no longer than starting a container.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError

from boothlab.engine import names
from boothlab.engine.runtime import remove_container
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker
    from docker.models.containers import Container

IMAGE_LABEL: Final = "boothlab.image"
"""On images: which one it is, e.g. ``router``."""

PROBE_LAB: Final = "doctor"
"""Value of the lab label on containers that only try something."""

_PROBE_LIFE_S: Final = 60
"""A probe that nobody removes ends by itself after this time, in seconds."""

_SCRIPT_LIMIT_S: Final = 20

_TUN: Final = "/dev/net/tun"


class ProbeFailedError(BoothlabError):
    """A container to try things in could not be had."""


@dataclass(frozen=True)
class Ability:
    """Whether one thing can be done here."""

    available: bool
    reason: str = ""
    """Why not: the first line that the failing command printed."""


@dataclass(frozen=True)
class Capabilities:
    """What the kernel of the engine can do to packets and nodes, see ``TRIALS``."""

    netem: Ability
    tbf: Ability
    htb: Ability
    clsact: Ability
    ifb: Ability
    nft_numgen: Ability
    iptables_statistic: Ability
    nfqueue: Ability
    tun: Ability
    pause: Ability


@dataclass(frozen=True)
class Trial:
    """How one capability is found out."""

    name: str
    """Its field in ``Capabilities``."""
    by: str
    """The mechanism."""
    does: str
    """What it can do to a lab."""
    command: str = ""
    """What is tried in the shell of the probe; empty when the engine is asked instead."""


def _qdisc(spec: str) -> str:
    return f"tc qdisc add dev lo {spec} && tc qdisc del dev lo {spec.split(maxsplit=1)[0]}"


_NUMGEN: Final = (
    "nft add table ip probe && nft 'add chain ip probe out { type filter hook output priority 0; }'"
    " && nft 'add rule ip probe out numgen random mod 100 < 10 drop' && nft delete table ip probe"
)
TRIALS: Final = (
    Trial(
        "netem",
        "tc netem",
        "delay, loss, reordering, corruption",
        _qdisc("root netem delay 1ms"),
    ),
    Trial("tbf", "tc tbf", "bandwidth of a link", _qdisc("root tbf rate 1gbit burst 64k latency 50ms")),
    Trial("htb", "tc htb", "bandwidth per class of traffic", _qdisc("root handle 1: htb default 1")),
    Trial("clsact", "tc clsact", "hooks for arriving and leaving packets", _qdisc("clsact")),
    Trial(
        "ifb",
        "ifb device",
        "shaping of arriving packets",
        "ip link add probe0 type ifb && ip link del probe0",
    ),
    Trial("nft_numgen", "nftables numgen", "loss of a share of the packets", _NUMGEN),
    Trial(
        "iptables_statistic",
        "iptables statistic",
        "loss of a share of the packets",
        "iptables -A OUTPUT -m statistic --mode random --probability 0.1 -j DROP",
    ),
    Trial(
        "nfqueue",
        "iptables NFQUEUE",
        "packets held or changed one by one",
        "iptables -A OUTPUT -p udp -j NFQUEUE --queue-num 0 --queue-bypass",
    ),
    Trial(
        "tun",
        "TUN device",
        "a path through user space",
        "ip tuntap add dev probe1 mode tun && ip link del probe1",
    ),
    Trial("pause", "docker pause", "a whole node frozen"),
)
_TRIED: Final = {trial.name: trial.command for trial in TRIALS if trial.command}


def probe(client: docker.DockerClient, image: str) -> Capabilities:
    """Try what the kernel can do, in a container of ``image`` (it needs tc, nft and iptables).

    Raises:
        ProbeFailedError: the container could not be started or did not answer.
    """
    rights = ["NET_ADMIN", "NET_RAW"]
    try:
        with probe_container(client, image, cap_add=rights, devices=[_TUN]) as container:
            return _try_all(container)
    except ProbeFailedError as error:
        if _TUN not in error.message:
            raise
    with probe_container(client, image, cap_add=rights) as container:
        without = Ability(available=False, reason=f"the engine's host has no {_TUN}")
        return replace(_try_all(container), tun=without)


@contextmanager
def probe_container(client: docker.DockerClient, image: str, **options: Any) -> Iterator[Container]:  # noqa: ANN401 - the SDK's own
    """Start a container of ``image`` that does nothing and has no network; remove it at the end.

    Raises:
        ProbeFailedError: the engine refused.
    """
    container = None
    try:
        container = client.containers.create(
            image,
            [str(_PROBE_LIFE_S)],
            entrypoint="sleep",
            network_mode="none",
            auto_remove=True,
            labels=names.labels(PROBE_LAB),
            **options,
        )
        container.start()
        yield container
    except APIError as error:
        raise ProbeFailedError(
            f"the engine cannot run a container of {image}: {error.explanation or error}",
            remedy="look at the engine's own log: journalctl -u docker",
        ) from error
    finally:
        if container is not None:
            remove_container(container)


def run_in(container: Container, script: str) -> tuple[int, str]:
    """Run a shell script in a container; return its exit code and all its output."""
    answer: Any = container.exec_run(["timeout", str(_SCRIPT_LIMIT_S), "sh", "-c", script])
    return int(answer.exit_code or 0), answer.output.decode(errors="replace")


def router_image(client: docker.DockerClient) -> str | None:
    """Return the newest router image on the engine, or None when there is none yet."""
    images = client.api.images(filters={"label": f"{IMAGE_LABEL}=router"})
    if not images:
        return None
    newest = max(images, key=lambda image: image["Created"])
    return str((newest["RepoTags"] or [newest["Id"]])[0])


def _try_all(container: Container) -> Capabilities:
    script = "\n".join(
        f'({command}) >/tmp/said 2>&1; echo "{name}|$?|$(head -n 1 /tmp/said)"'
        for name, command in _TRIED.items()
    )
    _, output = run_in(container, script)
    found = read_answers(output)
    if missing := _TRIED.keys() - found.keys():
        raise ProbeFailedError(f"the probe said nothing of {', '.join(sorted(missing))}: {output}")
    return Capabilities(**found, pause=_pause(container))


def read_answers(output: str) -> dict[str, Ability]:
    """Read the probe's lines, each ``NAME|EXIT CODE|FIRST LINE OF OUTPUT``."""
    found = {}
    for line in output.splitlines():
        name, code, said = line.split("|", 2) if line.count("|") > 1 else ("", "", "")
        if name in _TRIED:
            reason = said.removeprefix("Error: ").strip() or f"exit code {code}"
            found[name] = Ability(code == "0", "" if code == "0" else reason)
    return found


def _pause(container: Container) -> Ability:
    try:
        container.pause()
        container.unpause()
    except APIError as error:
        return Ability(available=False, reason=str(error.explanation or error))
    return Ability(available=True)
