"""A lab of network namespaces instead of containers, as a pytest plugin: routed networks, without Booth.

For tests of what the router does to packets, where there is no Docker: in the guest that
``boot.py`` starts. It needs root, and writes to /etc, /run and /usr as if the
system were the lab's.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from boothlab.engine import names
from boothlab.engine.files import File
from boothlab.engine.lab import Lab
from boothlab.engine.runtime import Answer
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from boothlab.engine.runtime import Runtime
    from boothlab.engine.topology.model import Topology

_TIMED_OUT = 124


class Namespaces:
    """What a lab asks of the container engine, as far as tests of the router need it."""

    def put(self, _node: str, files: Iterable[File]) -> None:
        """Write files; all nodes have the same."""
        for file in files:
            path = Path(file.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            content = file.content if isinstance(file.content, bytes) else file.content.encode()
            path.write_bytes(content)
            path.chmod(file.mode)

    def run(self, node: str, command: str | Sequence[str], *, limit_s: float = 60) -> Answer:
        """Run a command in a node's namespace."""
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        began = time.monotonic()
        try:
            ran = subprocess.run(
                ["ip", "netns", "exec", node, *argv],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired:
            return Answer(_TIMED_OUT, "", "", time.monotonic() - began)
        return Answer(ran.returncode, ran.stdout, ran.stderr, time.monotonic() - began)


def pytest_configure(config: pytest.Config) -> None:
    """Know the marker of the tests that take a lab."""
    config.addinivalue_line("markers", "lab(topology, **options): here it is always this one")


@pytest.fixture(scope="session")
def namespaces() -> Iterator[Lab]:
    """Return the lab of a session."""
    topology = load("standalone").topology
    for line in _lines(topology):
        subprocess.run(line.split(), check=True)
    found = Lab(cast("Runtime", Namespaces()), topology)
    hosts = "".join(f"{address} {name}\n" for name, address in topology.hosts().items())
    files = [File("/etc/hosts", hosts), File("/usr/local/bin/booth-service", "#!/bin/sh\n", mode=0o755)]
    found.runtime.put(names.ROUTER, files)
    yield found
    for node in (*topology.hosts(), names.ROUTER):
        subprocess.run(["ip", "netns", "del", node], check=True)


@pytest.fixture
def lab(namespaces: Lab) -> Lab:
    """Return the lab."""
    return namespaces


def _lines(topology: Topology) -> list[str]:
    """Return the commands that make the namespaces and join them."""
    router = f"ip -n {names.ROUTER}"
    lines = [f"ip netns add {names.ROUTER}", f"{router} link set lo up"]
    for number, member in enumerate(topology.members):
        network = topology.networks[member.network]
        (node,) = (name for name, address in topology.hosts().items() if address == member.address)
        inside, gateway, bits = f"ip -n {node}", network.gateway, network.subnet.prefixlen
        lines += [
            f"ip netns add {node}",
            f"{router} link add eth{number} type veth peer name eth0 netns {node}",
            f"{router} address add {gateway}/{bits} dev eth{number}",
            f"{router} link set eth{number} up",
            f"{inside} address add {member.address}/{bits} dev eth0",
            f"{inside} link set lo up",
            f"{inside} link set eth0 up",
            f"{inside} route add default via {gateway}",
        ]
    return [*lines, f"ip netns exec {names.ROUTER} sysctl -q net.ipv4.ip_forward=1"]
