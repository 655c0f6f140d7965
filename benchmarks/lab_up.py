"""How long a bring-up takes, and where the time goes.

Runs the bring-up as `boothlab up` does, then the same steps one after another as a
plain shell script with the docker command, in the same run on the same images, and
prints both with their ratio.

    python benchmarks/lab_up.py [TOPOLOGY] [--runs N] [--json]

Times are seconds. Compare within one run only: hosts differ and are shared.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from boothlab.cli.ending import told
from boothlab.engine import bringup, host, images, names, teardown, transcript
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.files import archive
from boothlab.engine.plan import plan
from boothlab.engine.progress import LineProgress
from boothlab.engine.provision import article, direct, standalone
from boothlab.engine.runtime import BASE_CAPABILITIES
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    import docker

    from boothlab.engine.plan import ContainerPlan
    from boothlab.engine.steps import Step
    from boothlab.engine.topology.model import Distribution, Topology

PRELUDE: Final = """\
set -eu
timed() {
    name=$1; shift
    began=$(date +%s.%N)
    "$@" > /dev/null 2>&1 || { echo "failed: $name" >&2; exit 1; }
    echo "$began $(date +%s.%N) $name"
}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topology", nargs="?", default="three-site")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args()
    errors = Console(stderr=True, highlight=False)
    progress = LineProgress(lambda line: errors.print(line, markup=False, soft_wrap=True))
    client = host.ensure_engine(progress)
    loaded = load(arguments.topology).topology
    topology = loaded.model_copy(update={"name": f"bench-{loaded.name}"[:31].rstrip("-")})
    images.resolve(client, topology, progress)  # built before anything is timed
    runs = [measure(client, topology, progress) for _ in range(arguments.runs)]
    if arguments.as_json:
        print(json.dumps({"topology": loaded.name, "runs": runs}, indent=1))
    else:
        show(loaded.name, runs)


def measure(client: docker.DockerClient, topology: Topology, progress: LineProgress) -> dict[str, object]:
    """Bring the lab up both ways; return the seconds of each."""
    try:
        bringup.up(client, topology, progress, rebuild=True)
        kept = transcript.load(topology.name)
        teardown.down(client, topology.name, progress)
        with progress.activity("shell script", "the same steps, one after another"):
            plain = run_script(script(client, topology, progress))
    finally:
        teardown.down(client, topology.name, progress)
    return {
        "boothlab_s": kept.total_s,
        "phases": [phase.model_dump() for phase in kept.phases],
        "steps": {record.step.name: record.seconds for record in kept.records},
        "shell_s": sum(plain.values()),
        "shell_steps": plain,
        "ratio": sum(plain.values()) / kept.total_s,
    }


def provisioning(topology: Topology, distribution: Distribution) -> tuple[dict[str, bytes], list[Step]]:
    """Return each node's archive of files and the steps."""
    data = DISTRIBUTIONS[distribution]
    if topology.cluster == "standalone":
        files, steps = standalone.files(topology), standalone.steps(topology)
    elif topology.provision == "pcs":
        files, steps = article.files(topology, data), article.steps(topology, data)
    else:
        files, steps = direct.files(topology, data), direct.steps(topology)
    return {node: archive(each) for node, each in files.items()}, steps


def script(client: docker.DockerClient, topology: Topology, progress: LineProgress) -> str:
    """Return the bring-up as a shell script that does one thing after another."""
    image_set = images.resolve(client, topology, progress)
    wanted = plan(topology, node_image=image_set.node, router_image=image_set.router)
    archives, steps = provisioning(topology, image_set.distribution)
    folder = Path(tempfile.mkdtemp(prefix="boothlab-bench-"))
    lines = [PRELUDE]
    for network in wanted.networks:
        options = [word for key, value in network.options.items() for word in ("-o", f"{key}={value}")]
        lines.append(
            _timed(
                f"network {network.name}",
                [
                    *("docker", "network", "create", "--subnet", str(network.subnet), *options),
                    *_labels(network.labels),
                    names.network_name(topology.name, network.name),
                ],
            )
        )
    for container in wanted.containers:
        lines += _container(topology.name, container)
        name = names.container_name(topology.name, container.node)
        if container.node in archives:
            path = folder / f"{container.node}.tar"
            path.write_bytes(archives[container.node])
            lines.append(_timed(f"files {container.node}", ["sh", "-c", f"docker cp - {name}:/ < {path}"]))
        lines.append(_timed(f"start {container.node}", ["docker", "start", name]))
    for step in steps:
        name = names.container_name(topology.name, step.node)
        lines.append(_timed(step.name, ["docker", "exec", name, "sh", "-c", step.script]))
    return "\n".join(lines) + "\n"


def _timed(name: str, command: list[str]) -> str:
    return shlex.join(["timed", name, *command])


def _labels(labels: object) -> list[str]:
    assert isinstance(labels, dict)
    return [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]


def _container(lab: str, container: ContainerPlan) -> list[str]:
    (first, address), *others = container.addresses.items()
    words = ["docker", "create", "--name", names.container_name(lab, container.node)]
    words += ["--hostname", container.node, *_labels(dict(container.labels))]
    words += ["--network", names.network_name(lab, first), "--ip", str(address), "--cap-drop", "ALL"]
    for capability in (*BASE_CAPABILITIES, *container.capabilities):
        words += ["--cap-add", capability]
    for key, value in container.hosts.items():
        words += ["--add-host", f"{key}:{value}"]
    for key, value in container.sysctls.items():
        words += ["--sysctl", f"{key}={value}"]
    words += ["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"]
    words += ["--env", f"BOOTHLAB_GATEWAY={container.gateway or ''}"]
    if container.systemd:
        words += ["--cgroupns", "private", "--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"]  # noqa: S108
        words += ["--shm-size", "256m", "--stop-signal", "SIGRTMIN+3"]
    lines = [_timed(f"create {container.node}", [*words, container.image])]
    for network, other in others:
        connect = ["docker", "network", "connect", "--ip", str(other), names.network_name(lab, network)]
        lines.append(_timed(f"connect {network}", [*connect, names.container_name(lab, container.node)]))
    return lines


def run_script(text: str) -> dict[str, float]:
    """Run the script; return the seconds of each step by name.

    Raises:
        CalledProcessError: a step failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(["bash", file.name], check=True, stdout=subprocess.PIPE, text=True, timeout=900)
    found = {}
    for line in done.stdout.splitlines():
        began, ended, name = line.split(" ", 2)
        found[name] = float(ended) - float(began)
    return found


def show(topology: str, runs: list[dict[str, object]]) -> None:
    """Print the breakdown of the last run and the medians of all."""
    last = runs[-1]
    table = Table(title=f"{topology}: where the time goes (s)", title_justify="left")
    for column in ("phase or step", "boothlab", "plain shell"):
        table.add_column(column, justify="left" if column.startswith("phase") else "right")
    phases, steps, plain = last["phases"], last["steps"], last["shell_steps"]
    assert isinstance(phases, list)
    assert isinstance(steps, dict)
    assert isinstance(plain, dict)
    for phase in phases:
        table.add_row(phase["name"], f"{phase['seconds']:.1f}", "")
    made = sum(seconds for name, seconds in plain.items() if name not in steps)
    table.add_row("networks and containers", "", f"{made:.1f}", end_section=True)
    for name, seconds in steps.items():
        table.add_row(f"  {name}", f"{seconds:.1f}", f"{plain.get(name, 0.0):.1f}")
    console = Console()
    console.print(table)
    ours = statistics.median(float(str(run["boothlab_s"])) for run in runs)
    theirs = statistics.median(float(str(run["shell_s"])) for run in runs)
    console.print(
        f"boothlab {ours:.1f} s, plain shell script {theirs:.1f} s, ratio {theirs / ours:.2f} "
        f"(medians of {len(runs)}, {time.strftime('%Y-%m-%d', time.gmtime())})",
        highlight=False,
    )


if __name__ == "__main__":
    with told():
        main()
