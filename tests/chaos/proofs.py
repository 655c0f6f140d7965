"""Which broken daemon is caught where, and by which checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Proof:
    """A broken daemon, and what the suite must say about it."""

    broken: str
    """A module of ``broken``."""
    at: str
    """The members that run it; the others are well."""
    scenario: str
    checker: str
    always: bool = False
    """Whether it is among those that `make test` plays, too."""


PROOFS: Final = (
    Proof("one_is_a_majority", "A", "split_leader", "lost-majority"),
    Proof("one_is_a_majority", "B", "split_follower", "exclusive-grants", always=True),
    Proof("forgets_the_lease", "A", "split_leader", "exclusive-grants"),
    Proof("has_no_lease_guard", "A", "paused_leader", "lost-majority"),
    Proof("ignores_acquire_after", "ABC", "split_leader", "acquire-after"),
    Proof("promises_anything", "C", "split_edge", "exclusive-grants"),
    Proof("commits_at_once", "A", "grant_site_lost", "grant-delay", always=True),
    Proof("commits_at_once", "A", "grant_after_memory_loss", "exclusive-grants"),
    Proof("votes_twice", "C", "rival_grants", "one-leader-per-term", always=True),
    Proof("restarts_terms", "ABC", "planned_move", "one-leader-per-term"),
    Proof("believes_the_last_word", "B", "late_heartbeats", "terms-rise"),
    Proof("runs_as_arbitrator", "C", "split_leader", "arbitrators-never-hold"),
    Proof("forgets_that_it_revoked", "A", "revoke", "revoke-sticks", always=True),
    Proof("revokes_in_words_only", "A", "revoke", "revoke-sticks"),
    Proof("dies_of_a_revoke", "B", "revoke", "no-daemon-died", always=True),
    Proof("grants_manual_tickets_twice", "B", "manual_ticket", "manual-tickets"),
    Proof("warns_of_nothing", "C", "manual_ticket", "manual-tickets"),
    Proof("ignores_the_handler", "A", "external_prog_failed", "handlers-gate"),
    Proof("ignores_the_handler", "B", "failover_to_a_site_whose_handler_fails", "handlers-gate"),
    Proof("ignores_prerequisites", "A", "attr_prereq_fail", "prerequisites-gate", always=True),
    Proof("accepts_any_signature", "C", "packets_with_another_key", "authenticity"),
    Proof("accepts_copies", "B", "replayed_packets", "authenticity"),
    Proof("lists_the_first_leader", "C", "split_leader", "agreement"),
    Proof("waits_too_long", "B", "failover", "failover"),
)
