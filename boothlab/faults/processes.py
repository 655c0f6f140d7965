"""Faults of processes, nodes, clusters and programs: how each begins and ends in a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import handlers
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.faults import whole_nodes as whole
from boothlab.faults.doing import FaultFailedError, ask_cluster, booth_pid, do, start_booth
from boothlab.faults.places import is_site, nodes
from boothlab.faults.wrapping import script, unwrap, wrap
from boothlab.nemesis import process

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.lab import Lab
    from boothlab.engine.topology.model import Topology

CRM_TICKET: Final = "/usr/sbin/crm_ticket"

_AGENTS: Final = "/usr/lib/ocf/resource.d"


def _anywhere(_topology: Topology, _fault: Any, _member: str) -> str | None:  # noqa: ANN401 - any fault
    return None


def _everything(_lab: Lab, _node: str) -> str | None:
    return None


def _nothing(_lab: Lab, _fault: Any, _node: str) -> None:  # noqa: ANN401 - any fault
    return


@dataclass(frozen=True)
class Way:
    """How a kind of fault is carried out, node by node."""

    begin: Callable[[Lab, Any, str], None]
    end: Callable[[Lab, Any, str], None] = _nothing
    """Safe to call at any time, also when it never began."""
    unfit: Callable[[Topology, Any, str], str | None] = _anywhere
    """Why a member cannot have it; None when it can."""
    lacks: Callable[[Lab, str], str | None] = _everything
    """Why a node cannot have it, found out there; None when it can."""
    all_nodes: bool = False
    """Whether it is about all of a member's nodes, whatever the fault says."""


def nodes_of(lab: Lab, fault: process.MemberFault, member: str) -> tuple[str, ...]:
    """Return the nodes of a member that a fault is about: all, or the one that runs what it says."""
    found = nodes(lab.topology, member)
    which = getattr(fault, "node", "booth")
    if len(found) == 1 or WAYS[fault.kind].all_nodes or which == "all":
        return found
    runs = _runs_resources if which == "resources" else _runs_booth
    return tuple(node for node in found if runs(lab, node))[:1] or found[:1]


def _runs_booth(lab: Lab, node: str) -> bool:
    return _is_so(lab, node, "pgrep -x boothd")


def _runs_resources(lab: Lab, node: str) -> bool:
    """Return whether a node runs the last of a ticket's resources: then it runs all of them."""
    topology = lab.topology
    groups = [group for ticket in topology.tickets.values() for group in ticket.resources]
    last = [topology.resources[group][-1].name for group in groups]
    asked = (f"crm_resource --quiet --locate --resource {each} | grep -x {node}" for each in last)
    return _is_so(lab, node, " || ".join(asked) or "false")


def _is_so(lab: Lab, node: str, condition: str) -> bool:
    try:
        return lab.run(node, condition, limit_s=10).ok
    except NodeUnreachableError:
        return False


# Booth's process


def _kill_booth(lab: Lab, _fault: process.KillBooth, node: str) -> None:
    do(lab, node, booth_pid(lab, node) + "kill -KILL $pid")


def _pause_booth(lab: Lab, _fault: process.PauseBooth, node: str) -> None:
    do(lab, node, booth_pid(lab, node) + "kill -STOP $pid")


def _continue_booth(lab: Lab, _fault: process.PauseBooth, node: str) -> None:
    do(lab, node, f"( {booth_pid(lab, node)} kill -CONT $pid ) > /dev/null 2>&1 || true")


def _start_booth(lab: Lab, _fault: process.MemberFault, node: str) -> None:
    start_booth(lab, node)


def _stop_booth(lab: Lab, _fault: process.StopBooth, node: str) -> None:
    _order_booth(lab, node, plain="stop", role="--meta --set-parameter target-role --parameter-value Stopped")


def _let_booth_run(lab: Lab, _fault: process.StopBooth, node: str) -> None:
    _order_booth(lab, node, plain="start", role="--meta --delete-parameter target-role")


def _order_booth(lab: Lab, node: str, *, plain: str, role: str) -> None:
    """Stop or start Booth by whoever keeps it: the service at a plain host, Pacemaker at a site."""
    name = lab.topology.booth.name
    if lab.topology.cluster == "standalone":
        do(lab, node, f"booth-service {plain} {name}")
    elif node in {each.node_name for each in lab.topology.arbitrators}:
        do(lab, node, f"systemctl {plain} booth@{name}")
    else:
        do(lab, node, f"crm_resource --resource booth-{name}-service {role} && crm_resource --wait")


def _restart_booth(lab: Lab, _fault: process.RestartBooth, node: str) -> None:
    name = lab.topology.booth.name
    if lab.topology.cluster == "standalone":
        do(lab, node, f"booth-service restart {name}")
    elif node in {each.node_name for each in lab.topology.arbitrators}:
        do(lab, node, f"systemctl restart booth@{name}")
    else:
        do(lab, node, f"crm_resource --restart --resource booth-{name}-service")


# nodes


def _kill_node(lab: Lab, _fault: process.NodeFault, node: str) -> None:
    lab.runtime.kill(node)


def _pause_node(lab: Lab, _fault: process.NodeFault, node: str) -> None:
    lab.runtime.pause(node)


def _start_node(lab: Lab, fault: process.NodeFault, node: str) -> None:
    lab.runtime.start(node)
    if not isinstance(fault, process.PauseNode):
        _booted(lab, node)
        start_booth(lab, node)


def _booted(lab: Lab, node: str) -> None:
    """Wait until a node that starts can be told something."""
    if lab.topology.cluster == "pacemaker":
        do(
            lab,
            node,
            "until systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; do sleep 0.1; done",
        )


def _restart_node(lab: Lab, fault: process.NodeFault, node: str) -> None:
    lab.runtime.kill(node)
    _start_node(lab, fault, node)


# clusters


def _no_cluster(topology: Topology, _fault: process.MemberFault, member: str) -> str | None:
    if topology.cluster != "pacemaker":
        return "there is no cluster in a standalone lab"
    return None if is_site(topology, member) else f"{member} is an arbitrator: it has no cluster"


def _stop_cluster(lab: Lab, _fault: process.StopCluster, node: str) -> None:
    do(lab, node, "systemctl stop pacemaker corosync")


def _kill_corosync(lab: Lab, _fault: process.KillCorosync, node: str) -> None:
    do(lab, node, "pkill -KILL -x corosync")


def _immovable(topology: Topology, fault: process.MoveBooth, member: str) -> str | None:
    only = len(nodes(topology, member)) == 1
    return _no_cluster(topology, fault, member) or (f"{member} has one node only" if only else None)


def _booth_group(lab: Lab) -> str:
    return f"booth-{lab.topology.booth.name}-group"


def _move_booth(lab: Lab, _fault: process.MoveBooth, node: str) -> None:
    do(lab, node, f"crm_resource --move --resource {_booth_group(lab)}")


def _let_booth_stay(lab: Lab, _fault: process.MoveBooth, node: str) -> None:
    ask_cluster(lab, node, f"crm_resource --clear --resource {_booth_group(lab)}")


def _forget_tickets(lab: Lab, _fault: process.ForgetTickets, node: str) -> None:
    if lab.topology.cluster == "standalone":
        do(lab, node, "rm -f /var/lib/booth-cib/*.xml")
    else:
        do(lab, node, "cibadmin --delete-all --force --xpath //ticket_state")


# programs


def _no_site(topology: Topology, _fault: process.MemberFault, member: str) -> str | None:
    return None if is_site(topology, member) else f"{member} is an arbitrator: it has no CIB"


def _break_crm_ticket(lab: Lab, fault: process.BreakCrmTicket, node: str) -> None:
    wrap(lab, node, CRM_TICKET, script(CRM_TICKET, fault.mode, fault.delay_ms))


def _mend_crm_ticket(lab: Lab, _fault: process.BreakCrmTicket, node: str) -> None:
    unwrap(lab, node, CRM_TICKET)


def _handlers(topology: Topology) -> tuple[str, ...]:
    found = [ticket.before_acquire_handler for ticket in topology.tickets.values()]
    return tuple(dict.fromkeys(handlers.program_of(each) for each in found if each))


def _no_handler(topology: Topology, _fault: process.BreakHandler, member: str) -> str | None:
    if not _handlers(topology):
        return "no ticket of this topology has a before-acquire-handler"
    return _no_site(topology, _fault, member)


def _break_handlers(lab: Lab, fault: process.BreakHandler, node: str) -> None:
    try:
        for path in _handlers(lab.topology):
            wrap(lab, node, path, script(path, fault.mode, fault.delay_ms))
    except FaultFailedError:
        _mend_handlers(lab, fault, node)
        raise


def _mend_handlers(lab: Lab, _fault: process.BreakHandler, node: str) -> None:
    for path in _handlers(lab.topology):
        unwrap(lab, node, path)


def _agent(topology: Topology, resource: str) -> str:
    """Return the path of a resource's agent, or nothing when it is unknown or no OCF agent."""
    members = [each for group in topology.resources.values() for each in group]
    agent = next((each.agent for each in members if each.name == resource), "")
    standard, _, rest = agent.partition(":")
    return f"{_AGENTS}/{rest.replace(':', '/')}" if standard == "ocf" else ""


def _no_resource(topology: Topology, fault: process.FailResource, member: str) -> str | None:
    if reason := _no_cluster(topology, fault, member):
        return reason
    known = bool(_agent(topology, fault.resource))
    return None if known else f"this topology has no resource {fault.resource} with an OCF agent"


def _fail_resource(lab: Lab, fault: process.FailResource, node: str) -> None:
    path = _agent(lab.topology, fault.resource)
    condition = f'[ "$1" = {fault.action} ] && [ "$OCF_RESOURCE_INSTANCE" = {fault.resource} ]'
    wrap(lab, node, path, script(path, "fail", condition=condition))


def _mend_resource(lab: Lab, fault: process.FailResource, node: str) -> None:
    unwrap(lab, node, _agent(lab.topology, fault.resource))
    # a cluster that does not run remembers no failure
    ask_cluster(lab, node, f"crm_resource --cleanup --resource {fault.resource}", or_none=True)


WAYS: Final[dict[str, Way]] = {
    process.KillBooth.kind: Way(_kill_booth, _start_booth),
    process.StopBooth.kind: Way(_stop_booth, _let_booth_run),
    process.PauseBooth.kind: Way(_pause_booth, _continue_booth),
    process.RestartBooth.kind: Way(_restart_booth),
    process.KillNode.kind: Way(_kill_node, _start_node),
    process.RestartNode.kind: Way(_restart_node, _start_node),
    process.PauseNode.kind: Way(_pause_node, _start_node),
    process.StopCluster.kind: Way(_stop_cluster, _start_booth, _no_cluster, all_nodes=True),
    process.KillCorosync.kind: Way(_kill_corosync, _start_booth, _no_cluster),
    process.MoveBooth.kind: Way(_move_booth, _let_booth_stay, _immovable),
    process.ForgetTickets.kind: Way(_forget_tickets, unfit=_no_site),
    process.BreakCrmTicket.kind: Way(_break_crm_ticket, _mend_crm_ticket, _no_site, all_nodes=True),
    process.BreakHandler.kind: Way(_break_handlers, _mend_handlers, _no_handler, all_nodes=True),
    process.FillDisk.kind: Way(
        whole.fill_disk, whole.give_room, _no_site, lacks=whole.has_full_disks, all_nodes=True
    ),
    process.StepClock.kind: Way(whole.step_clock, whole.step_back, lacks=whole.has_clock, all_nodes=True),
    process.DriftClock.kind: Way(whole.drift_clock, whole.end_drift, lacks=whole.has_clock, all_nodes=True),
    process.FailResource.kind: Way(_fail_resource, _mend_resource, _no_resource, all_nodes=True),
}
"""How each kind is carried out; a kind that is not here cannot be, on a live lab."""
