"""A datagram's bytes as a record: what a message says, as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from boothlab.core import wire
from boothlab.core.codes import NO_ONE, UNKNOWN, code_text
from boothlab.core.identity import site_id
from boothlab.history.base import UNSET
from boothlab.history.records import Packet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Topology

SIGNED_SIZE: Final = wire.TICKET_SIZE + wire.HMAC_SIZE
"""Bytes of a signed message between members."""


@dataclass(frozen=True)
class Directory:
    """The members by what stands for them in packets."""

    addresses: Mapping[str, str]
    """Address to name."""

    @classmethod
    def of(cls, topology: Topology) -> Directory:
        """Return the members of a topology."""
        return cls({str(each.address): each.name for each in topology.members})

    def member(self, number: int) -> str:
        """Return the name of the member with this site id; nothing for nobody's."""
        return next((name for address, name in self.addresses.items() if site_id(address) == number), "")

    def leader(self, number: int) -> str:
        """Return a leader as records say it; nothing for nobody's number."""
        return {NO_ONE: "none", UNKNOWN: "NONE"}.get(number) or self.member(number)


def packet(
    data: bytes,
    directory: Directory,
    *,
    source: str,
    target: str,
    at_ns: int = UNSET,
    **more: Any,  # noqa: ANN401 - any field's
) -> Packet:
    """Return the record of a datagram.

    Args:
        data: what UDP carries.
        directory: the members.
        source: the address that it came from.
        target: the address that it goes to.
        at_ns: when it was seen, on the run's clock.
        more: other fields of the record.
    """
    sender = wire.peek_sender(data)
    bare = Packet(
        at_ns=at_ns,
        sender="" if sender is None else directory.member(sender),
        receiver=directory.addresses.get(target, ""),
        command="",
        source=source,
        size=len(data),
        signed=len(data) == SIGNED_SIZE,
        **more,
    )
    try:
        header, _ = wire.decode_header(data)
    except wire.WireError:
        return bare
    with_header = replace(
        bare,
        command=code_text(header.command),
        request=code_text(header.request) if header.request else "",
        reason=code_text(header.reason) if header.reason else "",
        result=code_text(header.result) if header.result else "",
    )
    try:
        message = wire.decode_ticket(data)
    except wire.WireError:
        return with_header
    return replace(
        with_header,
        ticket=message.ticket,
        leader=directory.leader(message.leader),
        term=message.term,
        valid=message.valid,
    )
