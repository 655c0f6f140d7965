"""Arbitrators only vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.findings import Findings
from boothlab.core.config.model import Role
from boothlab.history.observations import BoothView, CibView, CibWrite
from boothlab.history.records import Origin, Packet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class ArbitratorsNeverHold:
    """No arbitrator holds a ticket, is named as its leader, or runs for it."""

    name: str = "arbitrators-never-hold"
    says: str = "An arbitrator never holds a ticket, and nobody takes it for the leader."

    def check(self, history: History, _context: Context) -> Verdict:
        """Look for an arbitrator wherever a leader is named."""
        findings = Findings()
        arbitrators = {each.name for each in history.header.members if each.role is Role.ARBITRATOR}
        for named, ticket, index in _named(history) if arbitrators else ():
            findings.cases += 1
            if named in arbitrators:
                findings.prove(f"the arbitrator {named} was taken for the leader of {ticket}", (index,))
        return findings.verdict("No arbitrator held a ticket.", "There was no arbitrator, or no leader.")


def _named(history: History) -> Iterator[tuple[str, str, int]]:
    for view in history.of(BoothView):
        if view.leader is not None:
            yield view.leader, view.ticket, view.index
    told: tuple[CibView | CibWrite, ...] = (*history.of(CibView), *history.of(CibWrite))
    for each in told:
        if each.granted:
            yield each.site, each.ticket, each.index
        if each.owner is not None:
            yield each.owner, each.ticket, each.index
    for packet in history.of(Packet):
        if packet.origin is Origin.MEMBER:
            yield packet.leader, packet.ticket, packet.index
            if packet.command in ("RVot", "HrtB", "UpdE"):
                yield packet.sender, packet.ticket, packet.index
