"""``booth grant`` and ``booth revoke``: ask, follow redirects, wait for the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.core.codes import UNKNOWN, Command, Option, Result
from boothlab.core.messages import TicketMessage
from boothlab.daemon.client import replies
from boothlab.daemon.client.connection import Connection, Deadline
from boothlab.daemon.client.errors import FAILED, ClientError, LateError, ReplyError, UnverifiedError
from boothlab.daemon.client.session import ANSWER_LIMIT_S, failure

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig
    from boothlab.daemon.arguments import ClientOptions
    from boothlab.daemon.client.replies import Reply
    from boothlab.daemon.client.session import Session

_COMMANDS: Final = {"grant": Command.GRANT, "revoke": Command.REVOKE}
_REDIRECTS_MAX: Final = 5
"""A ticket may move while it is looked for, but not that often."""
_INTERIM_MAX: Final = 3
"""The message that says once too often that it takes longer."""
_GIVING_UP: Final = (
    'Giving up on waiting for the definite result. Please use "booth list" later to see the outcome.'
)
_OVERGRANT: Final = (
    "You're granting a granted ticket. If you wanted to migrate a ticket, use revoke first, then use grant."
)
_ASYNC: Final = (
    'command sent, result will be returned asynchronously. Please use "booth list" to see the outcome.'
)


def request(session: Session, options: ClientOptions) -> int:
    """Ask for a grant or a revoke, and tell the outcome; return the exit code.

    Raises:
        ClientError: it cannot be asked for, or the outcome will not be known.
    """
    member = session.site(options.site, "cannot grant/revoke tickets")
    asked = _Asked(session, options.operation, session.ticket(options.ticket), options.options)
    try:
        return _follow(session, asked, member)
    except KeyboardInterrupt:
        session.say.warning('interrupted; the request may still be carried out, "booth list" shows it')
        raise


def _follow(session: Session, asked: _Asked, member: MemberConfig) -> int:
    for _ in range(_REDIRECTS_MAX):
        reply = asked.outcome(member)
        if reply is None or reply.header.result != Result.REDIRECT:
            return asked.tell(reply)
        member = _leader(session, reply)
        session.say.debug(f"redirected to {member.address}")
    raise ReplyError(f"redirected {_REDIRECTS_MAX} times, at last to {member.address}")


def _leader(session: Session, reply: Reply) -> MemberConfig:
    number = reply.leader if isinstance(reply, TicketMessage) else UNKNOWN
    found = session.config.member(number)
    if found is None:
        raise ReplyError(f"Message with unknown redirect site {number:x} received")
    return found


class _Asked:
    """A request for a ticket, sent to one member after the other until one takes it."""

    def __init__(self, session: Session, operation: str, ticket: str, options: Option) -> None:
        self._say = session.say
        self._session = session
        self._operation = operation
        self._ticket = ticket
        self._waits = bool(options & Option.WAIT)
        self._deadline = Deadline(None if self._waits else ANSWER_LIMIT_S)
        self._waits_for_commit = bool(options & Option.WAIT_COMMIT)
        self._header = session.header(_COMMANDS[operation], options)
        self._told: set[str] = set()
        self._interim = 0

    def outcome(self, member: MemberConfig) -> Reply | None:
        """Return a member's last word; None if it does not come in time, but is still awaited there."""
        with Connection(member, self._deadline) as connection:
            connection.send(self._session.encode(TicketMessage(self._header, self._ticket, leader=UNKNOWN)))
            try:
                return self._last_reply(connection)
            except LateError:
                if not self._interim:
                    raise
                return None

    def tell(self, reply: Reply | None) -> int:
        """Tell the outcome; return the exit code."""
        if reply is None:
            self._say.info(_GIVING_UP)
            return 0
        match reply.header.result:
            case Result.SUCCESS | Result.SYNC_SUCCESS:
                self._say.info(f"{self._operation} succeeded!")
            case Result.CIB_PENDING:
                self._tell_pending()
            case Result.TICKET_IDLE:
                self._say.info("ticket is not owned")
            case Result.ASYNC:
                self._say.info(f"{self._operation} {_ASYNC}")
            case Result.OVERGRANT:
                self._say.info(_OVERGRANT)
                return FAILED
            case Result.SYNC_FAIL:
                self._say.info(f"{self._operation} failed!")
                return FAILED
            case result:
                raise ClientError(failure(result, self._ticket))
        return 0

    def _last_reply(self, connection: Connection) -> Reply | None:
        while True:
            reply = self._reply(connection)
            if not self._is_interim(reply.header.result):
                return reply
            self._interim += 1
            if self._interim == _INTERIM_MAX and not self._waits:
                return None
            self._tell_interim(reply.header.result)

    def _reply(self, connection: Connection) -> Reply:
        try:
            return replies.decode(connection.receive(), connection.address, self._session.key)
        except UnverifiedError as error:
            if error.result == Result.AUTHENTICATION:
                raise ReplyError(failure(error.result, self._ticket)) from None
            raise

    def _is_interim(self, result: int) -> bool:
        return result == Result.MORE or (result == Result.CIB_PENDING and self._waits_for_commit)

    def _tell_interim(self, result: int) -> None:
        if result == Result.MORE:
            self._once(f"{self._operation} request sent, waiting for the result ...")
        else:
            self._tell_pending()
            self._once("waiting for the CIB commit ...")

    def _tell_pending(self) -> None:
        self._once(f"{self._operation} succeeded (CIB commit pending)")

    def _once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._say.info(text)
