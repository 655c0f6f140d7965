"""Gather what the engine and its host say, and have it judged."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import names
from boothlab.engine.capabilities import IMAGE_LABEL
from boothlab.engine.preflight.finding import Finding, PreflightError
from boothlab.engine.preflight.machine import judge_engine
from boothlab.engine.preflight.resources import available_mb, images_complete, judge_disk, judge_memory
from boothlab.engine.preflight.subnets import engine_networks, host_ranges, judge_subnets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import docker

    from boothlab.engine.preflight.subnets import EngineNetwork, HostRange
    from boothlab.engine.topology.model import Topology

_MB: Final = 1 << 20
_ROUTES: Final = ("ip", "-j", "-4", "route", "show", "table", "all")


def check(client: docker.DockerClient, topology: Topology) -> tuple[Finding, ...]:
    """Check the engine, the subnets, memory and disk space for a topology.

    The host's own networks and its free memory are looked at only where the engine
    runs on this very machine.
    """
    version, info = client.version(), client.info()
    local = _is_local(client, info)
    networks = engine_networks(each.attrs for each in client.networks.list())
    running = len(client.api.containers(filters={"label": f"{names.LABEL_LAB}={topology.name}"}))
    return (
        *judge_engine(version, info),
        *_subnets(topology, networks, local=local),
        _memory(topology, running, info["MemTotal"] // _MB, local=local),
        *_disk(client, topology, info["DockerRootDir"], local=local),
    )


def check_host(topology: Topology) -> tuple[Finding, ...]:
    """Check what can be checked while no engine answers: this host's networks and memory."""
    memory = available_mb(_meminfo())
    judged = () if memory is None else (judge_memory(topology, running=0, available_mb=memory),)
    return (*_subnets(topology, (), local=True), *judged)


def require(client: docker.DockerClient, topology: Topology) -> None:
    """Make sure that a lab can start.

    Raises:
        PreflightError: it cannot; all reasons at once.
    """
    errors = [each for each in check(client, topology) if each.severity == "error"]
    if errors:
        raise PreflightError(topology.name, errors)


def _is_local(client: docker.DockerClient, info: Mapping[str, Any]) -> bool:
    """Return whether the engine runs here: a local socket may still lead into a virtual machine."""
    return str(client.api.base_url).startswith("http+docker://") and info.get("Name") == platform.node()


def _subnets(topology: Topology, networks: tuple[EngineNetwork, ...], *, local: bool) -> Iterator[Finding]:
    host = _host_ranges() if local else ()
    if host is None:
        yield Finding(
            "warning",
            "subnet.unknown",
            "cannot tell which networks this host uses: the command ip is missing",
            "install iproute2",
        )
    yield from judge_subnets(topology, networks, host or ())


def _host_ranges() -> tuple[HostRange, ...] | None:
    try:
        answer = subprocess.run(_ROUTES, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return host_ranges(answer.stdout)


def _memory(topology: Topology, running: int, total_mb: int, *, local: bool) -> Finding:
    available = available_mb(_meminfo()) if local else None
    return judge_memory(
        topology, running=running, available_mb=total_mb if available is None else min(available, total_mb)
    )


def _meminfo() -> str:
    file = Path("/proc/meminfo")
    return file.read_text(encoding="ascii") if file.exists() else ""


def _disk(client: docker.DockerClient, topology: Topology, folder: str, *, local: bool) -> Iterator[Finding]:
    """Look at the space for images, where some are still to be built."""
    images = client.api.images(filters={"label": IMAGE_LABEL})
    there = {image["Labels"][IMAGE_LABEL] for image in images}
    if not local or images_complete(topology, there):
        return
    try:
        free_mb = shutil.disk_usage(folder).free // _MB
    except OSError:  # not every user may look there
        return
    yield judge_disk(free_mb=free_mb, folder=folder)
