"""CIBs that are put in place before Pacemaker starts for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from boothlab.engine.provision.resources import parameters

if TYPE_CHECKING:
    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Resource, Site, Topology


def seed(distribution: DistributionData) -> str:
    """Return a CIB without resources, for a cluster's first start.

    ``dc-deadtime=1s``: its default of 20 s is how long a first node waits for others
    before it elects a DC, two thirds of a small cluster's start.
    ``resource-stickiness=1``: as Pacemaker on Rocky Linux 9 has it in every new
    cluster; without it Booth changes its node whenever a ticket starts a group.
    """
    root, _ = _skeleton(distribution, {"dc-deadtime": "1s"})
    return _text(root)


def whole(topology: Topology, site: Site, distribution: DistributionData) -> str:
    """Return the CIB of a site as pcs would have left it: resources, Booth, constraints."""
    root, configuration = _skeleton(distribution, {"dc-deadtime": "1s", "stonith-enabled": "false"})
    # As long as pcs allows apache; an agent's own default would be Pacemaker's 20 s.
    operations = ET.SubElement(
        ET.SubElement(configuration, "op_defaults"), "meta_attributes", id="op-defaults"
    )
    _nvpairs(operations, {"timeout": "60s"})
    resources = configuration.find("resources")
    constraints = configuration.find("constraints")
    assert resources is not None  # noqa: S101 - the skeleton's own
    assert constraints is not None  # noqa: S101
    for group, members in topology.resources.items():
        element = ET.SubElement(resources, "group", id=group)
        for resource in members:
            _primitive(element, resource, parameters(resource, site, distribution))
    _booth_group(resources, topology, site)
    for name, ticket in topology.tickets.items():
        policy = {"loss-policy": ticket.loss_policy} if ticket.loss_policy else {}
        for group in ticket.resources:
            ET.SubElement(
                constraints,
                "rsc_ticket",
                {"id": f"ticket-{name.replace('/', '.')}-{group}", "rsc": group, "ticket": name} | policy,
            )
    return _text(root)


def _skeleton(distribution: DistributionData, properties: dict[str, str]) -> tuple[ET.Element, ET.Element]:
    root = ET.Element("cib", dict(distribution.cib_attributes) | {"epoch": "1", "num_updates": "0"})
    root.set("admin_epoch", "0")
    configuration = ET.SubElement(root, "configuration")
    options = ET.SubElement(
        ET.SubElement(configuration, "crm_config"), "cluster_property_set", id="cib-bootstrap-options"
    )
    _nvpairs(options, properties)
    for section in ("nodes", "resources", "constraints"):
        ET.SubElement(configuration, section)
    defaults = ET.SubElement(
        ET.SubElement(configuration, "rsc_defaults"), "meta_attributes", id="build-resource-defaults"
    )
    _nvpairs(defaults, {"resource-stickiness": "1"})
    ET.SubElement(root, "status")
    return root, configuration


def _nvpairs(parent: ET.Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, "nvpair", id=f"{parent.get('id')}-{name}", name=name, value=value)


def _primitive(parent: ET.Element, resource: Resource, values: dict[str, str]) -> None:
    standard, *provider, kind = resource.agent.split(":")
    attributes = {"id": resource.name, "class": standard, "type": kind}
    element = ET.SubElement(parent, "primitive", attributes | ({"provider": provider[0]} if provider else {}))
    if values:
        _nvpairs(ET.SubElement(element, "instance_attributes", id=f"{resource.name}-attributes"), values)
    operations = {"monitor": {"interval": "10s", "timeout": "20s"}} | resource.operations
    parent_of_operations = ET.SubElement(element, "operations")
    for name, options in operations.items():
        written = {"interval": "0s"} | {key: str(value) for key, value in options.items()}
        identity = f"{resource.name}-{name}-interval-{written['interval']}"
        ET.SubElement(parent_of_operations, "op", {"id": identity, "name": name} | written)


def _booth_group(parent: ET.Element, topology: Topology, site: Site) -> None:
    """What ``pcs booth create ip`` creates, under the same names."""
    from boothlab.engine.topology.model import Resource  # noqa: PLC0415 - the model is only data here

    prefix = f"booth-{topology.booth.name}"
    group = ET.SubElement(parent, "group", id=f"{prefix}-group")
    address = Resource(
        name=f"{prefix}-ip", agent="ocf:heartbeat:IPaddr2", parameters={"ip": str(site.address)}
    )
    service = Resource(
        name=f"{prefix}-service",
        agent="ocf:pacemaker:booth-site",
        parameters={"config": f"/etc/booth/{topology.booth.name}.conf"},
    )
    for resource in (address, service):
        _primitive(group, resource, resource.parameters_at(site.name))


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"
