"""Manual tickets: only administrators move them. No elections, no lease, no majority.

Two sites can hold one, if an administrator wills it (``grant -F``) or cannot know better; each
member keeps account of all holders, so that everybody who lists tickets is warned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import announce, leading, rounds
from boothlab.core.codes import NO_ONE, UNKNOWN, Command
from boothlab.core.notes import Code, State
from boothlab.core.transitions import let_go, quit_all

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def take(turn: Turn, ticket: Ticket, *, at_once: bool) -> None:
    """Hold the ticket from here on.

    Args:
        turn: This step.
        ticket: The ticket.
        at_once: Tell Pacemaker without waiting for a majority: the administrator insists.
    """
    quit_all(turn, ticket)
    ticket.state = State.LEADER
    ticket.leader = ticket.last_leader = turn.me
    ticket.granted_at.add(turn.me)
    ticket.wanted = True
    ticket.lease_end_ms = turn.mono_ms
    ticket.confirmed = at_once
    leading.heartbeat(turn, ticket)
    if at_once:
        turn.note(Code.GRANTED_HERE, ticket)
        leading.commit(turn, ticket)


def resume(turn: Turn, ticket: Ticket) -> None:
    """Hold it again after a restart: Pacemaker here still has it granted."""
    turn.note(Code.RESUMING, ticket)
    take(turn, ticket, at_once=True)


def on_heartbeat(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A site says that it holds the ticket: follow it, unless we hold it as well."""
    sender = message.header.sender
    if message.leader != sender or sender not in turn.world.site_ids():
        turn.note(Code.UNEXPECTED_MESSAGE, ticket, command="HrtB", site=turn.world.name_of(sender))
        return
    ticket.granted_at.add(sender)
    if ticket.state is State.LEADER:
        turn.note(Code.HELD_THERE_AS_WELL, ticket, site=turn.world.name_of(sender))
        if announce.round_of(message.header.options) is not None:  # of our kind; it may just have started
            rounds.reply(turn, ticket, message, Command.MY_INDEX)
        return
    if ticket.leader != sender:
        turn.note(Code.GRANTED_AT, ticket, leader=turn.world.name_of(sender))
    ticket.state, ticket.leader, ticket.last_leader = State.FOLLOWER, sender, sender
    ticket.term = max(ticket.term, message.term)
    rounds.reply(turn, ticket, message, Command.ACK)


def on_revoke(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A site gave the ticket back. Others may hold it still."""
    sender = message.header.sender
    ticket.granted_at.discard(sender)
    if ticket.leader == sender:
        turn.note(Code.REVOKES, ticket, site=turn.world.name_of(sender))
        let_go(turn, ticket, State.INIT, NO_ONE)
        _follow_another(ticket)
    rounds.reply(turn, ticket, message, Command.ACK)
    if ticket.state is State.LEADER:
        leading.heartbeat(turn, ticket)


def _follow_another(ticket: Ticket) -> None:
    """Believe in another holder, if one is left."""
    other = next(iter(sorted(ticket.granted_at)), UNKNOWN)
    if other != UNKNOWN:
        ticket.state, ticket.leader = State.FOLLOWER, other
