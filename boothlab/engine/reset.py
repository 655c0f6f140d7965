"""Bringing a used lab back to its known state, without rebuilding it.

All nodes up, nothing impaired, every configuration as it was, no ticket remembered,
Booth's counters at zero; then the tickets are granted as the topology says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine import names
from boothlab.engine.carry_out import Stepper
from boothlab.engine.lock import exclusive
from boothlab.engine.mending import GIVE_ROOM, RIGHT_CLOCK, UNWRAP
from boothlab.engine.provision.resources import booted, cluster_ready, idle, running
from boothlab.engine.provision.tickets import booth_ready, client_node, grants, served
from boothlab.engine.runtime import Runtime
from boothlab.engine.snapshot import FOLDER, RESTORE_BOOTH
from boothlab.engine.steps import Step, until

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.engine.progress import Progress
    from boothlab.engine.topology.model import Site, Topology

_CLEAN_ROUTER: Final = (
    "nft flush ruleset; pkill -KILL -f [/]router.pyz; rm -rf /run/boothlab/faults; "
    "for path in /sys/class/net/*; do "
    "for kind in root clsact; do tc qdisc del dev ${path##*/} $kind 2>/dev/null; done; done; true"
)
_GO_ON: Final = f"kill -CONT -1; {UNWRAP}; {RIGHT_CLOCK}; {GIVE_ROOM}"
_START_CLUSTER: Final = "systemctl reset-failed; systemctl start corosync pacemaker"
_STOP_BOOTH: Final = (
    "rm -f /run/boothlab-booth; pgrep -x boothd > /run/boothlab-booth || exit 0; "
    "pkill -TERM -x boothd; "
    "for _ in $(seq 50); do pgrep -x boothd > /dev/null || exit 0; sleep 0.1; done; pkill -KILL -x boothd"
)

# What our own Booth remembers beside the CIB, and the process that would revoke by it.
_FORGET_LEASES: Final = "{ pkill -KILL -x booth-guard; rm -rf /run/booth/*; }"
_IDLE_LIMIT_S: Final = 30.0
_KNOWN: Final = f"{FOLDER}/configuration.xml"
_THAWED: Final = f"{FOLDER}/thawed.xml"
_THAW: Final = f"""sed 's/loss-policy="freeze"/loss-policy="stop"/' {_KNOWN} > {_THAWED}"""
_REPLACE: Final = "cibadmin --replace --scope configuration --xml-file {}"


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
    with exclusive(lab.name):
        with progress.activity("nodes", "start what does not run"):
            for node in (names.ROUTER, *lab.nodes):
                lab.runtime.start(node)
        # A runtime of its own: after a failure it is cancelled, and the lab's must go on.
        runtime = Runtime(lab.runtime.client, lab.name)
        Stepper(runtime, progress).run_all(steps(lab.topology, grant=grant))


def steps(topology: Topology, *, grant: bool) -> list[Step]:
    """Return what brings a lab with all containers running back to its known state."""
    router = _own("router", names.ROUTER, _CLEAN_ROUTER, "Take every impairment off the router")
    granting = grants(topology, with_pcs=False) if grant else []
    if topology.cluster == "standalone":
        return [router, *_restore_standalone(topology, needs=(router.name,)), *granting]
    healed = [
        router,
        *(_own(f"go on {node}", node, _GO_ON, "Undo what faults left there") for node in topology.hosts()),
    ]
    needs = _names(healed)
    booting = [
        Step(f"booted {node}", node, booted(), "Wait until the host is up", needs=needs, kind="wait")
        for node in topology.hosts()
    ]
    restoring = _restore_clusters(topology, _names(booting))
    forgetting = _forget(topology)
    answering = booth_ready(topology, needs=_names(forgetting))
    releasing = _release(topology, needs=_names(answering) + _names(granting))
    serving = served(topology, needs=_names(releasing)) if grant else []
    return [*healed, *booting, *restoring, *forgetting, *answering, *granting, *releasing, *serving]


def _own(name: str, node: str, command: str, title: str, needs: tuple[str, ...] = ()) -> Step:
    return Step(name, node, command, title, needs=needs, kind="lab")


def _names(steps: list[Step]) -> tuple[str, ...]:
    return tuple(step.name for step in steps)


def _restore_clusters(topology: Topology, needs: tuple[str, ...]) -> list[Step]:
    """Clusters and configuration as they were, Booth running everywhere, Pacemaker looking away."""
    what = "Start what does not run"
    found = []
    for site in topology.sites:
        found += [_own(f"up {node}", node, _START_CLUSTER, what, needs) for node in site.nodes]
        found += _restore_site(topology, site)
    start = f"systemctl reset-failed; systemctl start booth@{topology.booth.name}"
    return found + [
        _own(f"held {each.name}", each.node_name, start, what, needs) for each in topology.arbitrators
    ]


def _restore_site(topology: Topology, site: Site) -> list[Step]:
    """The configuration as it was; then hold Pacemaker back, so that Booth can be restarted.

    Without maintenance mode a monitor that looks in the wrong moment would recover
    Booth, and so move it, while the tickets are being granted.
    """
    first = client_node(topology, site.name)
    restore = f"{_THAW} && {_REPLACE.format(_THAWED)}" if _freezes(topology) else _REPLACE.format(_KNOWN)
    steady = f"{running(f'booth-{topology.booth.name}-service')} && {idle()}"
    return [
        Step(
            f"cluster {site.name}",
            first,
            cluster_ready(site),
            "Wait for quorum, a DC and all nodes",
            needs=tuple(f"up {node}" for node in site.nodes),
            kind="wait",
        ),
        _own(
            f"configuration {site.name}",
            first,
            f"{restore} && crm_resource --cleanup",
            "Restore the CIB's configuration",
            (f"cluster {site.name}",),
        ),
        Step(
            f"steady {site.name}",
            first,
            steady,
            "Wait until the cluster runs Booth and rests",
            needs=(f"configuration {site.name}",),
            kind="wait",
        ),
        _own(
            f"held {site.name}",
            first,
            "crm_attribute --name maintenance-mode --update true && " + until(idle(), _IDLE_LIMIT_S),
            "Let Pacemaker look away",
            (f"steady {site.name}",),
        ),
    ]


def _release(topology: Topology, needs: tuple[str, ...]) -> list[Step]:
    """Let Pacemaker look again, and wait until it has nothing left to do.

    It looks at every resource at once then; what it found broken, it has mended and
    may forget. What a loss policy keeps running where a ticket was lost, it stops before
    it hears of that policy.
    """
    rest = until(idle(), _IDLE_LIMIT_S)
    release = (
        f"crm_attribute --name maintenance-mode --delete && ({rest}) && crm_resource --cleanup && ({rest})"
    )
    if _freezes(topology):
        release = f"{release} && {_REPLACE.format(_KNOWN)} && ({rest})"
    return [
        _own(
            f"released {site.name}",
            client_node(topology, site.name),
            release,
            "Let Pacemaker look again",
            needs,
        )
        for site in topology.sites
    ]


def _freezes(topology: Topology) -> bool:
    """Return whether resources go on running where a ticket is lost."""
    return any(each.loss_policy == "freeze" for each in topology.tickets.values())


def _forget(topology: Topology) -> list[Step]:
    """Stop every Booth, forget the tickets, start them again.

    All must be down at once: one that runs would teach the others its tickets.
    """
    booth = topology.booth.name
    arbitrators = {each.node_name for each in topology.arbitrators}
    held = tuple(f"held {member.name}" for member in topology.members)
    at_arbitrator = f"systemctl stop booth@{booth}"
    stops = [
        _own(
            f"stop {node}",
            node,
            f"({at_arbitrator if node in arbitrators else _STOP_BOOTH}) && {_FORGET_LEASES}",
            "Stop Booth everywhere",
            held,
        )
        for node in topology.hosts()
    ]
    forget = "cibadmin --delete-all --force --xpath //ticket_state"
    forgets = [
        _own(
            f"forget {site.name}",
            client_node(topology, site.name),
            forget,
            "Forget the tickets",
            _names(stops),
        )
        for site in topology.sites
    ]
    again = f"test ! -s /run/boothlab-booth || boothd daemon -c /etc/booth/{booth}.conf"
    starts = [
        _own(
            f"again {node}",
            node,
            f"{RESTORE_BOOTH} && "
            + (f"systemctl start booth@{booth}" if node in arbitrators else f"{{ {again}; }}"),
            "Start Booth again",
            _names(forgets),
        )
        for node in topology.hosts()
    ]
    return [*stops, *forgets, *starts]


def _restore_standalone(topology: Topology, needs: tuple[str, ...]) -> list[Step]:
    """Stop every Booth, forget the tickets, start them again: with as few commands as can be, for each costs.

    The last steps end when a member's Booth answers, and are named as those of ``booth_ready``.
    """
    booth = topology.booth.name
    stop = f"{_GO_ON}; booth-service stop {booth} && {_FORGET_LEASES}"
    forget = "".join(f"crm_ticket --ticket {name} --cleanup --force; " for name in topology.tickets)
    again = f"{forget}{RESTORE_BOOTH} && booth-service start {booth}"
    stops = [
        _own(f"stop {node}", node, stop, "Undo what faults left there, stop Booth")
        for node in topology.hosts()
    ]
    held = needs + _names(stops)
    return [
        *stops,
        *(
            _own(ready.name, ready.node, again, "Start Booth again", held)
            for ready in booth_ready(topology, needs=held)
        ),
    ]
