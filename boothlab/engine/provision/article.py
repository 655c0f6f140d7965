"""The article's walkthrough, step by step, with the real tools.

Every command a reader would type is a Step of kind ``article``, in the article's
order. ``needs`` says what really depends on what, so that the sites and the
arbitrator work at the same time.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from boothlab.engine.files import HACLUSTER, File, unit_enabled
from boothlab.engine.provision import cib
from boothlab.engine.provision.resources import booted, cluster_ready, page, parameters
from boothlab.engine.provision.tickets import booth_ready, granted_and_served
from boothlab.engine.steps import Step

if TYPE_CHECKING:
    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Arbitrator, Resource, Site, Topology

PASSWORD: Final = "boothlab"  # noqa: S105 - of hacluster, in networks that nobody else reaches
SEED_CIB: Final = "/var/lib/boothlab/seed-cib.xml"


def files(topology: Topology, distribution: DistributionData) -> dict[str, list[File]]:
    """Return what each node gets before it starts: little, for the steps are the lesson.

    pcsd takes seconds to start, so at the sites it starts with the host.
    """
    seed = File(SEED_CIB, cib.seed(distribution), mode=0o600, owner=HACLUSTER)
    pcsd = unit_enabled("pcsd.service")
    return {node: [seed, pcsd] for site in topology.sites for node in site.nodes}


def steps(topology: Topology, distribution: DistributionData) -> list[Step]:
    """Return the walkthrough for a topology, in the article's order."""
    clusters = [step for site in topology.sites for step in _cluster_steps(site)]
    groups = [step for site in topology.sites for step in _resource_steps(topology, site, distribution)]
    return [
        *_host_steps(topology, distribution),
        *clusters,
        *groups,
        *_booth_steps(topology),
        *booth_ready(topology, needs=_service_steps(topology)),
        *granted_and_served(topology, with_pcs=True),
    ]


def _first(site: Site) -> str:
    return next(iter(site.nodes))


def _hosts(site: Site) -> str:
    return " ".join(f"{name} addr={address}" for name, address in site.nodes.items())


def _host_steps(topology: Topology, distribution: DistributionData) -> list[Step]:
    """pcsd, the firewall where there is one, and the password: the same on every host."""
    hosts = topology.hosts()
    up = [Step(f"booted {node}", node, booted(), "Wait until the host is up", kind="wait") for node in hosts]
    arbitrators = {each.node_name for each in topology.arbitrators}
    pcsd = [_pcsd(topology, node, asked=node not in arbitrators) for node in hosts]
    firewall = [_firewall(node) for node in hosts] if distribution.has_firewalld else []
    passwords = [
        Step(
            f"password {node}",
            node,
            f"echo hacluster:{PASSWORD} | chpasswd",
            "Set the password of hacluster",
            needs=(f"firewall {node}",) if firewall else (),
            why="pcs logs in to the other hosts as this user.",
        )
        for node in hosts
    ]
    return [*up, *pcsd, *firewall, *passwords]


def _pcsd(topology: Topology, node: str, *, asked: bool) -> Step:
    """Start pcsd. Nobody asks an arbitrator's, so it may start last and need not be waited for."""
    return Step(
        f"pcsd {node}",
        node,
        f"systemctl enable --now {'' if asked else '--no-block '}pcsd",
        "Start pcsd on every host",
        needs=(f"booted {node}", *(() if asked else _service_steps(topology))),
    )


def _firewall(node: str) -> Step:
    return Step(
        f"firewall {node}",
        node,
        "systemctl enable --now firewalld && "
        "firewall-cmd --permanent --add-service=high-availability && "
        "firewall-cmd --permanent --add-service=http && firewall-cmd --reload",
        "Open the firewall for the cluster",
        needs=(f"booted {node}",),
        why="high-availability covers pcsd, Corosync and Booth; http is for the page.",
    )


def _cluster_steps(site: Site) -> list[Step]:
    """From hosts that do not know each other to a cluster without fencing."""
    first = _first(site)
    ready = [f"{what} {node}" for node in site.nodes for what in ("pcsd", "password")]
    return [
        Step(
            f"auth {site.name}",
            first,
            f"pcs host auth {_hosts(site)} -u hacluster -p {PASSWORD}",
            "Authenticate the hosts of each site",
            needs=tuple(ready),
        ),
        Step(
            f"setup {site.name}",
            first,
            f"pcs cluster setup {site.cluster_name} {_hosts(site)}",
            "Set up a cluster at each site",
            needs=(f"auth {site.name}",),
            why="Two clusters that know nothing of each other: Booth alone will connect them.",
            limit_s=120,
        ),
        *(
            Step(
                f"seed {node}",
                node,
                f"install -o hacluster -g haclient -m 0600 {SEED_CIB} /var/lib/pacemaker/cib/cib.xml",
                "Put a first CIB in place",
                needs=(f"setup {site.name}",),
                kind="lab",
                why="A CIB with dc-deadtime=1s (its default of 20 s is only waiting here) and "
                "resource-stickiness=1 (as on Rocky Linux 9), before the first start.",
            )
            for node in site.nodes
        ),
        Step(
            f"start {site.name}",
            first,
            "pcs cluster start --all",
            "Start the clusters",
            needs=tuple(f"seed {node}" for node in site.nodes),
        ),
        Step(
            f"cluster {site.name}",
            first,
            cluster_ready(site),
            "Wait for quorum, a DC and all nodes",
            needs=(f"start {site.name}",),
            kind="wait",
        ),
        Step(
            f"stonith {site.name}",
            first,
            "pcs property set stonith-enabled=false",
            "Switch fencing off",
            needs=(f"cluster {site.name}",),
            why="The article has no fencing devices. Never do this where data is at stake.",
        ),
    ]


def _resource_steps(topology: Topology, site: Site, distribution: DistributionData) -> list[Step]:
    """The page, then each group's resources in start order."""
    path = f"{distribution.document_root}/index.html"
    found = [
        Step(
            f"page {node}",
            node,
            f"echo {shlex.quote(page(site).rstrip())} > {path}",
            "Give each site a page that names it",
        )
        for node in site.nodes
    ]
    previous = f"stonith {site.name}"
    for group, resources in topology.resources.items():
        for resource in resources:
            command = _create(resource, group, parameters(resource, site, distribution))
            name = f"resource {resource.name} {site.name}"
            found.append(
                Step(name, _first(site), command, f"Create {resource.name} in {group}", needs=(previous,))
            )
            previous = name
    return found


def _create(resource: Resource, group: str, values: dict[str, str]) -> str:
    words = ["pcs", "resource", "create", resource.name, resource.agent]
    words += [f"{key}={value}" for key, value in values.items()]
    for operation, options in resource.operations.items():
        words += ["op", operation, *(f"{key}={value}" for key, value in options.items())]
    return shlex.join([*words, "--group", group])


def _last_resource(topology: Topology, site: Site) -> str:
    names = [resource.name for group in topology.resources.values() for resource in group]
    return f"resource {names[-1]} {site.name}" if names else f"stonith {site.name}"


def _booth_steps(topology: Topology) -> list[Step]:
    """Booth's configuration at the first site, its copies elsewhere, its daemons, the constraints."""
    home, *others = topology.sites
    found = _configure(topology, home)
    for arbitrator in topology.arbitrators:
        found += _pull(topology, arbitrator.node_name, after=f"booted {arbitrator.node_name}")
    for site in others:
        found += _pull(topology, _first(site), after=f"auth {site.name}", into=(f"setup {site.name}",))
        found.append(
            Step(
                f"sync {site.name}",
                _first(site),
                f"pcs booth sync{_instance(topology)}",
                "Copy it to the other nodes of that site",
                needs=(f"pull {_first(site)}",),
            )
        )
    for arbitrator in topology.arbitrators:
        found += _start_arbitrator(topology, arbitrator)
    for site in topology.sites:
        found += _site_service(topology, site)
    return found


def _instance(topology: Topology) -> str:
    return "" if topology.booth.name == "booth" else f" --name {topology.booth.name}"


def _configure(topology: Topology, home: Site) -> list[Step]:
    first, instance = _first(home), _instance(topology)
    sites = " ".join(str(site.address) for site in topology.sites)
    arbitrators = " ".join(str(each.address) for each in topology.arbitrators)
    members = f"sites {sites}" + (f" arbitrators {arbitrators}" if arbitrators else "")
    found = [
        Step(
            "configure",
            first,
            f"pcs booth setup {members}{instance}",
            "Configure Booth at the first site",
            needs=(f"setup {home.name}",),  # files only: it need not wait for the cluster
        )
    ]
    for name, ticket in topology.tickets.items():
        options = [f"{key}={value}" for key, value in ticket.booth_options().items()]
        options += [f"attr-prereq={each}" for each in ticket.attr_prereq]
        found.append(
            Step(
                f"ticket {name}",
                first,
                shlex.join(["pcs", "booth", "ticket", "add", name, *options]) + instance,
                "Add the ticket",
                needs=(found[-1].name,),
            )
        )
    found.append(
        Step(
            f"sync {home.name}",
            first,
            f"pcs booth sync{instance}",
            "Copy the configuration to the other nodes of the site",
            needs=(found[-1].name,),
        )
    )
    return found


def _pull(topology: Topology, node: str, *, after: str, into: tuple[str, ...] = ()) -> list[Step]:
    """Fetch the configuration from the first site to another site or arbitrator.

    ``after`` is the step before the authentication, ``into`` are those that set up
    what the configuration is fetched into.
    """
    home = topology.sites[0]
    source = _first(home)
    return [
        Step(
            f"trust {node}",
            node,
            f"pcs host auth {source} addr={home.nodes[source]} -u hacluster -p {PASSWORD}",
            "Let the others ask the first site",
            needs=(after, f"password {node}", f"auth {home.name}"),
        ),
        Step(
            f"pull {node}",
            node,
            f"pcs booth pull {source}{_instance(topology)}",
            "Fetch Booth's configuration from the first site",
            needs=(f"trust {node}", f"sync {home.name}", *into),
        ),
    ]


def _start_arbitrator(topology: Topology, arbitrator: Arbitrator) -> list[Step]:
    node, instance = arbitrator.node_name, _instance(topology)
    return [
        Step(
            f"booth start {node}",
            node,
            f"pcs booth start{instance}",
            "Start Booth on the arbitrator",
            needs=(f"pull {node}",),
        ),
        Step(
            f"booth enable {node}",
            node,
            f"pcs booth enable{instance}",
            "Enable it there",
            needs=(f"booth start {node}",),
        ),
    ]


def _site_service(topology: Topology, site: Site) -> list[Step]:
    first, instance = _first(site), _instance(topology)
    configured = f"sync {site.name}"
    found = [
        Step(
            f"booth ip {site.name}",
            first,
            f"pcs booth create ip {site.address}{instance}",
            "Let each cluster run Booth at its address",
            needs=(configured, _last_resource(topology, site)),
            why="A group of an IPaddr2 and booth-site: Booth moves with the site's address.",
        )
    ]
    for name, ticket in topology.tickets.items():
        policy = f" loss-policy={ticket.loss_policy}" if ticket.loss_policy else ""
        for group in ticket.resources:
            found.append(
                Step(
                    f"constraint {name} {group} {site.name}",
                    first,
                    f"pcs constraint ticket add {name} {group}{policy}",
                    "Bind the group to the ticket",
                    needs=(found[-1].name,),
                    why="From here on the group runs only where the ticket is granted: nowhere yet.",
                )
            )
    return found


def _service_steps(topology: Topology) -> tuple[str, ...]:
    """Return the names of the steps after which Booth is on its way at every member."""
    last = [_site_service(topology, site)[-1].name for site in topology.sites]
    return (*last, *(f"booth enable {each.node_name}" for each in topology.arbitrators))
