"""geostore: attributes of a ticket, kept at the site that was asked, in memory and in Pacemaker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.clock import US_PER_S
from boothlab.core.codes import Command, Result
from boothlab.core.effects import SetAttribute
from boothlab.core.messages import Header, HeaderMessage, TextMessage
from boothlab.core.ticket import Attribute

if TYPE_CHECKING:
    from boothlab.core.messages import AttributeMessage
    from boothlab.core.ticket import Ticket
    from boothlab.core.world import Turn

RESERVED: Final = frozenset(
    {"owner", "expires", "term", "booth-cfg-name", "granted", "id", "last-granted", "standby"}
)
"""What Booth and Pacemaker themselves store with a ticket: nobody else may."""
ATTRIBUTES_MAX: Final = 1024
"""Attributes of one ticket; a client must not fill the CIB."""


def handle(turn: Turn, ticket: Ticket, client: int, message: AttributeMessage) -> None:
    """Carry out a client's request about an attribute."""
    command = message.header.command
    if command == Command.ATTR_LIST:
        _text(turn, client, command, _listing(turn, ticket))
    elif command == Command.ATTR_SET:
        _result(turn, client, _set(turn, ticket, message.name, message.value))
    elif message.name not in ticket.attributes:
        _result(turn, client, Result.NO_SUCH_ATTRIBUTE)
    elif command == Command.ATTR_GET:
        _text(turn, client, command, ticket.attributes[message.name].value + "\n")
    else:
        _result(turn, client, _delete(turn, ticket, message.name))


def _listing(turn: Turn, ticket: Ticket) -> str:
    return "".join(
        f"{name} {each.value} {turn.world.local_time(each.set_us // US_PER_S) if each.set_us else ''}\n"
        for name, each in sorted(ticket.attributes.items())
    )


def _set(turn: Turn, ticket: Ticket, name: str, value: str) -> Result:
    full = name not in ticket.attributes and len(ticket.attributes) >= ATTRIBUTES_MAX
    if not storable(name) or full or not turn.world.is_site:
        return Result.SYNC_FAIL
    ticket.attributes[name] = Attribute(value, turn.now.wall_us)
    turn.emit(SetAttribute(ticket.config.name, name, value))
    return Result.SUCCESS


def _delete(turn: Turn, ticket: Ticket, name: str) -> Result:
    del ticket.attributes[name]
    turn.emit(SetAttribute(ticket.config.name, name, None))
    return Result.SUCCESS


def storable(name: str) -> bool:
    """Return whether a name can be an XML attribute's, and is not one that Booth needs itself."""
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return (
        name not in RESERVED
        and plain.isalnum()
        and plain.isascii()
        and not name[0].isdigit()
        and name[0] not in "-."
    )


def _result(turn: Turn, client: int, result: Result) -> None:
    turn.answer(client, HeaderMessage(Header(Command.RESULT, turn.me, result=result)))


def _text(turn: Turn, client: int, command: int, text: str) -> None:
    turn.answer(client, TextMessage(Header(command, turn.me), text.encode()))
