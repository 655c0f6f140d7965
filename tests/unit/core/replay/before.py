"""What a member has been through before a play begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.codes import NO_ONE, Command, Reason
from boothlab.core.messages import Header, TicketMessage

if TYPE_CHECKING:
    from unit.core.replay.stage import Stage

_CLIENT: Final = -1


def idle(stage: Stage, t: float) -> None:
    """It has been running for a minute, with all others, and nobody has the ticket."""
    stage.agreeable = True
    stage.start(t - 60)
    stage.until(t)
    stage.agreeable = False


def led(stage: Stage, t: float, *, term: int = 0) -> None:
    """It was granted the ticket at ``t``, in this term."""
    if term:
        other, begun, ended = _other_site(stage), t - 10, t - 9.9
        followed(stage, begun, leader=other, term=term - 1)
        _hear(stage, ended, other, Command.REVOKED, term - 1, leader=NO_ONE, reason=Reason.ADMIN)
    else:
        idle(stage, t)
    stage.agreeable = True
    stage.ask(t, _CLIENT, TicketMessage(Header(Command.GRANT, stage.me.id), _ticket(stage), leader=0))
    stage.agreeable = False


def followed(stage: Stage, t: float, *, leader: int, term: int = 0) -> None:
    """Another site was voted for and granted the ticket at ``t``, in this term; ``leader`` is its site id."""
    idle(stage, t - 0.001)
    _hear(stage, t - 0.001, leader, Command.REQUEST_VOTE, term, leader=leader, reason=Reason.ADMIN)
    valid = stage.config.tickets[0].expire_ms - 1
    _hear(stage, t, leader, Command.HEARTBEAT, term, leader=leader, valid=valid)
    _hear(stage, t + 0.001, leader, Command.UPDATE, term, leader=leader, valid=valid)


def revoked(stage: Stage, t: float, *, term: int = 0) -> None:
    """It was granted the ticket in this term, and that was revoked at ``t``."""
    led(stage, t - 1, term=term)
    stage.agreeable = True
    stage.ask(t, _CLIENT - 1, TicketMessage(Header(Command.REVOKE, stage.me.id), _ticket(stage), leader=0))
    stage.agreeable = False


def candidate(stage: Stage, t: float) -> None:
    """It was asked for a grant at ``t``, and nobody has answered yet."""
    idle(stage, t)
    stage.ask(t, _CLIENT, TicketMessage(Header(Command.GRANT, stage.me.id), _ticket(stage), leader=0))


def _hear(  # noqa: PLR0913 - a message has that many parts
    stage: Stage,
    t: float,
    sender: int,
    command: Command,
    term: int,
    *,
    leader: int,
    valid: int = 0,
    reason: Reason = Reason.NONE,
) -> None:
    header = Header(command, sender, reason=reason)
    stage.hear(t, TicketMessage(header, _ticket(stage), leader, term, valid))


def _ticket(stage: Stage) -> str:
    return stage.config.tickets[0].name


def _other_site(stage: Stage) -> int:
    return next(site.id for site in stage.config.sites if site.id != stage.me.id)
