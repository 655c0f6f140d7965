"""What a ticket's attributes were, as far as clients' requests tell, and whether prerequisites held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.history.records import Phase, Verb

if TYPE_CHECKING:
    from boothlab.core.config.model import Mode, Prerequisite
    from boothlab.history.calls import Call
    from boothlab.history.header import Ticket
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute may have been at one moment."""

    values: frozenset[str | None]
    """All values that are possible; None: not set."""
    evidence: tuple[int, ...]


def failing(
    history: History, ticket: Ticket, site: str, grant: Mode, during_ns: tuple[int, int]
) -> Attribute | None:
    """Return the attribute that surely failed a prerequisite all the time; None when they may have held."""
    for each in ticket.prerequisites:
        if each.grant is grant:
            known = attribute(history, ticket.name, site, each.name, during_ns)
            if not any(holds(each, value) for value in known.values):
                return known
    return None


def surely_hold(history: History, ticket: Ticket, site: str, grant: Mode, during_ns: tuple[int, int]) -> bool:
    """Return whether all prerequisites held all the time."""
    return all(
        holds(each, value)
        for each in ticket.prerequisites
        if each.grant is grant
        for value in attribute(history, ticket.name, site, each.name, during_ns).values
    )


def holds(prerequisite: Prerequisite, value: str | None) -> bool:
    """Return whether an attribute's value is as it must be."""
    return (value == prerequisite.value) is prerequisite.equal


def attribute(history: History, ticket: str, site: str, name: str, during_ns: tuple[int, int]) -> Attribute:
    """Return what an attribute may have been from a moment to another. In the beginning it is not set."""
    values: set[str | None] = {None}
    evidence: tuple[int, ...] = ()
    for call in history.calls:
        asked = call.asked
        if (asked.ticket, asked.site, asked.attribute) != (ticket, site, name) or call.began_ns > during_ns[
            1
        ]:
            continue
        if asked.verb not in (Verb.ATTR_SET, Verb.ATTR_DELETE) or call.outcome is Phase.FAIL:
            continue
        written = asked.value if asked.verb is Verb.ATTR_SET else None
        values = {written} if _settled(call, during_ns[0]) else values | {written}
        evidence = call.evidence
    return Attribute(frozenset(values), evidence)


def _settled(call: Call, by_ns: int) -> bool:
    return call.outcome is Phase.OK and call.ended_ns is not None and call.ended_ns <= by_ns
