"""Booth's own output: ``booth list``, ``booth peers``, ``booth status`` and its log."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers import fields
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

LIST: Final = "booth list"
PEERS: Final = "booth peers"
STATUS: Final = "booth status"

NOBODY: Final = ("none", "NONE")
"""Leaders that are no members: known to be nobody's (revoked), and unknown (lost, never granted)."""

NOT_RUNNING: Final = 7
"""Exit code of ``booth status`` where no daemon runs."""

_SITE_ID_MASK: Final = 0x7FFFFFFF  # booth clears the top bit, so that no id looks negative
_NEVER_S: Final = 86400  # "never heard" is printed as the start of 1970 in the node's time zone

_TICKET = re.compile(
    r"ticket: (?P<name>[^,]+), leader: (?P<leader>[^,\s]+)"
    r"(?:, expires: (?P<expires>INF|[-\d]+ [:\d]+)"
    r"(?: \(commit pending until (?P<pending>[-\d]+ [:\d]+)\))?)?"
    r"(?P<manual> \[manual mode\])?\s*"
)
_WARNING = re.compile(
    r"WARNING: The ticket (?P<name>\S+) is granted to multiple sites: (?P<sites>[^.]*(?:\.\S[^.]*)*)\."
)
_PEER = re.compile(r"(?P<role>site|arbitrator)\s+(?P<address>\S+), last recv: (?P<time>.+?)\s*")
_SENT = re.compile(r"\s+Sent pkts:(\d+) error:(\d+) resends:(\d+)\s*")
_RECEIVED = re.compile(r"\s+Recv pkts:(\d+) error:(\d+) authfail:(\d+) invalid:(\d+)\s*")
_PAIR = re.compile(r"(booth_\w+)=(?:'([^']*)'|(\S*))")
_LOG = re.compile(
    r"(?P<ticket>[^\s():]+) "
    r"\((?P<state>Init|Fllw|Cndi|Lead)/(?P<term>[0-9]{1,18})/(?P<left>-?[0-9]{1,18})\): (?P<text>.*)"
)
_LOG_LEVEL = re.compile(r"(ERROR|WARN|WARNING|error|warning|notice|info|debug): (?:\w+:\d+: )?$")


def site_id(address: str) -> int:
    """Return the number by which Booth knows a member, in packets and as ``owner`` in the CIB.

    Raises:
        ValueError: the text is no IP address.
    """
    return zlib.crc32(ip_address(address).packed) & _SITE_ID_MASK


@dataclass(frozen=True)
class ListedTicket:
    """A line of ``booth list``: a ticket as one member knows it."""

    name: str
    says: str
    """The leader as printed: an address, or one of NOBODY."""
    expires: datetime | None = None
    """End of the lease; None when nobody holds one, or when it has no end."""
    pending_until: datetime | None = None
    """Until when the leader waits before it tells its CIB."""
    manual: bool = False
    also_granted: tuple[str, ...] = ()
    """Sites that Booth's warning names: a manual ticket that is marked granted at several."""

    @property
    def leader(self) -> str | None:
        """The leader's address; None when it is nobody."""
        return None if self.says in NOBODY else self.says


@dataclass(frozen=True)
class Peer:
    """What a member has to tell about another one; counters count packets."""

    role: str
    """``site`` or ``arbitrator``."""
    address: str
    last_recv: datetime | None
    """When something was last received from it; None: never."""
    sent: int
    sent_errors: int
    resends: int
    received: int
    received_errors: int
    authfail: int
    invalid: int


@dataclass(frozen=True)
class Daemon:
    """A running daemon, as ``booth status`` describes it."""

    state: str
    """``starting`` or ``started``."""
    role: str | None = None
    pid: int | None = None
    address: str | None = None
    port: int | None = None
    configuration: str | None = None
    site_id: int | None = None


@dataclass(frozen=True)
class LogLine:
    """A line of Booth's log that concerns a ticket."""

    ticket: str
    state: str
    """``Init``, ``Fllw``, ``Cndi`` or ``Lead``."""
    term: int
    left_ms: int
    """What was left of the lease, in milliseconds."""
    text: str
    level: str | None = None


def parse_list(text: str, *, zone: tzinfo = UTC) -> tuple[ListedTicket, ...]:
    """Return the tickets in the order of the configuration. Times are local to the node: ``zone``.

    Raises:
        ParseError: a line about a ticket is cut off or has another form.
    """
    warned = {found["name"]: tuple(found["sites"].split(", ")) for found in _WARNING.finditer(text)}
    lines = [line for line in text.splitlines() if line.startswith("ticket:")]
    return tuple(_listed(line, zone, warned) for line in lines)


def _listed(line: str, zone: tzinfo, warned: dict[str, tuple[str, ...]]) -> ListedTicket:
    found = _TICKET.fullmatch(line)
    if found is None:
        raise ParseError(LIST, "a ticket's line has an unknown form", line)
    expires, pending = found["expires"], found["pending"]
    return ListedTicket(
        name=found["name"],
        says=found["leader"] if found["leader"] in NOBODY else _address(LIST, found["leader"], line),
        expires=fields.moment(LIST, expires, line, zone) if expires and expires != "INF" else None,
        pending_until=fields.moment(LIST, pending, line, zone) if pending else None,
        manual=bool(found["manual"]),
        also_granted=warned.get(found["name"], ()),
    )


def _address(command: str, text: str, line: str) -> str:
    try:
        ip_address(text)
    except ValueError:
        raise ParseError(command, f"{text!r} is no address", line) from None
    return text


def parse_peers(text: str, *, zone: tzinfo = UTC) -> tuple[Peer, ...]:
    """Return the other members in the order of the configuration. Times are local to the node: ``zone``.

    Raises:
        ParseError: a member's lines are cut off or have another form.
    """
    lines = iter([line for line in text.splitlines() if line.strip()])
    return tuple(_peer(line, lines, zone) for line in lines if line.startswith(("site ", "arbitrator ")))


def _peer(line: str, rest: Iterator[str], zone: tzinfo) -> Peer:
    found = _PEER.fullmatch(line)
    if found is None:
        raise ParseError(PEERS, "a member's line has an unknown form", line)
    last_recv = fields.moment(PEERS, found["time"], line, zone)
    sent, sent_errors, resends = _counters(_SENT, rest, line)
    received, received_errors, authfail, invalid = _counters(_RECEIVED, rest, line)
    return Peer(
        role=found["role"],
        address=_address(PEERS, found["address"], line),
        last_recv=last_recv if abs(_epoch(last_recv)) > _NEVER_S else None,
        sent=sent,
        sent_errors=sent_errors,
        resends=resends,
        received=received,
        received_errors=received_errors,
        authfail=authfail,
        invalid=invalid,
    )


def _epoch(at: datetime) -> float:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def _counters(form: re.Pattern[str], lines: Iterator[str], member: str) -> Iterable[int]:
    line = next(lines, "")
    found = form.fullmatch(line)
    if found is None:
        raise ParseError(PEERS, f"a member's counters are missing or cut off (after {member!r})", line)
    return [fields.integer(PEERS, count, line) for count in found.groups()]


def parse_status(text: str) -> Daemon | None:
    """Return the daemon that ``booth status`` describes, or None when it found none running.

    Raises:
        ParseError: the description is cut off.
    """
    pairs = {key: quoted or plain for key, quoted, plain in _PAIR.findall(text)}
    if set(pairs) <= {"booth_lockpid"}:  # printed before the checks that follow it fail
        return None
    line = text.strip().splitlines()[0]
    if not pairs.get("booth_state"):
        raise ParseError(STATUS, "booth_state is missing", line)
    return Daemon(
        state=pairs["booth_state"].strip("'"),
        role=pairs.get("booth_type"),
        pid=_number(pairs, "booth_pid", line),
        address=pairs.get("booth_addr_string"),
        port=_number(pairs, "booth_port", line),
        configuration=pairs.get("booth_cfg_name"),
        site_id=_number(pairs, "booth_id", line),
    )


def _number(pairs: dict[str, str], key: str, line: str) -> int | None:
    return fields.integer(STATUS, pairs[key], line) if key in pairs else None


def parse_log(text: str) -> tuple[LogLine, ...]:
    """Return the lines that concern tickets, from a journal, syslog or standard error.

    A daemon that logs to both syslog and standard error has every line in the journal twice.
    """
    found = (_LOG.search(line) for line in text.splitlines() if "/" in line)
    return tuple(_log_line(line) for line in found if line)


def _log_line(found: re.Match[str]) -> LogLine:
    level = _LOG_LEVEL.search(found.string, 0, found.start())
    return LogLine(
        ticket=found["ticket"],
        state=found["state"],
        term=int(found["term"]),
        left_ms=int(found["left"]),
        text=found["text"].rstrip(),
        level=level[1] if level else None,
    )
