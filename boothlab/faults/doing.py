"""How faults act in nodes: shell text that is run there, and what is said when it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from boothlab.engine.lab import Lab

LIMIT_S: Final = 60.0
"""Seconds that a command in a node may take."""

_CLUSTER_LIMIT_S: Final = 45
"""Seconds within which a cluster that starts must answer."""


class FaultFailedError(BoothlabError):
    """A fault could not be carried out or undone in a node."""


def do(lab: Lab, node: str, script: str, *arguments: str) -> str:
    """Run a shell script in a node; return what it printed.

    Raises:
        FaultFailedError: it failed.
        NodeUnreachableError: the node does not answer.
    """
    answer = lab.run(node, ["sh", "-c", script, "sh", *arguments], limit_s=LIMIT_S)
    if not answer.ok:
        raise FaultFailedError(
            f"{node}: {answer.output or f'exit code {answer.exit_code}'}",
            remedy="`boothlab status` shows what the node is doing; `boothlab reset` mends everything",
        )
    return answer.stdout


def ask_cluster(lab: Lab, node: str, command: str, *, or_none: bool = False) -> None:
    """Run a command of Pacemaker's; where the cluster is just starting, as soon as it answers.

    Args:
        lab: the lab.
        node: a node of a cluster.
        command: a shell command that can be repeated.
        or_none: Whether it is fine as well when no cluster runs there.

    Raises:
        FaultFailedError: it failed, or the cluster does not answer in time.
        NodeUnreachableError: the node does not answer.
    """
    script = (
        f"end=$(( $(date +%s) + {_CLUSTER_LIMIT_S} )); until said=$({command} 2>&1); do "
        "systemctl -q is-active corosync && systemctl -q is-active pacemaker || runs=no; "
        f'if [ "$runs" = no ] && {"true" if or_none else "false"}; then exit 0; fi; '
        'if [ "$runs" = no ] || [ $(date +%s) -ge $end ]; then echo "$said"; exit 1; fi; sleep 0.2; done'
    )
    do(lab, node, script)


def everywhere(nodes: Iterable[str], act: Callable[[str], None]) -> dict[str, BoothlabError]:
    """Act on nodes at the same time, on all of them whatever happens; return what failed, by node."""

    def tried(node: str) -> BoothlabError | None:
        try:
            act(node)
        except BoothlabError as error:
            return error
        return None

    nodes = list(nodes)
    with ThreadPoolExecutor() as pool:
        found = zip(nodes, pool.map(tried, nodes), strict=True)
        return {node: error for node, error in found if error is not None}


# where Booth is


def booth_pid(lab: Lab, node: str) -> str:
    """Return shell text that sets ``pid`` to Booth's process in a node, or fails saying so."""
    plain = f"pid=$(cat /run/booth-service.{lab.topology.booth.name}.pid 2>/dev/null)"
    found = plain if lab.topology.cluster == "standalone" else "pid=$(pgrep -o -x boothd)"
    return f"{found} && kill -0 $pid || {{ echo 'boothd does not run at {node}'; exit 1; }}; "


def start_booth(lab: Lab, node: str) -> None:
    """Start what a node has of Booth and its cluster; fine when it runs."""
    topology = lab.topology
    name = topology.booth.name
    if topology.cluster == "standalone":
        do(lab, node, f"booth-service start {name}")
    elif node in {each.node_name for each in topology.arbitrators}:
        do(lab, node, f"systemctl reset-failed; systemctl start booth@{name}")
    else:
        do(lab, node, "systemctl reset-failed; systemctl start corosync pacemaker")
