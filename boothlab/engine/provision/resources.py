"""What the resources of a site look like there: parameters, pages, conditions."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.engine.files import File
from boothlab.engine.topology.model import Site

if TYPE_CHECKING:
    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Member, Resource, Topology

APACHE: Final = "ocf:heartbeat:apache"
IPADDR2: Final = "ocf:heartbeat:IPaddr2"


def parameters(resource: Resource, site: Site, distribution: DistributionData) -> dict[str, str]:
    """Return an agent's parameters at a site; apache's paths are the distribution's by default."""
    written = resource.parameters_at(site.name)
    if resource.agent != APACHE:
        return written
    defaults = {
        "configfile": distribution.apache_config,
        "statusurl": "http://127.0.0.1/server-status",
    }
    return defaults | written


def page(site: Site) -> str:
    """Return the web page of a site; it names its site, so that a reader sees who answers."""
    return f"<html><body>site {site.name} ({site.cluster_name})</body></html>\n"


def page_file(site: Site, distribution: DistributionData) -> File:
    """Return the page as a file for the site's nodes."""
    return File(f"{distribution.document_root}/index.html", page(site))


@dataclass(frozen=True)
class Service:
    """A web service that a ticket moves: where it answers, per site."""

    ticket: str
    group: str
    addresses: dict[str, str]
    """Site name to the virtual IP it answers at."""


def services(topology: Topology) -> tuple[Service, ...]:
    """Return the web services bound to tickets: groups with an apache and an IPaddr2."""
    found = []
    for name, ticket in topology.tickets.items():
        for group in ticket.resources:
            by_agent = {resource.agent: resource for resource in topology.resources[group]}
            if APACHE in by_agent and IPADDR2 in by_agent:
                vip = by_agent[IPADDR2]
                addresses = {site.name: vip.parameters_at(site.name)["ip"] for site in topology.sites}
                found.append(Service(name, group, addresses))
    return tuple(found)


def booted() -> str:
    """Return the condition that a host's systemd has come up."""
    return "systemctl is-system-running --wait | grep -E 'running|degraded'"


def cluster_ready(site: Site) -> str:
    """Return the condition that a site's cluster has quorum, a DC and all its nodes."""
    online = '<node .*online="true".*pending="false"'
    return (
        "crm_mon --one-shot --output-as=xml > /tmp/boothlab-ready && "
        "grep '<current_dc.*with_quorum=\"true\"' /tmp/boothlab-ready && "
        f"test $(grep -c {shlex.quote(online)} /tmp/boothlab-ready) -eq {len(site.nodes)}"
    )


def idle() -> str:
    """Return the condition that a site's cluster has nothing left to do."""
    return "crmadmin --status $(crmadmin --dc_lookup | sed 's/.*: *//; s/ .*//') | grep S_IDLE"


def booth_answers(topology: Topology, member: Member) -> str:
    """Return the condition that a member's Booth answers clients, for a node of its own.

    At a Pacemaker site the cluster is asked first: connecting to a virtual address
    that nobody has yet takes seconds.
    """
    booth = topology.booth.name
    answers = f"timeout 2 booth list -c {booth} -s {member.address}"
    at_cluster = isinstance(member, Site) and topology.cluster == "pacemaker"
    return f"{running(f'booth-{booth}-service')} && {answers}" if at_cluster else answers


def running(resource: str) -> str:
    """Return the condition that Pacemaker runs a resource."""
    return f"crm_resource --resource {resource} --locate 2>&1 | grep 'is running on'"


def serves(address: str, site: Site) -> str:
    """Return the condition that the page at an address answers and names the site."""
    return f"curl --silent --fail --max-time 2 http://{address}/ | grep 'site {site.name} '"
