"""The screens of pcs that the article shows.

Reads ``pcs booth status``, ``pcs constraint ticket`` and ``pcs status`` of pcs 0.10 to 0.12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers import booth
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BOOTH_STATUS: Final = "pcs booth status"
CONSTRAINT_TICKET: Final = "pcs constraint ticket"
STATUS: Final = "pcs status"

_HEADING = re.compile(r"(?P<name>[A-Z][A-Za-z ]+):\s*")
_CONSTRAINT_OLD = re.compile(
    r"\s+(?:(?P<role>[A-Z]\w+) )?(?P<resource>[^\s=]+)(?P<options>(?: [\w-]+=\S+)+)(?: \(id:.*\))?\s*"
)
_CONSTRAINT_NEW = re.compile(
    r"\s+(?:(?P<role>[A-Z]\w+) )?resource '(?P<resource>[^']+)' depends on ticket '(?P<ticket>[^']+)'.*"
)
_OPTION = re.compile(r"(?<!\S)([\w-]+)=(\S+)")
_DC = re.compile(
    r"\s*\* Current DC: (?P<dc>\S+)(?: \(version .*?\))? - .*partition (?P<quorum>with|WITHOUT) quorum.*"
)
_NODES = re.compile(r"\s*\* (?P<state>Online|OFFLINE|Standby|Maintenance): \[(?P<nodes>[^\]]*)\]\s*")
_NODE = re.compile(r"\s*\* Node (?P<name>[^\s:]+)(?: \(.*\))?: (?P<state>.+?)\s*")
_GROUP = re.compile(r"\s*\* Resource Group: (?P<name>[^\s:]+).*:\s*")
_RESOURCE = re.compile(
    r"(?P<indent>\s*)\* (?P<name>\S+)\s+\((?P<agent>[\w-]+:[\w:.-]+)\):\s+(?P<state>.+?)\s*"
)
_DAEMON = re.compile(r"\s+(?P<name>[\w@.-]+): (?P<state>[\w-]+/[\w-]+)\s*")
_STATE_ON = re.compile(r"(?P<role>[A-Z][A-Za-z]*)(?: (?P<node>(?![(\[])\S+))?.*")


@dataclass(frozen=True)
class BoothStatus:
    """``pcs booth status``."""

    tickets: tuple[booth.ListedTicket, ...]
    peers: tuple[booth.Peer, ...]
    daemon: booth.Daemon | None
    """The daemon; None on a node where none runs."""


@dataclass(frozen=True)
class TicketConstraint:
    """A resource that may run only where the ticket is granted."""

    resource: str
    ticket: str
    loss_policy: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Resource:
    """A resource's line in ``pcs status``."""

    name: str
    agent: str
    state: str
    """E.g. Started, Stopped, Stopping, FAILED."""
    node: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class ClusterStatus:
    """``pcs status``."""

    cluster: str
    dc: str | None
    quorum: bool | None
    """None while there is no DC to say."""
    online: tuple[str, ...]
    offline: tuple[str, ...]
    others: dict[str, str]
    """Nodes that are neither, with pcs's word for them, e.g. standby."""
    resources: tuple[Resource, ...]
    daemons: dict[str, str]
    """E.g. {"corosync": "active/disabled"}."""


def parse_booth_status(text: str) -> BoothStatus:
    """Read ``pcs booth status``.

    Raises:
        ParseError: a section is missing, cut off or has another form.
    """
    sections = _sections(text)
    for name in ("TICKETS", "PEERS"):
        if name not in sections:
            raise ParseError(BOOTH_STATUS, f"there is no section {name}", _first_line(text))
    return BoothStatus(
        tickets=booth.parse_list(sections["TICKETS"]),
        peers=booth.parse_peers(sections["PEERS"]),
        daemon=booth.parse_status(sections.get("DAEMON STATUS", "")),
    )


def _sections(text: str) -> dict[str, str]:
    """Return the text under each heading that stands alone at the start of a line."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            current = sections.setdefault(heading["name"], [])
        else:
            current.append(line)
    return {name: "\n".join(lines) for name, lines in sections.items()}


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def parse_ticket_constraints(text: str) -> tuple[TicketConstraint, ...]:
    """Read ``pcs constraint ticket``, with or without ``--full``. Resource sets are passed over.

    Raises:
        ParseError: a constraint is cut off or has another form.
    """
    found: list[TicketConstraint] = []
    for line in _sections(text).get("Ticket Constraints", "").splitlines():
        if line.strip() == "Resource Sets:":
            break
        if found and line.startswith("    "):  # pcs 0.12: the options of the constraint above
            found[-1] = replace(found[-1], loss_policy=dict(_OPTION.findall(line)).get("loss-policy"))
        elif line.strip():
            found.append(_constraint(line))
    return tuple(found)


def _constraint(line: str) -> TicketConstraint:
    new = _CONSTRAINT_NEW.fullmatch(line)
    if new:
        return TicketConstraint(new["resource"], new["ticket"], role=new["role"])
    old = _CONSTRAINT_OLD.fullmatch(line)
    options = dict(_OPTION.findall(old["options"])) if old else {}
    if old is None or "ticket" not in options:
        raise ParseError(CONSTRAINT_TICKET, "a constraint has an unknown form", line)
    return TicketConstraint(old["resource"], options["ticket"], options.get("loss-policy"), old["role"])


def parse_status(text: str) -> ClusterStatus:
    """Read ``pcs status``.

    Raises:
        ParseError: it is no status (pcs reports why on standard error), or a line has another form.
    """
    name = re.search(r"^Cluster name: *(\S*) *$", text, re.MULTILINE)
    if name is None:
        raise ParseError(STATUS, "the cluster's name is missing", _first_line(text))
    sections = _sections(text)
    nodes = dict(_nodes(sections.get("Node List", "").splitlines()))
    dc = _dc(text)
    return ClusterStatus(
        cluster=name[1],
        dc=dc[0] if dc else None,
        quorum=dc[1] if dc else None,
        online=tuple(node for node, state in nodes.items() if state == "Online"),
        offline=tuple(node for node, state in nodes.items() if state == "OFFLINE"),
        others={node: state for node, state in nodes.items() if state not in {"Online", "OFFLINE"}},
        resources=tuple(_resources(sections.get("Full List of Resources", "").splitlines())),
        daemons={
            m["name"]: m["state"] for m in _matches(_DAEMON, sections.get("Daemon Status", "").splitlines())
        },
    )


def _dc(text: str) -> tuple[str, bool] | None:
    line = next((line for line in text.splitlines() if "Current DC:" in line), None)
    if line is None or "Current DC: NONE" in line:
        return None
    found = _DC.fullmatch(line)
    if found is None:
        raise ParseError(STATUS, "the DC's line has an unknown form", line)
    return found["dc"], found["quorum"] == "with"


def _matches(form: re.Pattern[str], lines: Iterable[str]) -> Iterator[re.Match[str]]:
    return (found for line in lines if (found := form.fullmatch(line)))


def _nodes(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        several, one = _NODES.fullmatch(line), _NODE.fullmatch(line)
        if several:
            yield from ((name, several["state"]) for name in several["nodes"].split())
        elif one:
            yield one["name"], one["state"]
        elif line.strip():
            raise ParseError(STATUS, "a line of the node list has an unknown form", line)


def _resources(lines: Iterable[str]) -> Iterator[Resource]:
    group, group_indent = None, 0
    for line in lines:
        heading = _GROUP.fullmatch(line)
        if heading:
            group, group_indent = heading["name"], line.index("*")
            continue
        found = _RESOURCE.fullmatch(line)
        if found is None:
            continue  # clones, bundles and whatever newer versions add
        if len(found["indent"]) <= group_indent:
            group = None
        yield _resource(found, group)


def _resource(found: re.Match[str], group: str | None) -> Resource:
    state = _STATE_ON.fullmatch(found["state"])
    if state is None:
        raise ParseError(STATUS, "a resource's state has an unknown form", found[0])
    return Resource(found["name"], found["agent"].replace("::", ":"), state["role"], state["node"], group)
