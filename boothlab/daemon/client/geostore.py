"""``geostore``: attributes of a ticket, kept by one site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.codes import Command
from boothlab.core.messages import AttributeMessage, TextMessage
from boothlab.daemon.client.errors import ClientError, ReplyError
from boothlab.daemon.client.output import harmless, tell
from boothlab.daemon.client.session import failure

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig
    from boothlab.daemon.arguments import GeostoreOptions
    from boothlab.daemon.client.session import Session

_COMMANDS: Final = {
    "set": Command.ATTR_SET,
    "get": Command.ATTR_GET,
    "list": Command.ATTR_LIST,
    "delete": Command.ATTR_DELETE,
}
_READS: Final = ("get", "list")


def request(session: Session, options: GeostoreOptions) -> int:
    """Set, get, list or delete attributes; return the exit code.

    Raises:
        ClientError: it cannot be done; the text says why.
    """
    member = _keeper(session, options)
    ticket = session.ticket(options.ticket)
    header = session.header(_COMMANDS[options.operation])
    reply = session.ask(member, AttributeMessage(header, ticket, options.name, options.value))
    if reply.header.result:
        raise ClientError(failure(reply.header.result, ticket, options.name))
    if options.operation == "set":
        session.say.info("set succeeded!")
    if options.operation in _READS:
        if not isinstance(reply, TextMessage):
            raise ReplyError(f"{member.address} sent no attribute")
        tell(harmless(reply.text))
    return 0


def _keeper(session: Session, options: GeostoreOptions) -> MemberConfig:
    if options.operation in _READS:
        return session.member(options.site)
    return session.site(options.site, "no attributes")
