"""What observers saw. A closed interval says when: asked at its begin, answered at its end.

There are two sorts. A *view* was so at some moment of the interval. A *change* came about
in it: before it was otherwise, after it was so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from boothlab.history.base import Lasting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observation(Lasting):
    observer: str = ""
    """Who saw it; one of the header's observers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothView(_Observation):
    """A view: a ticket as one member's daemon tells it."""

    member: str
    ticket: str
    leader: str | None
    """The leader's name; None when it is nobody, or not known."""
    term: int | None = None
    """None where it is not told: ``booth list`` does not."""
    expires_ns: int | None = None
    """End of the lease, on the run's clock."""
    pending: bool = False
    """The leader waits before it tells Pacemaker."""
    warned_of: tuple[str, ...] = ()
    """Sites that a warning names: a manual ticket that is granted at several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CibView(_Observation):
    """A view: a ticket as it stands in a site's CIB."""

    site: str
    ticket: str
    granted: bool
    owner: str | None = None
    """The leader whom the CIB names; None when it names nobody."""
    term: int | None = None
    expires_ns: int | None = None
    """End of the lease, on the run's clock."""
    standby: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CibWrite(_Observation):
    """A change: a ticket was written into a site's CIB."""

    site: str
    ticket: str
    granted: bool
    owner: str | None = None
    term: int | None = None
    expires_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView(_Observation):
    """A view: where a site's Pacemaker runs a resource."""

    site: str
    resource: str
    nodes: tuple[str, ...]
    """Where it is active; empty when it runs nowhere at this site."""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange(_Observation):
    """A change: a resource agent started or stopped a resource on a node."""

    site: str
    node: str
    resource: str
    running: bool
    """What it came to be: True after a start, False after a stop."""


@dataclass(frozen=True, slots=True)
class PeerCounters:
    """What a daemon counts about another member, since the daemon's start."""

    peer: str
    sent: int = 0
    sent_errors: int = 0
    resends: int = 0
    received: int = 0
    received_errors: int = 0
    authfail: int = 0
    invalid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersView(_Observation):
    """A view: a member's counters."""

    member: str
    peers: tuple[PeerCounters, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerRun(_Observation):
    """A site's before-acquire-handler ran, from begin to end."""

    site: str
    ticket: str
    status: int
    """Its exit code; 128 and a signal's number when it was killed."""


class Why(Enum):
    """Why an observer saw nothing."""

    DOWN = "down"
    """What it looks at surely does not run: nothing is granted there, and no resource runs."""
    SILENT = "silent"
    """No answer in time."""
    ERROR = "error"
    """An answer that tells nothing."""


class Watched(Enum):
    """What an observer looks at."""

    BOOTH = "booth"
    CIB = "cib"
    RESOURCES = "resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(_Observation):
    """An observer looked and could not tell. It proves that the observer lives."""

    at: str
    """The member or site that it looked at."""
    what: Watched
    why: Why
    about: str = ""
    """The one ticket or resource that it could not tell of; empty: all of them."""
    node: str = ""
    """The one node where it could not; empty: all of the site's."""
    text: str = ""


Observation = BoothView | CibView | CibWrite | ResourceView | ResourceChange | PeersView | HandlerRun | Missed

OBSERVATIONS: Final[dict[str, type[Observation]]] = {
    "booth": BoothView,
    "cib": CibView,
    "cib-write": CibWrite,
    "resource": ResourceView,
    "resource-change": ResourceChange,
    "peers": PeersView,
    "handler": HandlerRun,
    "missed": Missed,
}
"""An observation's ``kind`` in a file, and its class."""
