"""The topology: what a lab consists of, as its YAML file says it.

Everything here is data, frozen and free of I/O. A field's constraints that can be
judged alone stand on the field; rules between fields are in ``rules.py``; reading
the file and reporting problems with their lines is in ``load.py``.

Durations follow booth.conf: whole seconds as integers, or text such as ``"500ms"``.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from boothlab.engine.topology.fields import (
    Address,
    Agent,
    Command,
    Duration,
    HostName,
    InstanceName,
    LabName,
    NodePath,
    Parameter,
    PositiveDuration,
    ResourceName,
    Scalar,
    Subnet,
    Switch,
    WholeNumber,
    duration_ms,
)

__all__ = [
    "OUR_IMPLEMENTATIONS",
    "Arbitrator",
    "BoothOptions",
    "ClusterKind",
    "Distribution",
    "Duration",
    "HostName",
    "Implementation",
    "LossPolicy",
    "Member",
    "Network",
    "PositiveDuration",
    "Provisioning",
    "Resource",
    "Site",
    "Ticket",
    "Topology",
    "duration_ms",
]

Distribution = Literal["rocky8", "rocky9", "debian12"]
ClusterKind = Literal["pacemaker", "standalone"]
Provisioning = Literal["pcs", "direct"]
LossPolicy = Literal["fence", "stop", "freeze", "demote"]

OUR_IMPLEMENTATIONS: Final = ("clusterlabs", "python")
"""Booth implementations that every lab has: the distribution's, and boothlab's own."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Some = Annotated[tuple[Distribution, ...], Field(min_length=1)]
Distributions = Annotated[_Some, BeforeValidator(_listed, json_schema_input_type=Distribution | _Some)]


class _Data(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=False, populate_by_name=True, use_attribute_docstrings=True
    )


class Network(_Data):
    """One bridged network of the lab."""

    subnet: Subnet
    """Address range of the network, e.g. 192.168.101.0/24."""
    router: Address | None = None
    """The router's address in it; the last host address when left out."""

    @property
    def gateway(self) -> IPv4Address:
        """The router's address in this network."""
        return self.router or self.subnet[-2]

    @property
    def bridge(self) -> IPv4Address:
        """The address that the container engine keeps for its bridge, though the bridge has none."""
        return self.subnet[1]


class Member(_Data):
    """A site or an arbitrator: one Booth process, known by its address."""

    name: HostName = Field(examples=["A"])
    """The member's name, as people say it: A."""
    network: str = Field(examples=["site-a"])
    """Which of the topology's networks its nodes are in."""
    address: Address
    """Booth's address, as booth.conf lists it (at a Pacemaker site, a virtual IP)."""
    implementation: str = Field(default="clusterlabs", examples=["python"])
    """Which Booth implementation runs here: clusterlabs, python, or one of ``implementations``."""


class Site(Member):
    """A member that can hold tickets."""

    cluster: HostName | None = None
    """Corosync's name for the site's cluster; ``cluster`` + name when left out."""
    nodes: dict[HostName, Address] = Field(min_length=1, examples=[{"clusterA-1": "192.168.101.101"}])
    """The site's nodes: host name to address."""

    @property
    def cluster_name(self) -> str:
        """Corosync's name for the site's cluster."""
        return self.cluster or f"cluster{self.name}"


class Arbitrator(Member):
    """A member that only votes."""

    node: HostName | None = None
    """Its host name; the member's name when left out."""

    @property
    def node_name(self) -> str:
        """The arbitrator's host name."""
        return self.node or self.name


class Resource(_Data):
    """A Pacemaker resource inside a group."""

    name: ResourceName = Field(examples=["WebSite"])
    """The resource's id in the CIB."""
    agent: Agent = Field(examples=["ocf:heartbeat:IPaddr2"])
    """Its resource agent, e.g. ocf:heartbeat:IPaddr2."""
    parameters: dict[str, Parameter] = {}
    """The agent's parameters: a value, or one value per site name."""
    operations: dict[str, dict[str, Scalar]] = {}
    """Operation to its options, e.g. {monitor: {interval: 10s}}."""

    def parameters_at(self, site: str) -> dict[str, str]:
        """Return the parameters for one site, by its name."""
        picked = {key: v[site] if isinstance(v, dict) else v for key, v in self.parameters.items()}
        return {key: str(value) for key, value in picked.items()}


class Ticket(_Data):
    """A ticket and its options, under booth.conf's names."""

    expire: PositiveDuration = 600
    """Length of the lease."""
    acquire_after: Duration = Field(default=0, alias="acquire-after")
    """How long after the end of a lease another site waits before it takes the ticket."""
    timeout: PositiveDuration = 5
    """How long Booth waits for replies before it sends again."""
    retries: WholeNumber = Field(default=10, ge=3, le=100)
    """How often Booth sends again."""
    renewal_freq: PositiveDuration | None = Field(default=None, alias="renewal-freq")
    """How often the leader renews; half of ``expire`` when left out."""
    weights: str | None = None
    """Comma-separated weights of the members. Booth parses and ignores them."""
    mode: Literal["auto", "manual"] = "auto"
    """``manual``: only administrators move the ticket."""
    before_acquire_handler: str | None = Field(default=None, alias="before-acquire-handler")
    """Program that must succeed before a site may take or renew the ticket."""
    attr_prereq: tuple[str, ...] = Field(default=(), alias="attr-prereq")
    """Conditions of the form ``auto|manual NAME eq|ne VALUE``, all of which must hold."""

    resources: tuple[ResourceName, ...] = ()
    """Resource groups that may run only where this ticket is granted."""
    loss_policy: LossPolicy | None = Field(default=None, alias="loss-policy")
    """What Pacemaker does to them when the ticket is lost; Pacemaker's default is stop."""
    granted: str | None = None
    """Site that holds the ticket when the lab is ready; nobody when left out."""

    @property
    def renewal_ms(self) -> int:
        """How often the leader renews, in milliseconds."""
        if self.renewal_freq is not None:
            return duration_ms(self.renewal_freq)
        return duration_ms(self.expire) // 2

    def booth_options(self) -> dict[str, str | int]:
        """Return the options that were written, under booth.conf's names, in this model's order.

        ``attr-prereq`` is left out: it may stand several times, see ``attr_prereq``.
        """
        own = {"attr_prereq", "resources", "loss_policy", "granted"}
        fields = type(self).model_fields
        return {
            fields[name].alias or name: getattr(self, name)
            for name in fields
            if name in self.model_fields_set and name not in own and getattr(self, name) is not None
        }


class BoothOptions(_Data):
    """booth.conf's options that are not a ticket's."""

    name: InstanceName = "booth"
    """Instance name: /etc/booth/NAME.conf."""
    port: WholeNumber = Field(default=9929, ge=1, le=65535)
    """UDP and TCP port of all members."""
    authentication: Switch = True
    """Whether members share a key (``authfile``)."""
    maxtimeskew: WholeNumber | None = Field(default=None, ge=1)
    """Greatest accepted age of an authenticated packet, in seconds."""
    debug: WholeNumber | None = Field(default=None, ge=0, le=3)
    """Booth's debug level."""


class Implementation(_Data):
    """Somebody's Booth: commands in the nodes, or an image that has it."""

    boothd: Command | None = None
    """What ``boothd`` runs in a node: the absolute path of a program, and its options."""
    booth: Command | None = None
    """What ``booth`` runs; ClusterLabs' client when left out."""
    geostore: Command | None = None
    """What ``geostore`` runs; ClusterLabs' when left out."""
    files: dict[NodePath, str] = Field(default={}, examples=[{"/opt/acme/boothd": "build/boothd"}])
    """Path in the nodes to a file or folder of this machine, seen from the topology's file."""
    image: str | None = Field(default=None, examples=["acme/booth-node:1.2"])
    """Image of the nodes that run it, built upon the lab's own; its /usr/sbin has the programs."""

    @property
    def commands(self) -> dict[str, str]:
        """The commands that are given, by the name of the program."""
        given = {"boothd": self.boothd, "booth": self.booth, "geostore": self.geostore}
        return {name: command for name, command in given.items() if command is not None}


class Topology(_Data):
    """A lab, declared."""

    name: LabName = Field(examples=["three-site"])
    """Name of the lab: lower-case letters, digits, hyphens."""
    description: str = ""
    """One line for ``boothlab topologies``."""
    cluster: ClusterKind = "pacemaker"
    """``pacemaker``: the whole stack. ``standalone``: boothd and a file-backed crm_ticket."""
    provision: Provisioning = "direct"
    """``pcs``: the article's steps. ``direct``: finished files put in before the nodes start."""
    distribution: Distributions = ("debian12",)
    """Distributions of the nodes, by preference: the first that can be had is taken. One may stand alone."""
    networks: dict[HostName, Network] = Field(
        min_length=1, examples=[{"site-a": {"subnet": "192.168.101.0/24"}}]
    )
    """The lab's networks by name, joined by the router alone."""
    sites: tuple[Site, ...] = Field(min_length=1)
    """The members that can hold tickets."""
    arbitrators: tuple[Arbitrator, ...] = ()
    """The members that only vote."""
    resources: dict[ResourceName, Annotated[tuple[Resource, ...], Field(min_length=1)]] = {}
    """Resource groups of every site: group name to its resources, in start order."""
    booth: BoothOptions = BoothOptions()
    """booth.conf's options that are not a ticket's."""
    tickets: dict[str, Ticket] = {}
    """The tickets by name."""
    implementations: dict[HostName, Implementation] = {}
    """Booth implementations besides clusterlabs and python, by name."""

    @property
    def members(self) -> tuple[Member, ...]:
        """All members in the order of booth.conf: sites, then arbitrators."""
        return (*self.sites, *self.arbitrators)

    def site(self, name: str) -> Site:
        """Return a site by its name.

        Raises:
            KeyError: no site has this name.
        """
        return {site.name: site for site in self.sites}[name]

    def hosts(self) -> dict[str, IPv4Address]:
        """Return every node's address by host name, as /etc/hosts lists them."""
        found = {name: address for site in self.sites for name, address in site.nodes.items()}
        return found | {each.node_name: each.address for each in self.arbitrators}
