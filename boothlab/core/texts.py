"""What ``booth list`` and ``booth peers`` print: the daemon writes it, the client shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import cib
from boothlab.core.clock import US_PER_S
from boothlab.core.codes import NO_ONE, UNKNOWN

if TYPE_CHECKING:
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def tickets(turn: Turn, all_tickets: list[Ticket]) -> bytes:
    """Return the answer to ``list``: a line a ticket, then the warnings."""
    lines = [_line(turn, ticket) for ticket in all_tickets]
    warnings = [_warning(turn, ticket) for ticket in all_tickets if len(ticket.granted_at) > 1]
    return "".join([*lines, *warnings]).encode()


def leader_text(turn: Turn, leader: int) -> str:
    """Return a leader as booth prints it: an address, ``none`` (revoked) or ``NONE`` (unknown)."""
    return {NO_ONE: "none", UNKNOWN: "NONE"}.get(leader) or turn.world.name_of(leader)


def _line(turn: Turn, ticket: Ticket) -> str:
    text = f"ticket: {ticket.config.name}, leader: {leader_text(turn, ticket.leader)}"
    if ticket.owned:
        text += f", expires: {_expires(turn, ticket)}"
    if ticket.manual:
        text += " [manual mode]"
    return text + "\n"


def _expires(turn: Turn, ticket: Ticket) -> str:
    if ticket.manual:
        return "INF"
    text = _moment(turn, ticket.lease_end_ms)
    grant = ticket.grant
    if ticket.leader == turn.me and grant and grant.commit_at_ms is not None and cib.delayed(turn, ticket):
        text += f" (commit pending until {_moment(turn, grant.commit_at_ms)})"
    return text


def _moment(turn: Turn, mono_ms: int) -> str:
    return turn.world.local_time(float(round(turn.now.wall_s(mono_ms))))


def _warning(turn: Turn, ticket: Ticket) -> str:
    holders = [site.address for site in turn.world.config.sites if site.id in ticket.granted_at]
    return (
        f"\nWARNING: The ticket {ticket.config.name} is granted to multiple sites: {', '.join(holders)}. "
        "Revoke the ticket from the faulty sites.\n"
    )


def peers(turn: Turn) -> bytes:
    """Return the answer to ``peers``: three lines for every other member."""
    return "".join(
        f"{peer.config.role.value:<12} {peer.config.address}, "
        f"last recv: {turn.world.local_time(peer.last_heard_us // US_PER_S)}\n"
        f"\tSent pkts:{peer.sent} error:{peer.send_errors} resends:{peer.resends}\n"
        f"\tRecv pkts:{peer.received} error:{peer.receive_errors} "
        f"authfail:{peer.auth_failures} invalid:{peer.invalid}\n\n"
        for peer in turn.world.peers.values()
    ).encode()
