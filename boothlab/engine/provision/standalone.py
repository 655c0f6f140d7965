"""Members without Pacemaker: boothd and a file-backed crm_ticket, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine import booth_conf
from boothlab.engine.provision.tickets import booth_ready, granted_and_served
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.files import File
    from boothlab.engine.topology.model import Topology


def files(topology: Topology) -> dict[str, list[File]]:
    """Return what each member's container gets before it starts: Booth's configuration."""
    booth = booth_conf.files(topology, booth_conf.new_key())
    return {node: list(booth) for node in topology.hosts()}


def steps(topology: Topology) -> list[Step]:
    """Return the starts of the daemons and the grants."""
    starts = [
        Step(
            f"start {node}",
            node,
            f"booth-service start {topology.booth.name}",
            "Start Booth",
            kind="lab",
        )
        for node in topology.hosts()
    ]
    return [
        *starts,
        *booth_ready(topology, needs=tuple(step.name for step in starts)),
        *granted_and_served(topology, with_pcs=False),
    ]
