"""What was done in a run, and what happened: operations, faults, processes, packets, log lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from boothlab.core.codes import Result
from boothlab.history.base import Event, Lasting
from boothlab.history.observations import OBSERVATIONS, Observation

# --- clients


class Phase(Enum):
    """Where an operation stands. It begins with INVOKE and has one of the others as its end, or none."""

    INVOKE = "invoke"
    OK = "ok"
    """It happened."""
    FAIL = "fail"
    """It surely did not happen."""
    INFO = "info"
    """It may have happened, or may still happen."""


class Verb(Enum):
    """What a client asks for."""

    GRANT = "grant"
    REVOKE = "revoke"
    LIST = "list"
    PEERS = "peers"
    ATTR_SET = "attr-set"
    ATTR_GET = "attr-get"
    ATTR_DELETE = "attr-delete"
    ATTR_LIST = "attr-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Event):
    """A client asks, or learns how it ended. ``Call`` puts the two together."""

    process: str
    """Who asks. It does one thing at a time, and after an INFO goes on under another name."""
    phase: Phase
    verb: Verb
    ticket: str = ""
    site: str = ""
    """The member that it is asked of, by name."""
    immediate: bool = False
    """``-F``: whoever asks vouches that nobody else holds the ticket."""
    wait: bool = False
    """``-w``: until the outcome is known."""
    wait_commit: bool = False
    """``-C``: until Pacemaker knows as well."""
    attribute: str = ""
    value: str = ""
    authentic: bool = True
    """False: it was not, or wrongly, signed, or is a copy; it must be refused."""
    result: Result | None = None
    """Booth's last word."""
    exit_code: int | None = None
    error: str = ""
    """What was told instead of an outcome."""


# --- faults


class Family(Enum):
    """What kind of thing a fault touches."""

    NETWORK = "network"
    PACKETS = "packets"
    PROCESS = "process"
    NODE = "node"
    CLOCK = "clock"
    CIB = "cib"
    HANDLER = "handler"
    RESOURCE = "resource"


class Edge(Enum):
    """The two ends of a fault."""

    BEGIN = "begin"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Lasting):
    """A fault was applied, or undone, at some moment of the interval. BEGIN and END share an ``id``."""

    id: str
    edge: Edge
    family: Family
    name: str
    """The fault as the nemesis calls it: ``partition``."""
    text: str = ""
    """The fault as one would type it, with what was asked for."""
    targets: tuple[str, ...] = ()
    """Whom it hit: names of members or nodes, symbols such as ``leader`` resolved."""
    cuts: tuple[tuple[str, str], ...] = ()
    """Directions in which nothing passes at all: (who sends, who does not receive), by members' names."""
    instant: bool = False
    """It is over as soon as it is done, and has no END."""
    forgets: bool = False
    """Somebody may have lost what was known of terms and votes: a CIB was changed by hand."""
    failed: str = ""
    """Why it could not be applied or undone; empty when it was."""
    backend: str = ""
    """What carries it out on a lab: ``nftables``, ``netem``, ``userspace``, ``raw-socket`` or ``node``."""


# --- processes


class Life(Enum):
    """What becomes of a process."""

    STARTED = "started"
    STOPPED = "stopped"
    """In good order, as it was asked to."""
    KILLED = "killed"
    """By somebody who is named."""
    DIED = "died"
    """By itself: a crash, or an exit that nobody asked for."""
    PAUSED = "paused"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Lasting):
    """A member's daemon was started, ended, was paused or went on, at some moment of the interval."""

    member: str
    life: Life
    node: str = ""
    pid: int | None = None
    by: str = ""
    """Who did it: a fault's id, ``harness``, ``pacemaker``, ``systemd``, ...; empty when nobody."""
    status: str = ""
    """How it ended: ``exit 1``, ``signal 11``."""


# --- packets


class Fate(Enum):
    """What became of a packet."""

    DELIVERED = "delivered"
    DROPPED = "dropped"


class Origin(Enum):
    """Where a packet comes from."""

    MEMBER = "member"
    FORGED = "forged"
    """Made by somebody without the key, or altered on its way."""
    REPLAYED = "replayed"
    """A copy of one that a member sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet(Event):
    """A message between members, as it was seen on its way."""

    sender: str
    """The member that it says it comes from; empty when that is nobody's number."""
    receiver: str
    command: str
    """Four letters; empty when it cannot be read."""
    ticket: str = ""
    leader: str = ""
    """A member's name, ``none`` (revoked) or ``NONE`` (unknown)."""
    term: int | None = None
    valid: int | None = None
    """What is left of the lease, as on the wire: seconds or milliseconds."""
    request: str = ""
    reason: str = ""
    result: str = ""
    source: str = ""
    """The address that it came from."""
    size: int = 0
    """Bytes."""
    origin: Origin = Origin.MEMBER
    signed: bool = False
    """Whether it has a signature, good or bad."""
    fate: Fate | None = None
    """None where it was not seen."""


# --- words


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine(Event):
    """A line of a daemon's or Pacemaker's log."""

    source: str
    """The member or node that wrote it."""
    text: str
    level: str = ""
    ticket: str = ""
    state: str = ""
    """``Init``, ``Fllw``, ``Cndi`` or ``Lead``."""
    term: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Event):
    """A remark of whoever drives the run: a phase begins, everything was healed, ..."""

    name: str
    text: str = ""


Record = Operation | Fault | Process | Packet | LogLine | Mark | Observation

KINDS: Final[dict[str, type[Record]]] = {
    "operation": Operation,
    "fault": Fault,
    "process": Process,
    "packet": Packet,
    "log": LogLine,
    "mark": Mark,
    **OBSERVATIONS,
}
"""A record's ``kind`` in a file, and its class."""
