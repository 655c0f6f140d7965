"""Clients: one request each over TCP, and all that comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boothlab.core.codes import Command, Result
from boothlab.core.wire import HEADER_SIZE, HMAC_SIZE, decode_header, decode_text, decode_ticket

if TYPE_CHECKING:
    from boothlab.core.messages import Header, TicketMessage


@dataclass(slots=True)
class Client:
    """A client and its connection."""

    number: int
    at: str
    """Whom it asked."""
    asked_us: int
    signed: bool
    answers: list[bytes] = field(default_factory=list)
    closed_us: int | None = None
    """When the connection ended, by a final answer, with the process or by the client."""
    left: bool = False
    """Whether the client ended it."""

    @property
    def headers(self) -> list[Header]:
        return [decode_header(data)[0] for data in self.answers]

    @property
    def results(self) -> list[Result]:
        """Return all results so far, in order."""
        return [Result(header.result) for header in self.headers]

    @property
    def result(self) -> Result | None:
        """Return the final result, once the connection was closed after an answer."""
        return self.results[-1] if self.answered else None

    @property
    def answered(self) -> bool:
        """Return whether the daemon has said its last word."""
        return self.closed_us is not None and bool(self.answers) and self.results[-1] != Result.MORE

    @property
    def text(self) -> str:
        """Return the text of an answered list, peers or get."""
        assert self.headers[-1].command in {Command.LIST_REPLY, Command.ATTR_GET, Command.ATTR_LIST}
        return decode_text(self.answers[-1], signed=self.signed).text.decode()

    @property
    def ticket(self) -> TicketMessage:
        """Return the last answer of a grant or revoke."""
        assert len(self.answers[-1]) > HEADER_SIZE + HMAC_SIZE
        return decode_ticket(self.answers[-1])
