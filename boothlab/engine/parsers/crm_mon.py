"""``crm_mon -1 --output-as=xml``: a cluster as its own nodes see it.

Reads the roots ``pacemaker-result`` (Pacemaker 2.0.4 and newer) and ``crm_mon``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers import fields
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

COMMAND: Final = "crm_mon -1 --output-as=xml"

NOT_CONNECTED: Final = 102
"""Exit code of Pacemaker's tools when no cluster runs on the node."""

_ROOTS: Final = ("pacemaker-result", "crm_mon")
_TIME_FORMS: Final = ("%a %b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S %z")


@dataclass(frozen=True)
class ClusterDown:
    """No cluster answers on the asked node."""

    reason: str
    """In Pacemaker's words."""


@dataclass(frozen=True)
class Node:
    """A member of the cluster, as the asked node sees it."""

    name: str
    online: bool
    standby: bool = False
    maintenance: bool = False
    pending: bool = False
    unclean: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource; of a clone or bundle, one instance."""

    name: str
    agent: str
    role: str
    """Pacemaker's word, e.g. Started, Stopped, Stopping, Promoted."""
    group: str | None = None
    nodes: tuple[str, ...] = ()
    """Where it is active. More than one node is a defect, or a migration going on."""
    active: bool = False
    failed: bool = False
    managed: bool = True
    blocked: bool = False
    pending: str | None = None
    """The operation that is going on, e.g. Starting."""


@dataclass(frozen=True)
class Ticket:
    """A ticket, as this cluster's Pacemaker acts on it."""

    name: str
    granted: bool
    standby: bool = False
    last_granted: datetime | None = None


@dataclass(frozen=True)
class Failure:
    """A failed operation that Pacemaker still remembers."""

    operation: str
    """E.g. WebSite_start_0."""
    node: str
    status: str
    """E.g. not running."""
    reason: str = ""


@dataclass(frozen=True)
class Cluster:
    """A running cluster, as the asked node sees it."""

    quorum: bool | None
    """Whether the asked node's partition has quorum; None while there is no DC to say."""
    dc: str | None
    nodes: tuple[Node, ...]
    resources: tuple[Resource, ...]
    tickets: tuple[Ticket, ...]
    failures: tuple[Failure, ...]

    @property
    def online(self) -> frozenset[str]:
        """Names of the online nodes."""
        return frozenset(node.name for node in self.nodes if node.online)


def parse(text: str, exit_code: int = 0) -> Cluster | ClusterDown:
    """Read what crm_mon printed on standard output.

    Raises:
        ParseError: it is cut off or has another form.
    """
    root = fields.parse_xml(COMMAND, text)
    if root is None:
        return ClusterDown(text.strip() or f"crm_mon printed nothing and exited with {exit_code}")
    if root.tag not in _ROOTS:
        raise ParseError(
            COMMAND, f"the root is {root.tag}, not one of {', '.join(_ROOTS)}", fields.show(root)
        )
    status = root.find("status")
    code = None if status is None else fields.integer_of(COMMAND, status, "code")
    without_nodes = root.find("nodes") is None
    if status is not None and (code or (without_nodes and status.find("errors/error") is not None)):
        return ClusterDown(_reason(status))  # it says OK when only pacemakerd is left
    if without_nodes:
        raise ParseError(COMMAND, "it lists no nodes", fields.show(root))
    return _cluster(root)


def _reason(status: Element) -> str:
    errors = [error.text.strip() for error in status.iter("error") if error.text]
    return errors[-1] if errors else status.get("message", f"status {status.get('code')}")


def _cluster(root: Element) -> Cluster:
    dc = root.find("summary/current_dc")
    has_dc = dc is not None and fields.flag(COMMAND, dc, "present")
    return Cluster(
        quorum=fields.flag(COMMAND, dc, "with_quorum") if dc is not None and has_dc else None,
        dc=fields.required(COMMAND, dc, "name") if dc is not None and has_dc else None,
        nodes=tuple(_node(each) for each in root.findall("nodes/node")),
        resources=tuple(_resources(root.find("resources"))),
        tickets=tuple(_ticket(each) for each in root.findall("tickets/ticket")),
        failures=tuple(_failure(each) for each in root.findall("failures/failure")),
    )


def _node(element: Element) -> Node:
    return Node(
        name=fields.required(COMMAND, element, "name"),
        online=fields.flag(COMMAND, element, "online"),
        standby=fields.flag(COMMAND, element, "standby"),
        maintenance=fields.flag(COMMAND, element, "maintenance"),
        pending=fields.flag(COMMAND, element, "pending"),
        unclean=fields.flag(COMMAND, element, "unclean"),
    )


def _resources(parent: Element | None, group: str | None = None) -> Iterator[Resource]:
    for child in parent if parent is not None else ():
        if child.tag == "resource":
            yield _resource(child, group)
        else:  # group, clone, bundle, replica: any depth of them
            yield from _resources(child, child.get("id") if child.tag == "group" else group)


def _resource(element: Element, group: str | None) -> Resource:
    return Resource(
        name=fields.required(COMMAND, element, "id"),
        agent=fields.required(COMMAND, element, "resource_agent").replace("::", ":"),
        role=fields.required(COMMAND, element, "role"),
        group=group,
        nodes=tuple(fields.required(COMMAND, node, "name") for node in element.findall("node")),
        active=fields.flag(COMMAND, element, "active"),
        failed=fields.flag(COMMAND, element, "failed"),
        managed=fields.flag(COMMAND, element, "managed", default=True),
        blocked=fields.flag(COMMAND, element, "blocked"),
        pending=element.get("pending"),
    )


def _ticket(element: Element) -> Ticket:
    return Ticket(
        name=fields.required(COMMAND, element, "id"),
        granted=fields.required(COMMAND, element, "status") == "granted",
        standby=fields.flag(COMMAND, element, "standby"),
        last_granted=_time(element.get("last-granted", "")),
    )


def _time(text: str) -> datetime | None:
    """Return a time in one of Pacemaker's forms; without a zone it is a node's, and nodes run in UTC."""
    for form in _TIME_FORMS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - one of the forms has no zone
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _failure(element: Element) -> Failure:
    return Failure(
        operation=element.get("op_key") or fields.required(COMMAND, element, "id"),
        node=element.get("node", ""),
        status=element.get("exitstatus", ""),
        reason=element.get("exitreason", ""),
    )
