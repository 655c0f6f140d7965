"""What booth.conf says, as values. Times are milliseconds here, whatever the file wrote."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from boothlab.core.identity import site_id

DEFAULT_PORT: Final = 9929
DEFAULT_MAX_TIME_SKEW_S: Final = 600
DEFAULT_EXPIRE_MS: Final = 600_000
DEFAULT_TIMEOUT_MS: Final = 5_000
DEFAULT_RETRIES: Final = 10
LONGEST_POLL_MS: Final = 100


class Role(Enum):
    """What a member is."""

    SITE = "site"
    ARBITRATOR = "arbitrator"


class Mode(Enum):
    """Who moves a ticket."""

    AUTO = "auto"
    MANUAL = "manual"


class TimeScale(Enum):
    """The unit of ``valid`` on the wire; all members of a cluster need the same.

    Milliseconds as soon as any time in the configuration is not a whole number of seconds.
    """

    SECONDS = "s"
    MILLISECONDS = "ms"


@dataclass(frozen=True, slots=True)
class MemberConfig:
    """A site or an arbitrator."""

    address: str
    """Its numeric address, spelled as in the file (or as its host name resolved)."""
    role: Role
    port: int = DEFAULT_PORT

    @property
    def id(self) -> int:
        """Return its site id."""
        return site_id(self.address)


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """An ``attr-prereq``: a condition on an attribute of the ticket."""

    grant: Mode
    """``MANUAL``: asked when an administrator grants; ``AUTO``: before an election of our own."""
    name: str
    equal: bool
    """Whether the attribute must be the value (eq) or must not (ne)."""
    value: str


@dataclass(frozen=True, slots=True)
class TicketConfig:
    """A ticket's options, defaults filled in."""

    name: str
    expire_ms: int = DEFAULT_EXPIRE_MS
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    retries: int = DEFAULT_RETRIES
    renewal_ms: int = DEFAULT_EXPIRE_MS // 2
    acquire_after_ms: int = 0
    mode: Mode = Mode.AUTO
    handler: tuple[str, ...] = ()
    """The before-acquire-handler's words; none when empty."""
    prerequisites: tuple[Prerequisite, ...] = ()
    weights: tuple[int, ...] = ()
    """Parsed, and never used."""


@dataclass(frozen=True, slots=True)
class Users:
    """Whom the daemon becomes when root starts it: names or numbers as in the file."""

    site_user: str = "hacluster"
    site_group: str = "haclient"
    arbitrator_user: str = "nobody"
    arbitrator_group: str = "nobody"


@dataclass(frozen=True, slots=True)
class Config:
    """A whole booth.conf."""

    name: str
    """The instance's name."""
    path: str
    """Where it was read from."""
    members: tuple[MemberConfig, ...] = ()
    """Sites and arbitrators in the file's order."""
    tickets: tuple[TicketConfig, ...] = ()
    scale: TimeScale = TimeScale.SECONDS
    poll_ms: int = LONGEST_POLL_MS
    """How often ClusterLabs booth looks at its timers under this configuration."""
    authfile: str | None = None
    """The key file to use; none when authentication is off."""
    max_time_skew_s: int = DEFAULT_MAX_TIME_SKEW_S
    debug: int = 0
    transport: str = "UDP"
    users: Users = Users()
    warnings: tuple[str, ...] = ()
    """What is accepted but should be told, one sentence each."""

    def member(self, number: int) -> MemberConfig | None:
        """Return the member with this site id, if there is one."""
        return next((each for each in self.members if each.id == number), None)

    def ticket(self, name: str) -> TicketConfig | None:
        """Return the ticket of this name, if there is one."""
        return next((each for each in self.tickets if each.name == name), None)

    @property
    def sites(self) -> tuple[MemberConfig, ...]:
        """Return the members that can hold tickets."""
        return tuple(each for each in self.members if each.role is Role.SITE)

    @property
    def majority(self) -> int:
        """Return how many members are more than half of all."""
        return len(self.members) // 2 + 1
