"""``booth list`` and ``booth peers``: the daemon writes the text, the client shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.codes import UNKNOWN, Command
from boothlab.core.messages import TextMessage, TicketMessage
from boothlab.daemon.client.errors import ReplyError
from boothlab.daemon.client.output import harmless, tell, tell_json
from boothlab.daemon.client.session import failure

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig
    from boothlab.daemon.arguments import ClientOptions
    from boothlab.daemon.client.session import Session

_COMMANDS: Final = {"list": Command.LIST, "peers": Command.PEERS}


def show(session: Session, options: ClientOptions) -> int:
    """Print what a member knows of tickets or peers; return the exit code.

    Raises:
        ClientError: there is no such member, or no usable answer from it.
    """
    member = session.member(options.site)
    text = harmless(_text(session, member, _COMMANDS[options.operation]))
    if options.json:
        tell_json(_as_json(options.operation, member, text))
    else:
        tell(text)
    return 0


def _text(session: Session, member: MemberConfig, command: Command) -> bytes:
    reply = session.ask(member, TicketMessage(session.header(command), "", leader=UNKNOWN))
    if reply.header.result:
        raise ReplyError(failure(reply.header.result, ""))
    if not isinstance(reply, TextMessage):
        raise ReplyError(f"{member.address} sent no list")
    return reply.text


def _as_json(operation: str, member: MemberConfig, text: str) -> dict[str, object]:
    from boothlab.daemon.client import as_json  # noqa: PLC0415 - not everybody wants it

    parsed = {"list": as_json.tickets, "peers": as_json.peers}[operation](text)
    return {"site": member.address, **parsed}
