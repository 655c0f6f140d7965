"""Throw bytes at the decoders: random ones, and real messages that were bent.

    python benchmarks/fuzz_wire.py [MILLIONS] [SEED]

Every input must be read or refused with ``WireError`` (``AuthError``); whatever else comes
out is printed with its input, and the script fails. Prints how many of each there were.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Final

from boothlab.core import auth, wire
from boothlab.core.auth import AuthError
from boothlab.core.codes import Command
from boothlab.core.messages import (
    AttributeMessage,
    Header,
    HeaderMessage,
    Message,
    TextMessage,
    TicketMessage,
)
from boothlab.core.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Callable

KEY: Final = b"0123456789abcdef"
EDGES: Final = (0, 1, 47, 48, 76, 124, 152, 304, 1024, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
DECODERS: Final[dict[str, Callable[[bytes], object]]] = {
    "header": wire.decode_header,
    "ticket": wire.decode_ticket,
    "attribute": wire.decode_attribute,
    "text": lambda data: wire.decode_text(data, signed=False),
    "signed text": lambda data: wire.decode_text(data, signed=True),
    "sender": wire.peek_sender,
    "signature": lambda data: auth.verify(data, KEY),
    "signature of a text": lambda data: auth.verify(data, KEY, at=wire.HEADER_SIZE),
}


def seeds() -> list[bytes]:
    """Return one good message of each layout, signed and not."""
    messages: list[Message] = [
        HeaderMessage(Header(Command.RESULT, 1)),
        TicketMessage(Header(Command.HEARTBEAT, 1), "ticketA", leader=1, term=7, valid=599),
        AttributeMessage(Header(Command.ATTR_SET, 1), "ticketA", "name", "value"),
        TextMessage(Header(Command.LIST_REPLY, 1), b"ticket: ticketA, leader: none\n"),
    ]
    return [wire.encode(each, key=key, stamp_us=1) for each in messages for key in (None, KEY)]


def bend(data: bytearray, random: Random) -> None:
    """Change a message in one way: a byte, a bit, a number, its end, or a piece moved."""
    at = random.randrange(len(data) or 1)
    match random.randrange(6):
        case 0:
            data[at : at + 1] = random.randbytes(1)
        case 1 if data:
            data[at] ^= 1 << random.randrange(8)
        case 2:
            word = at & ~3
            data[word : word + 4] = random.choice(EDGES).to_bytes(4, "big")
        case 3:
            del data[at:]
        case 4:
            data += random.randbytes(random.randrange(64))
        case _:
            data[at:at] = data[random.randrange(len(data) or 1) :][: random.randrange(64)]


def inputs(random: Random, count: int) -> list[bytes]:
    """Return a batch: one in eight is noise, the others are bent messages."""
    good, batch = seeds(), []
    for _ in range(count):
        if random.randrange(8) == 0:
            batch.append(random.randbytes(random.randrange(wire.MAX_SIZE + 1)))
            continue
        data = bytearray(random.choice(good))
        for _ in range(random.choice((1, 1, 2, 4, 8))):
            bend(data, random)
        batch.append(bytes(data))
    return batch


def feed(batch: list[bytes], counts: Counter[tuple[str, str]]) -> None:
    """Give every input to every decoder."""
    for data in batch:
        for name, decode in DECODERS.items():
            try:
                decode(data)
            except (WireError, AuthError):
                counts[name, "refused"] += 1
            except Exception as error:  # noqa: BLE001 - finding one is what this is for
                counts[name, "BROKEN"] += 1
                print(f"{name}: {error!r} from {data.hex()}")
            else:
                counts[name, "read"] += 1


def main(millions: float = 1, seed: int = 1) -> int:
    """Run until so many inputs were tried; return 1 if one of them broke something."""
    random, counts, started = Random(seed), Counter[tuple[str, str]](), time.monotonic()  # noqa: S311 - no secret
    total = int(millions * 1_000_000)
    for done in range(0, total, 10_000):
        feed(inputs(random, min(10_000, total - done)), counts)
    print(f"{total} inputs, seed {seed}, {time.monotonic() - started:.0f} s")
    for name in DECODERS:
        read, refused, broken = (counts[name, how] for how in ("read", "refused", "BROKEN"))
        print(f"{name:20} read {read:>9}  refused {refused:>9}  broken {broken}")
    return int(any(how == "BROKEN" for _, how in counts))


if __name__ == "__main__":
    millions_asked, seed_asked, *_ = (*sys.argv[1:], *("1", "1")[len(sys.argv) - 1 :])
    sys.exit(main(float(millions_asked), int(seed_asked)))
