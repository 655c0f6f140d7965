"""One node's answer, read: every section as a value, or as the reason why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from boothlab.engine.parsers import addresses, booth, cib, crm_mon
from boothlab.engine.parsers.errors import ParseError
from boothlab.engine.status.questions import LIMIT_S, TIMED_OUT, Section, sections

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_PACEMAKER_DOWN: Final = "Pacemaker does not run"
_LOG_PREFIX: Final = re.compile(r"^.*?: \[\d+\]: \w+: ")  # time, host and program before Booth's messages


@dataclass(frozen=True)
class NodeAnswer:
    """What one node told."""

    node: str
    at: datetime | None
    addresses: frozenset[str]
    cluster: crm_mon.Cluster | None
    cluster_problem: str | None
    cib: tuple[cib.TicketState, ...] | None
    """None: it could not be read."""
    daemon: booth.Daemon | None
    tickets: tuple[booth.ListedTicket, ...] | None
    """None: Booth was not asked here, or did not answer."""
    peers: tuple[booth.Peer, ...]
    booth_problem: str | None
    booth_hangs: bool
    """Whether Booth took the question and never answered."""


def read(node: str, answer: str) -> NodeAnswer:
    """Read a node's answer. Never raises: what cannot be read is told as a problem."""
    by_name: dict[str, list[Section]] = {}
    for section in sections(answer):
        by_name.setdefault(section.name, []).append(section)
    one = {name: found[0] for name, found in by_name.items()}
    cluster, cluster_problem = _cluster(one.get("crm_mon"))
    tickets, list_problem = _booth(booth.parse_list, one.get("booth_list"))
    peers, peers_problem = _booth(booth.parse_peers, one.get("booth_peers"))
    daemon, status_problem = _daemon(one.get("booth_status"))
    cib_tickets, cib_problem = _cib([*by_name.get("cib", ()), *by_name.get("crm_ticket", ())])
    return NodeAnswer(
        node=node,
        at=_clock(one.get("clock")),
        addresses=addresses.parse_addresses(one["addresses"].text if "addresses" in one else ""),
        cluster=cluster,
        cluster_problem=cluster_problem or cib_problem,
        cib=cib_tickets,
        daemon=daemon,
        tickets=tickets,
        peers=peers or (),
        booth_problem=list_problem or peers_problem or status_problem,
        booth_hangs="booth_list" in one and one["booth_list"].exit_code == TIMED_OUT,
    )


def _clock(section: Section | None) -> datetime | None:
    text = section.text.strip() if section else ""
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else None  # noqa: PLR2004


def _cluster(section: Section | None) -> tuple[crm_mon.Cluster | None, str | None]:
    if section is None:
        return None, None
    if section.exit_code == TIMED_OUT:
        return None, f"crm_mon did not answer within {LIMIT_S} s"
    try:
        found = crm_mon.parse(section.text, section.exit_code)
    except ParseError as error:
        return None, error.message
    if isinstance(found, crm_mon.ClusterDown):
        return None, _PACEMAKER_DOWN if section.exit_code == crm_mon.NOT_CONNECTED else found.reason
    return found, None


def _cib(asked: list[Section]) -> tuple[tuple[cib.TicketState, ...] | None, str | None]:
    """Read the ticket states; a ticket that the CIB does not have is no problem."""
    if not asked:
        return None, None
    failed = next((each for each in asked if each.exit_code not in (0, *cib.NOT_THERE)), None)
    if failed:
        return None, f"the CIB cannot be read: {_said(failed)}"
    try:
        return tuple(ticket for each in asked for ticket in cib.parse_tickets(each.text)), None
    except ParseError as error:
        return None, error.message


def _daemon(section: Section | None) -> tuple[booth.Daemon | None, str | None]:
    if section is not None and section.exit_code == booth.NOT_RUNNING:
        return None, None
    return _booth(booth.parse_status, section)


def _booth(parse: Callable[[str], T], section: Section | None) -> tuple[T | None, str | None]:
    if section is None:
        return None, None
    if section.exit_code != 0:
        return None, _said(section)
    try:
        return parse(section.text), None
    except ParseError as error:
        return None, error.message


def _said(section: Section) -> str:
    if section.exit_code == TIMED_OUT:
        return f"no answer within {LIMIT_S} s"
    return _LOG_PREFIX.sub("", section.errors) or f"exit code {section.exit_code}"
