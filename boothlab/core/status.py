"""Asking each other at start, and what is believed of the answers.

A leader is believed about its own lease. What others say about it only makes us wait: it
never makes anybody a leader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.core import campaign, cib, following, leading, rounds
from boothlab.core.codes import NO_ONE, UNKNOWN, Command, Reason
from boothlab.core.notes import Code, State
from boothlab.core.transitions import plan_campaign

if TYPE_CHECKING:
    from boothlab.core.messages import TicketMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn


def ask(turn: Turn, ticket: Ticket) -> None:
    """Ask all others how they see the ticket."""
    ticket.asking = True
    rounds.begin(turn, ticket, Command.STATUS)
    if not turn.world.peers:
        everybody_answered(turn, ticket)


def on_status(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member that has just started asks: answer, whatever we are about."""
    rounds.reply(turn, ticket, message, Command.MY_INDEX)


def on_index(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A member says how it sees the ticket."""
    _learn(turn, ticket, message)
    if ticket.round is None or not rounds.matches(ticket, message):
        return
    ticket.round.answered.add(message.header.sender)
    # Also of one that is announced as 0: less than a second of it may be left.
    ticket.told_of_lease |= message.leader in turn.world.site_ids()
    if ticket.round.answered > turn.world.peers.keys():
        everybody_answered(turn, ticket)


def everybody_answered(turn: Turn, ticket: Ticket) -> None:
    """All others have told what they know: we have forgotten nothing, unless there is a lease.

    Then an acknowledgement of ours may still be on its way to the leader, and make its lease
    longer than it knew when it answered.
    """
    if not ticket.told_of_lease:
        ticket.fresh_until_ms = None
    ticket.round = None
    if ticket.asking:
        asking_over(turn, ticket)


def _asks(ticket: Ticket) -> bool:
    return ticket.round is not None and ticket.round.command is Command.STATUS


def asking_over(turn: Turn, ticket: Ticket) -> None:
    """Enough answers, or enough waiting: see about a ticket that nobody holds."""
    ticket.asking = False
    if (
        ticket.wanted
        and not ticket.owned
        and ticket.campaign_at_ms is None
        and ticket.state is State.FOLLOWER
    ):
        mine = ticket.last_leader == turn.me
        plan_campaign(turn, ticket, Reason.REACQUIRE if mine else Reason.TICKET_LOST)


def _learn(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """Take over what a status answer says, as far as it is to be believed."""
    sender, leader = message.header.sender, message.leader
    if ticket.manual:
        _learn_manual(turn, ticket, message)
        return
    if message.valid == 0 or leader not in turn.world.site_ids() or leader == turn.me:
        ticket.floor_term = max(ticket.floor_term, message.term)
        return
    if message.term < ticket.term and not (sender == leader and campaign.abandon(turn, ticket, message)):
        return
    if following.is_overtaken(ticket, message) or (
        ticket.leader == NO_ONE and message.term <= ticket.led_term
    ):
        return  # from before the revoke
    if ticket.leader == turn.me and ticket.state is State.LEADER:
        if sender == leader and message.term > ticket.term:
            leading.dethroned(turn, ticket, Code.GRANTED_ELSEWHERE_TOO, sender)
            following.follow(turn, ticket, message)
        return
    if sender == leader or not ticket.left_ms(turn.mono_ms):
        _believe(turn, ticket, message)


def _believe(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    if ticket.state is State.CANDIDATE and message.header.sender != message.leader:
        return  # the votes decide
    if ticket.leader != message.leader:
        turn.note(
            Code.UPDATING_FROM, ticket, site=turn.world.name_of(message.header.sender), term=message.term
        )
    following.follow(turn, ticket, message)
    if ticket.cib.maybe_granted:
        cib.tell(turn, ticket)


def _learn_manual(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """A manual ticket's holder says so itself; it has no lease."""
    sender = message.header.sender
    if message.leader != sender or sender not in turn.world.site_ids():
        return
    ticket.granted_at.add(sender)
    if ticket.leader == UNKNOWN and ticket.state is not State.LEADER:
        ticket.state, ticket.leader = State.FOLLOWER, sender


def ask_again(turn: Turn, ticket: Ticket) -> None:
    """Some have not answered in time: go on without them, but keep asking for a while."""
    if ticket.asking:
        asking_over(turn, ticket)
    if ticket.round is None or not _asks(ticket):
        return
    if ticket.round.tries < ticket.config.retries:
        rounds.resend(turn, ticket)
    else:
        ticket.round = None
