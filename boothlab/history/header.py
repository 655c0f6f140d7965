"""The first line of a history: what took part, in which versions, and by which clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boothlab.core.config.model import Mode, Prerequisite, Role, TicketConfig

FORMAT_MAJOR: Final = 1
"""Counts changes that old readers would misunderstand."""
FORMAT_MINOR: Final = 0
"""Counts additions: new fields with a default, new kinds of records."""


@dataclass(frozen=True, slots=True)
class Format:
    """The version of the format that a history is written in."""

    major: int
    minor: int


@dataclass(frozen=True, slots=True)
class Member:
    """A site or an arbitrator, and what runs there."""

    name: str
    """As people say it: A."""
    role: Role
    address: str
    """By which the members know each other."""
    subject: str
    """The implementation: clusterlabs, python, or a vendor's."""
    version: str = ""
    """As the implementation tells it; empty where it does not."""
    nodes: tuple[str, ...] = ()
    """The containers in which it may run."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as all members have it configured; times in milliseconds."""

    name: str
    expire_ms: int
    acquire_after_ms: int = 0
    timeout_ms: int = 0
    retries: int = 0
    renewal_ms: int = 0
    mode: Mode = Mode.AUTO
    resources: tuple[str, ...] = ()
    """Pacemaker's resources that may run only where it is granted; none in a lab without Pacemaker."""
    loss_policy: str = "stop"
    """What Pacemaker does to them when it is lost: stop, freeze, demote or fence."""
    has_handler: bool = False
    """Whether a before-acquire-handler must succeed before it is acquired or renewed."""
    prerequisites: tuple[Prerequisite, ...] = ()

    @classmethod
    def of(cls, config: TicketConfig, resources: tuple[str, ...] = (), loss_policy: str = "stop") -> Ticket:
        """Return a ticket of a booth.conf with the resources that hang on it."""
        return cls(
            name=config.name,
            expire_ms=config.expire_ms,
            acquire_after_ms=config.acquire_after_ms,
            timeout_ms=config.timeout_ms,
            retries=config.retries,
            renewal_ms=config.renewal_ms,
            mode=config.mode,
            resources=resources,
            loss_policy=loss_policy,
            has_handler=bool(config.handler),
            prerequisites=config.prerequisites,
        )


@dataclass(frozen=True, slots=True)
class Observer:
    """Somebody who watches, and what can be expected of him."""

    name: str
    """What its observations carry: ``cib@A``."""
    period_ms: int | None = None
    """How often it looks. None: it tells every change, and nothing changes without it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a history is about."""

    testbed: str
    """``simulation``, ``standalone`` or ``pacemaker``."""
    topology: str
    """The topology's name."""
    members: tuple[Member, ...]
    """Sites and arbitrators, in the order of booth.conf."""
    tickets: tuple[Ticket, ...]
    clock: str
    """The one clock of all times: ``virtual``, or the host's, e.g. ``CLOCK_BOOTTIME``."""
    started_ns: int
    """That clock when the recording began."""
    started_utc: str
    """The same moment as people read it: ISO 8601, in UTC."""
    observers: tuple[Observer, ...] = ()
    seed: int | None = None
    """What every random choice of the run was drawn from."""
    scenario: str = ""
    run: str = ""
    """The run's name, also that of its folder."""
    authenticated: bool = False
    """Whether the members share a key."""
    versions: dict[str, str] | None = None
    """Program or package to its version: boothlab, pacemaker, docker, ..."""
    kernel: str = ""
    impairment: str = ""
    """What drops and delays packets: ``model``, or ``router``: then each fault has its ``backend``."""
    format: Format = Format(FORMAT_MAJOR, FORMAT_MINOR)

    @property
    def sites(self) -> tuple[Member, ...]:
        """Return the members that can hold tickets."""
        return tuple(each for each in self.members if each.role is Role.SITE)

    @property
    def majority(self) -> int:
        """Return how many members are more than half of all."""
        return len(self.members) // 2 + 1

    def member(self, name: str) -> Member | None:
        """Return the member of this name, if there is one."""
        return next((each for each in self.members if each.name == name), None)

    def ticket(self, name: str) -> Ticket | None:
        """Return the ticket of this name, if there is one."""
        return next((each for each in self.tickets if each.name == name), None)
