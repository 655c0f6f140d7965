"""What every client needs: the configuration, the key, who we are, and whom to ask."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.core.codes import Result, code_text
from boothlab.core.config.local_member import find_member
from boothlab.core.config.model import Role
from boothlab.core.messages import Header
from boothlab.core.wire import WireError, encode
from boothlab.daemon.client import replies
from boothlab.daemon.client.connection import Connection, Deadline
from boothlab.daemon.client.errors import NO_SUCH_SITE, ClientError
from boothlab.daemon.config_file import addresses_of

if TYPE_CHECKING:
    from boothlab.core.codes import Command
    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.core.messages import Message
    from boothlab.daemon.client.output import Speaker
    from boothlab.daemon.client.replies import Reply

ANSWER_LIMIT_S: Final = 120.0
"""How long a client waits in all, unless it was told to wait. A C daemon that is busy with
``crm_ticket`` answers nobody meanwhile."""
_NS_PER_US: Final = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """A client at work."""

    config: Config
    key: bytes | None
    me: MemberConfig | None
    """The member of this machine, or of its network; None where there is none."""
    say: Speaker

    def header(self, command: Command, options: int = 0) -> Header:
        """Return a request's header."""
        return Header(command, sender=self.me.id if self.me else 0, options=options)

    def encode(self, message: Message) -> bytes:
        """Return a request as bytes, signed now.

        Raises:
            ClientError: a name or value cannot be sent.
        """
        try:
            return encode(message, key=self.key, stamp_us=time.time_ns() // _NS_PER_US)
        except WireError as error:
            raise ClientError(str(error)) from None

    def ask(self, member: MemberConfig, message: Message) -> Reply:
        """Return the one reply to a request.

        Raises:
            ClientError: there is none, or not in time, or it cannot be trusted.
        """
        with Connection(member, Deadline(ANSWER_LIMIT_S)) as connection:
            connection.send(self.encode(message))
            return replies.decode(connection.receive(), member.address, self.key)

    def member(self, name: str | None) -> MemberConfig:
        """Return whom to ask: the member that ``-s`` names, else the local one.

        Raises:
            ClientError: there is no such member.
        """
        found = self.local() if name is None else self._named(name)
        if found is None:
            raise ClientError(f'cannot find site "{name}"', NO_SUCH_SITE)
        return found

    def site(self, name: str | None, refusal: str) -> MemberConfig:
        """Return a member that can hold tickets; ``refusal`` tells what arbitrators do not.

        Raises:
            ClientError: there is no such member, or it is an arbitrator.
        """
        found = self.local() if name is None else self._named(name)
        if found is None:
            raise ClientError(f'Site "{name}" not configured.')
        if found.role is Role.SITE:
            return found
        if found == self.me:
            raise ClientError(f"We're just an arbitrator, {refusal} here.")
        raise ClientError(f"{found.address} is just an arbitrator, {refusal} there.")

    def local(self) -> MemberConfig:
        """Return the local member.

        Raises:
            ClientError: none of this machine's addresses belongs to one.
        """
        if self.me is None:
            raise ClientError("Cannot find myself in the configuration. Name a member with -s.")
        return self.me

    def _named(self, name: str) -> MemberConfig | None:
        return find_member(self.config, name, local=self.me, lookup=addresses_of)

    def ticket(self, name: str | None) -> str:
        """Return the ticket's name; None stands for the only configured one.

        Raises:
            ClientError: it must be named.
        """
        names = [each.name for each in self.config.tickets] if name is None else [name]
        if len(names) != 1 or not names[0]:
            raise ClientError("No ticket given.")
        return names[0]


def failure(result: int, ticket: str, attribute: str = "") -> str:
    """Return what an error means, in words."""
    texts: dict[int, str] = {
        Result.INVALID_ARGUMENT: f'ticket "{ticket}" does not exist',
        Result.NO_SUCH_ATTRIBUTE: f'attribute "{attribute}" not set',
        Result.AUTHENTICATION: "authentication error",
        Result.HANDLER_FAILED: f'before-acquire-handler for ticket "{ticket}" failed, grant denied',
        Result.PREREQUISITE_FAILED: f'attr-prereq for ticket "{ticket}" failed, grant denied',
    }
    return texts.get(result, f"got an error code: {code_text(result)}")
