"""What a member has to tell its administrator: a stable code, and fields.

The texts are the words that operators of ClusterLabs booth grep for, where it has the
same thing to say. Nothing depends on a note; tests use its code as proof of a branch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Level(Enum):
    """How serious a note is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class State(Enum):
    """What a member does about a ticket; the value is its name in the log."""

    INIT = "Init"
    FOLLOWER = "Fllw"
    CANDIDATE = "Cndi"
    LEADER = "Lead"


class Code(Enum):
    """Every note there is: its level and its text, with fields in braces."""

    def __init__(self, level: Level, text: str) -> None:
        self.level = level
        self.text = text

    # Grants and revokes.
    GRANTING = (Level.INFO, "granting ticket")
    GRANTING_AT_ONCE = (Level.WARNING, "granting ticket immediately: no site is waited for")
    GRANTED_HERE = (Level.INFO, "granted successfully here")
    GRANTED_AT = (Level.INFO, "ticket granted at {leader}")
    GRANT_CANCELLED = (Level.INFO, "revoked before it was granted: the grant is cancelled")
    GRANT_GIVEN_UP = (
        Level.WARNING,
        "giving up on the grant: it found no majority, or Pacemaker did not take it",
    )
    DELAYING_COMMIT = (
        Level.INFO,
        "delaying ticket commit to CIB for {seconds:.3f} (or all sites are reached)",
    )
    DELAY_EXPIRED = (Level.INFO, "ticket delay expired, committing to CIB")
    ALL_SITES_REPLIED = (Level.INFO, "all sites replied, committing to CIB")
    REVOKING = (Level.INFO, "revoking ticket")
    REVOKES = (Level.INFO, "{site} revokes ticket")
    REVOKE_NOT_GRANTED = (
        Level.ERROR,
        "{site} wants to revoke ticket, but it is not granted there (ignoring)",
    )

    # Elections.
    STARTING_ELECTION = (Level.INFO, "starting new election (term={term})")
    NOBODY_WON = (Level.INFO, "nobody won elections, new elections")
    VOTE_CHANGED = (Level.WARNING, "{site} votes for somebody else now (ignoring)")
    CANDIDATE_STATUS_LOST = (Level.DEBUG, "candidate status lost, ignoring VtFr from {site}")
    REJECTING_ELECTION = (Level.WARNING, "election from {site} with reason {reason} rejected ({why})")
    ELECTION_REJECTED = (Level.INFO, "{site} rejects our election")
    GRANTED_ELSEWHERE = (Level.WARNING, "ticket was granted to {leader} (and we didn't know), says {site}")
    OUTDATED_AND_REVOKED = (Level.WARNING, "our ticket is outdated and revoked, says {site}")
    UNEXPECTED_REJECT = (Level.DEBUG, "unexpected reject from {site}")

    # Leases.
    LOST_AT = (Level.WARNING, "lost at {leader}")
    LOST_MAJORITY = (Level.WARNING, "lost majority (revoking locally)")
    GRANTED_ELSEWHERE_TOO = (Level.ERROR, "from {site}: ticket granted there too! (revoking locally)")
    HELD_THERE_AS_WELL = (Level.WARNING, "{site} has the ticket as well: revoke it at one of the sites")
    REJECTED_AS_LEADER = (Level.WARNING, "{site} knows of a newer leader (revoking locally)")
    LOWER_TERM = (Level.WARNING, "{site} has a lower term ({theirs} vs {ours}), sending reject")
    DIFFERENT_LEADER = (Level.WARNING, "different leader {site} within a lease, sending reject")
    TICKET_RELEASE = (Level.INFO, "{site} wants to give the ticket away (ticket release)")
    VOTES_FOR_NONE = (Level.INFO, "{site} votes for none, ignoring (duplicate ticket release?)")
    NO_ACKNOWLEDGEMENT = (
        Level.WARNING,
        "{role} {site} didn't acknowledge our {command}, will retry {retries} times",
    )
    GIVING_UP_RETRIES = (Level.INFO, "giving up on sending retries")

    # Start.
    RESUMING = (Level.INFO, "granted here before the restart, going on with the lease")
    UPDATING_FROM = (Level.INFO, "updating from {site} (term {term})")
    GRANTED_BUT_NOT_OURS = (Level.WARNING, "granted here, but not valid anymore (revoking)")
    CIB_LOAD_FAILED = (Level.ERROR, "cannot read the ticket from Pacemaker, trying again: {error}")
    CIB_WRITE_FAILED = (Level.ERROR, "cannot tell Pacemaker, trying again: {error}")

    # Handler and attributes.
    HANDLER_FAILED = (Level.WARNING, 'handler "{name}" failed: exit code {status}')
    HANDLER_NOT_RUN = (Level.ERROR, "couldn't run external test, not allowed to acquire ticket: {error}")
    HANDLER_TIMED_OUT = (Level.WARNING, "handler timed out")
    NOT_ALLOWED = (Level.WARNING, "we are not allowed to acquire ticket")
    PREREQUISITE_FAILED = (Level.WARNING, "'{name}' attr-prereq failed")

    # Messages that are good for nothing.
    UNKNOWN_SENDER = (Level.WARNING, "unknown sender: {sender} (real: {source})")
    RECEIVE_ERROR = (Level.WARNING, "message from {site} receive error: {reason}")
    PEER_NOT_AUTHENTIC = (Level.WARNING, "{site} failed to authenticate: {reason}")
    INVALID_MESSAGE = (Level.WARNING, "message from {site} is invalid: {reason}")
    UNEXPECTED_ATTRIBUTE = (Level.WARNING, "unexpected attribute message from {site}")
    UNEXPECTED_MESSAGE = (Level.WARNING, "unexpected message {command}, from {site}")
    UNKNOWN_MESSAGE = (Level.ERROR, "unknown message {command}, from {site}")
    CLIENT_NOT_AUTHENTIC = (Level.WARNING, "client failed to authenticate: {reason}")
    CLIENT_MALFORMED = (Level.WARNING, "malformed request from a client: {reason}")
    CLIENT_UNKNOWN_TICKET = (Level.WARNING, "client referred to unknown ticket {name}")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened, for the log and for tests."""

    code: Code
    fields: Mapping[str, object] = field(default_factory=dict)
    ticket: str = ""
    """The ticket it is about; empty for the member as a whole."""
    state: State | None = None
    term: int = 0
    left_ms: int = 0
    """What is left of the lease."""

    @property
    def text(self) -> str:
        """Return the text with its fields, as the log has it after the ticket's prefix."""
        return self.code.text.format(**self.fields)

    def __str__(self) -> str:
        """Return the line as ClusterLabs booth writes it: ``ticketA (Lead/5/19999): ...``."""
        if not self.ticket or self.state is None:
            return self.text
        return f"{self.ticket} ({self.state.value}/{self.term}/{self.left_ms}): {self.text}"
