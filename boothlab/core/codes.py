"""The four-letter codes of Booth's wire format, and what they mean.

A code is four ASCII characters read as one big-endian number.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final

MAGIC: Final = 0x5F1BA08C
VERSION: Final = 0x00010003
"""The protocol's version. It must match exactly; nothing is negotiated."""


def fourcc(text: str) -> int:
    """Return four ASCII characters as the number that stands for them on the wire."""
    return int.from_bytes(text.encode("ascii"), "big")


def code_text(value: int) -> str:
    """Return a code as people write it: its four letters, or a number where it has none."""
    letters = value.to_bytes(4, "big").decode("latin-1")
    return letters if letters.isascii() and letters.isprintable() and not letters.isspace() else str(value)


class Command(IntEnum):
    """What a message is."""

    # From a client to a daemon, over TCP.
    LIST = fourcc("CLst")
    GRANT = fourcc("CGnt")
    REVOKE = fourcc("CRvk")
    PEERS = fourcc("Peer")
    ATTR_SET = fourcc("ASet")
    ATTR_GET = fourcc("AGet")
    ATTR_DELETE = fourcc("ADel")
    ATTR_LIST = fourcc("ALst")
    # From a daemon to a client, over TCP.
    RESULT = fourcc("Rslt")
    LIST_REPLY = fourcc("RLst")
    # Between members, over UDP.
    STATUS = fourcc("Stat")
    MY_INDEX = fourcc("MIdx")
    REQUEST_VOTE = fourcc("RVot")
    VOTE_FOR = fourcc("VtFr")
    HEARTBEAT = fourcc("HrtB")
    ACK = fourcc("Ack.")
    UPDATE = fourcc("UpdE")
    REVOKED = fourcc("Revk")
    REJECTED = fourcc("RJC!")


CLIENT_COMMANDS: Final = frozenset(
    {
        *(Command.LIST, Command.GRANT, Command.REVOKE, Command.PEERS),
        *(Command.ATTR_SET, Command.ATTR_GET, Command.ATTR_DELETE, Command.ATTR_LIST),
    }
)
ATTRIBUTE_COMMANDS: Final = frozenset(
    {Command.ATTR_SET, Command.ATTR_GET, Command.ATTR_DELETE, Command.ATTR_LIST}
)


class Result(IntEnum):
    """How a request ended, or why it was rejected."""

    SUCCESS = 0
    ASYNC = fourcc("Asyn")
    MORE = fourcc("More")
    SYNC_SUCCESS = fourcc("Sccs")
    SYNC_FAIL = fourcc("Fail")
    INVALID_ARGUMENT = fourcc("IArg")
    NO_SUCH_ATTRIBUTE = fourcc("NAtr")
    CIB_PENDING = fourcc("Pend")
    HANDLER_FAILED = fourcc("XPrg")
    PREREQUISITE_FAILED = fourcc("APrq")
    TICKET_IDLE = fourcc("Tidl")
    OVERGRANT = fourcc("Over")
    PROBABLY_SUCCESS = fourcc("Suc?")
    BUSY = fourcc("Busy")
    AUTHENTICATION = fourcc("Auth")
    TERM_OUTDATED = fourcc("TOdt")
    TERM_STILL_VALID = fourcc("TVld")
    YOU_OUTDATED = fourcc("Outd")
    REDIRECT = fourcc("Redr")


class Reason(IntEnum):
    """Why an election was started or a ticket given away."""

    NONE = 0
    ADMIN = fourcc("Admn")
    TICKET_LOST = fourcc("TLst")
    STEPDOWN = fourcc("Spdn")
    REACQUIRE = fourcc("Racq")
    LOCAL_FAIL = fourcc("LocF")
    SPLIT = fourcc("Splt")


class Option(IntFlag):
    """Bits of ``options`` in a client's grant or revoke."""

    NONE = 0
    IMMEDIATE = 1
    WAIT = 2
    WAIT_COMMIT = 4


OPTS_AUTHENTICATED: Final = 1
OPTS_ATTRIBUTE: Final = 4

NO_ONE: Final = 0xFFFFFFFF
"""As a leader: known to be held by nobody, that is revoked. Printed ``none``."""
UNKNOWN: Final = 0
"""As a leader: lost, never granted, or not known. Printed ``NONE``; never sent to peers."""
