"""Bringing a used lab back to its known state, without rebuilding it.

All nodes up, nothing impaired, every configuration as it was, no ticket remembered,
Booth's counters at zero; then the tickets are granted as the topology says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine import names, transcript
from boothlab.engine.carry_out import Stepper
from boothlab.engine.provision.resources import cluster_ready, running
from boothlab.engine.provision.tickets import booth_ready, client_node, grant_and_wait
from boothlab.engine.snapshot import FOLDER
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.engine.progress import Progress
    from boothlab.engine.topology.model import Site, Topology

_CLEAN_ROUTER: Final = (
    "nft flush ruleset; "
    "for path in /sys/class/net/*; do "
    "for kind in root clsact; do tc qdisc del dev ${path##*/} $kind 2>/dev/null; done; done; true"
)
_GO_ON: Final = "kill -CONT -1"
_START_CLUSTER: Final = "systemctl reset-failed; systemctl start corosync pacemaker"
_STOP_BOOTH: Final = (
    "rm -f /run/boothlab-booth; pgrep -x boothd > /run/boothlab-booth || exit 0; "
    "pkill -TERM -x boothd; "
    "for _ in $(seq 50); do pgrep -x boothd > /dev/null || exit 0; sleep 0.1; done; pkill -KILL -x boothd"
)


def reset(lab: Lab, progress: Progress, *, grant: bool = True) -> None:
    """Bring a lab back to its known state.

    Args:
        lab: the lab.
        progress: who is told.
        grant: grant the tickets as the topology says; False leaves them with nobody.

    Raises:
        LabBusyError: another process works on the lab.
        StepFailedError: it could not be brought back; `boothlab up --rebuild` builds it anew.
        NodeUnreachableError: a container is gone.
    """
    with transcript.exclusive(lab.name):
        with progress.activity("nodes", "start what does not run"):
            for node in (names.ROUTER, *lab.nodes):
                lab.runtime.start(node)
        Stepper(lab.runtime, progress).run_all(steps(lab.topology, grant=grant))


def steps(topology: Topology, *, grant: bool) -> list[Step]:
    """Return what brings a lab with all containers running back to its known state."""
    healed = [
        Step("router", names.ROUTER, _CLEAN_ROUTER, "Take every impairment off the router", kind="lab"),
        *(
            Step(f"go on {node}", node, _GO_ON, "Let paused processes go on", kind="lab")
            for node in topology.hosts()
        ),
    ]
    needs = tuple(step.name for step in healed)
    if topology.cluster == "standalone":
        found = [*healed, *_forget_standalone(topology, needs)]
    else:
        found = [*healed, *_restore_clusters(topology, needs), *_forget(topology)]
    found += booth_ready(topology, needs=tuple(step.name for step in found))
    return found + (grant_and_wait(topology, with_pcs=False) if grant else [])


def _restore_clusters(topology: Topology, needs: tuple[str, ...]) -> list[Step]:
    """Clusters and configuration as they were; Booth runs everywhere afterwards."""
    found = []
    for site in topology.sites:
        found += [
            Step(f"up {node}", node, _START_CLUSTER, "Start what does not run", needs=needs, kind="lab")
            for node in site.nodes
        ]
        found += _restore_site(topology, site)
    for each in topology.arbitrators:
        start = f"systemctl reset-failed; systemctl start booth@{topology.booth.name}"
        found.append(
            Step(
                f"restored {each.node_name}",
                each.node_name,
                start,
                "Start what does not run",
                needs=needs,
                kind="lab",
            )
        )
    return found


def _restore_site(topology: Topology, site: Site) -> list[Step]:
    first = client_node(topology, site.name)
    configuration = f"--scope configuration --xml-file {FOLDER}/configuration.xml"
    restore = f"cibadmin --replace {configuration} && crm_resource --cleanup"
    return [
        Step(
            f"cluster {site.name}",
            first,
            cluster_ready(site),
            "Wait for quorum, a DC and all nodes",
            needs=tuple(f"up {node}" for node in site.nodes),
            kind="wait",
        ),
        Step(
            f"configuration {site.name}",
            first,
            restore,
            "Restore the CIB's configuration",
            needs=(f"cluster {site.name}",),
            kind="lab",
        ),
        Step(
            f"restored {first}",
            first,
            running(f"booth-{topology.booth.name}-service"),
            "Wait until the cluster runs Booth",
            needs=(f"configuration {site.name}",),
            kind="wait",
        ),
    ]


def _forget(topology: Topology) -> list[Step]:
    """Stop every Booth, forget the tickets, start them again.

    All must be down at once: one that runs would teach the others its tickets.
    Pacemaker does not notice; it looks every ten seconds, this takes half of one.
    """
    booth = topology.booth.name
    restored = tuple(f"restored {client_node(topology, site.name)}" for site in topology.sites)
    restored += tuple(f"restored {each.node_name}" for each in topology.arbitrators)
    arbitrators = {each.node_name for each in topology.arbitrators}
    stops = [
        Step(
            f"stop {node}",
            node,
            f"systemctl stop booth@{booth}" if node in arbitrators else _STOP_BOOTH,
            "Stop Booth everywhere",
            needs=restored,
            kind="lab",
        )
        for node in topology.hosts()
    ]
    stopped = tuple(step.name for step in stops)
    forgets = [
        Step(
            f"forget {site.name}",
            client_node(topology, site.name),
            "cibadmin --delete-all --force --xpath //ticket_state",
            "Forget the tickets",
            needs=stopped,
            kind="lab",
        )
        for site in topology.sites
    ]
    forgotten = tuple(step.name for step in forgets)
    restore = f"rm -rf /etc/booth && cp -a {FOLDER}/booth /etc/booth && "
    again = f"test ! -s /run/boothlab-booth || boothd daemon -c /etc/booth/{booth}.conf"
    starts = [
        Step(
            f"again {node}",
            node,
            restore + (f"systemctl start booth@{booth}" if node in arbitrators else f"{{ {again}; }}"),
            "Start Booth again",
            needs=forgotten,
            kind="lab",
        )
        for node in topology.hosts()
    ]
    return [*stops, *forgets, *starts]


def _forget_standalone(topology: Topology, needs: tuple[str, ...]) -> list[Step]:
    booth = topology.booth.name
    forget = "".join(f"crm_ticket --ticket {name} --cleanup --force; " for name in topology.tickets)
    stops = [
        Step(
            f"stop {node}",
            node,
            f"booth-service stop {booth}",
            "Stop Booth everywhere",
            needs=needs,
            kind="lab",
        )
        for node in topology.hosts()
    ]
    stopped = tuple(step.name for step in stops)
    restore = f"rm -rf /etc/booth && cp -a {FOLDER}/booth /etc/booth && booth-service start {booth}"
    starts = [
        Step(f"again {node}", node, forget + restore, "Start Booth again", needs=stopped, kind="lab")
        for node in topology.hosts()
    ]
    return [*stops, *starts]
