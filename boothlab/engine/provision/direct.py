"""The same lab without the lesson: finished files, put in before the nodes start."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from boothlab.engine import booth_conf
from boothlab.engine.files import HACLUSTER, File, unit_enabled
from boothlab.engine.provision import cib, corosync
from boothlab.engine.provision.resources import cluster_ready, page_file
from boothlab.engine.provision.tickets import booth_ready, client_node, granted_and_served
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Site, Topology

_AUTHKEY_BYTES = 256


def files(topology: Topology, distribution: DistributionData) -> dict[str, list[File]]:
    """Return what each node gets before it starts: everything."""
    booth = booth_conf.files(topology, booth_conf.new_key(), distribution.booth_globals)
    found = {
        node: [*booth, *cluster_files]
        for site in topology.sites
        for cluster_files in [_cluster_files(topology, site, distribution)]
        for node in site.nodes
    }
    instance = f"booth@{topology.booth.name}.service"
    for arbitrator in topology.arbitrators:
        found[arbitrator.node_name] = [*booth, unit_enabled(instance, "booth@.service")]
    return found


def _cluster_files(topology: Topology, site: Site, distribution: DistributionData) -> list[File]:
    key = secrets.token_bytes(_AUTHKEY_BYTES)
    return [
        File("/etc/corosync/corosync.conf", corosync.render(site)),
        File("/etc/corosync/authkey", key, mode=0o400),
        File("/etc/pacemaker/authkey", key, mode=0o400, owner=HACLUSTER),
        File(
            "/var/lib/pacemaker/cib/cib.xml",
            cib.whole(topology, site, distribution),
            mode=0o600,
            owner=HACLUSTER,
        ),
        page_file(site, distribution),
        unit_enabled("corosync.service"),
        unit_enabled("pacemaker.service"),
    ]


def steps(topology: Topology) -> list[Step]:
    """Return the waits and the grants; there is nothing else to do."""
    clusters = [
        Step(
            f"cluster {site.name}",
            client_node(topology, site.name),
            cluster_ready(site),
            "Wait for quorum, a DC and all nodes",
            kind="wait",
        )
        for site in topology.sites
    ]
    return [
        *clusters,
        *booth_ready(topology),
        *granted_and_served(topology, with_pcs=False),
    ]
