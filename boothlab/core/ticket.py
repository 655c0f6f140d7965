"""One ticket at one member: everything it remembers. What it does stands in the modules beside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Option, Reason
from boothlab.core.config.model import Mode
from boothlab.core.notes import State

if TYPE_CHECKING:
    from boothlab.core.config.model import TicketConfig
    from boothlab.core.effects import WriteCib
    from boothlab.core.messages import TicketMessage

_MARGIN_SHARE: Final = 20
_MARGIN_SHARE_OF_LONG: Final = 100
_MARGIN_MS: Final = 500
_STAGGER_MAX_MS: Final = 250


@dataclass(slots=True)
class Round:
    """A message to all other members that wants an answer from each, and is sent again."""

    command: Command
    reason: Reason
    number: int
    """Repeated by members of our kind in their answers."""
    began_ms: int
    """When it was first sent: what an answer proves, it proves for this moment."""
    resend_at_ms: int
    answered: set[int]
    """Who has answered; this member always."""
    tries: int = 0


@dataclass(slots=True)
class Grant:
    """An administrator's grant on its way."""

    until_ms: int
    """When it is given up."""
    commit_at_ms: int | None
    """Until when it is held back from Pacemaker: an unreachable site may still hold the ticket."""
    at_once: bool = False
    """The administrator insists: nothing is held back."""
    clients: dict[int, Option] = field(default_factory=dict)
    """Who waits for its end, and how."""
    heard: set[int] = field(default_factory=set)
    """Sites that said since that it is ours."""
    told_delay: bool = False
    committing: bool = False
    """Pacemaker is being told."""


@dataclass(slots=True)
class HandlerRun:
    """A before-acquire-handler that runs."""

    request: int
    renewing: bool
    """Whether it runs before a renewal; else before an election or a manual grant."""
    until_ms: int
    """When it has taken too long."""


@dataclass(slots=True)
class Cib:
    """What Pacemaker at this site has been told about the ticket."""

    known: bool = False
    """Whether it has been read."""
    maybe_granted: bool = False
    """Whether it may have the ticket granted: from before a grant is written until after a revoke was."""
    outdated: bool = False
    """Whether it is to be told something new."""
    taken: tuple[bool, int, int] | None = None
    """What it took last: granted, owner, term."""
    running: WriteCib | None = None
    loading: int | None = None
    retry_at_ms: int | None = None
    failures: int = 0


@dataclass(slots=True)
class Attribute:
    """A geostore attribute; ``set_us`` is 0 if Pacemaker had it when we started."""

    value: str
    set_us: int = 0


@dataclass(slots=True)
class Ticket:
    """One ticket as this member sees it. All moments are milliseconds of the monotonic clock."""

    config: TicketConfig
    state: State = State.INIT
    leader: int = UNKNOWN
    """Who holds it: a site id, ``NO_ONE`` (revoked) or ``UNKNOWN``."""
    last_leader: int = UNKNOWN
    """Who held it last, until it is revoked."""
    term: int = 0
    term_is_hint: bool = False
    """The term is from the CIB alone: nothing was promised in it."""
    voted_for: int = UNKNOWN
    """Our vote in this term; there is one at most."""
    voted_at_ms: int = 0
    spent_term: int = -1
    """The highest term that we voted in and gave up: there is no second vote in it."""
    led_term: int = -1
    """The highest term in which somebody held it; an election needs a higher one."""
    floor_term: int = 0
    """The highest term heard of from those who rejected us."""

    lease_end_ms: int = 0
    """When the leader's lease ends, as it announced it."""
    free_at_ms: int = 0
    """Before this moment no other site may have it: lease end, what a leader may be late, acquire-after."""
    leader_late_ms: int = 0
    """How much of that wait is for a leader's next timeout; 0 for leaders of our kind."""
    given_back_by: int = UNKNOWN
    """Who led last, and revoked it or stepped down: its messages from before are not believed any more."""
    wanted: bool = False
    """It was held and lost, not revoked: sites look for a new home for it."""
    fresh_until_ms: int | None = None
    """Until when we may have forgotten a promise, as this process is young: no votes for other sites."""
    asking: bool = False
    """Whether the others have been asked at start and may still answer."""
    told_of_lease: bool = False
    """Whether one of them said that there is a lease."""

    campaign_at_ms: int | None = None
    reason: Reason = Reason.NONE
    """Why the next campaign is, or the last was."""
    told_prerequisite: bool = False
    votes: dict[int, int] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)
    claim: TicketMessage | None = None
    """A rejection of our election that names a holder whose lease is valid."""
    election_ends_ms: int | None = None
    deferred: tuple[int, TicketMessage] | None = None
    """A request for our vote that can be granted soon, but not yet, and when it came."""

    confirmed: bool = False
    """As leader: whether a majority has acknowledged our lease in this term."""
    renew_at_ms: int | None = None
    resume_limit_ms: int | None = None
    """As leader after a restart on the word of the CIB alone: when a majority must have agreed."""
    announce: Command | None = None
    """What is to be told to the others as soon as Pacemaker here has revoked the ticket."""

    round: Round | None = None
    round_number: int = 0
    grant: Grant | None = None
    revokers: dict[int, Option] = field(default_factory=dict)
    """Clients that wait for the end of a revoke."""
    revoke_until_ms: int = 0
    handler: HandlerRun | None = None
    cib: Cib = field(default_factory=Cib)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    granted_at: set[int] = field(default_factory=set)
    """Manual tickets only: the sites known to hold it; there can be several."""
    counters: Counter[str] = field(default_factory=Counter)

    @property
    def manual(self) -> bool:
        """Return whether only administrators move it."""
        return self.config.mode is Mode.MANUAL

    @property
    def owned(self) -> bool:
        """Return whether a site is known to hold it."""
        return self.leader not in (UNKNOWN, NO_ONE)

    def left_ms(self, now_ms: int) -> int:
        """Return what is left of the lease, 0 or more."""
        return max(0, self.lease_end_ms - now_ms)

    @property
    def margin_ms(self) -> int:
        """Return how much earlier than announced the leader itself lets go.

        It covers clocks that run at slightly different rates and the time that Pacemaker
        takes to hear of the revoke: a twentieth of a short lease, half a second of leases
        from 10 to 50 s, a hundredth of longer ones.
        """
        long_ms = max(_MARGIN_MS, self.config.expire_ms // _MARGIN_SHARE_OF_LONG)
        return min(self.config.expire_ms // _MARGIN_SHARE, long_ms)

    @property
    def hold_end_ms(self) -> int:
        """Return when the leader lets go if its lease is not renewed."""
        return self.lease_end_ms - self.margin_ms

    @property
    def stagger_ms(self) -> int:
        """Return how far apart the sites' campaigns for a lost ticket begin."""
        return min(self.config.timeout_ms // 4, _STAGGER_MAX_MS)
