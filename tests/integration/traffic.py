"""Traffic between two nodes of a lab, numbered and timed: what was sent, what arrived, when.

Both ends read CLOCK_MONOTONIC, which all containers share, so that a packet's time on the
way is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.engine.lab import Lab

BOOTH: Final = 9929
OTHER: Final = 5000

_RECEIVE: Final = """
import json, os, select, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
s.bind(("", int(sys.argv[1])))
received, enough = (f"/tmp/{what}-{sys.argv[1]}" for what in ("received", "enough"))
for path in (received, enough):
    if os.path.exists(path):
        os.unlink(path)
if os.fork():
    os._exit(0)
os.setsid()
for descriptor in (0, 1, 2):
    os.dup2(os.open("/dev/null", os.O_RDWR), descriptor)
got, last_s = [], time.monotonic() + 60
while time.monotonic() < last_s:
    if select.select([s], [], [], 0.01)[0]:
        got.append((s.recv(2048).hex(), time.monotonic()))
    elif os.path.exists(enough):
        break
with open(f"{received}.new", "w") as file:
    json.dump(got, file)
os.rename(f"{received}.new", received)
"""

_COLLECT: Final = (
    "sleep $2; touch /tmp/enough-$1; until [ -e /tmp/received-$1 ]; do sleep 0.01; done; cat /tmp/received-$1"
)

_SEND: Final = """
import json, socket, sys, time
target, port, gap_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sent, due = [], time.monotonic()
for each in sys.argv[4:]:
    time.sleep(max(0, due - time.monotonic()))
    due += gap_s
    sent.append(time.monotonic())
    s.sendto(bytes.fromhex(each), (target, port))
print(json.dumps(sent))
"""


@dataclass(frozen=True)
class Arrival:
    """One packet that arrived."""

    number: int
    """Which of those that were sent, from 0; -1: none looks like it."""
    late_ms: float
    """How long it was on the way."""
    payload: bytes
    at_s: float


@dataclass(frozen=True)
class Trip:
    """Packets from one node to another."""

    sent: tuple[bytes, ...]
    arrivals: tuple[Arrival, ...]

    @property
    def numbers(self) -> list[int]:
        """Return which arrived, in their order."""
        return [each.number for each in self.arrivals]

    @property
    def lost(self) -> set[int]:
        return set(range(len(self.sent))) - set(self.numbers)

    @property
    def median_ms(self) -> float:
        return median(each.late_ms for each in self.arrivals)


def payloads(count: int, size: int = 64) -> list[bytes]:
    """Return payloads that tell themselves apart in their first two bytes and are otherwise 0x55."""
    return [number.to_bytes(2, "big") + b"\x55" * (size - 2) for number in range(count)]


def booth_payload(number: int, letters: str) -> bytes:
    """Return what looks like a message of Booth: the letters where its header has them."""
    return number.to_bytes(2, "big") + bytes(26) + letters.encode() + bytes(92)


def send(
    lab: Lab,
    source: str,
    target: str,
    sent: Sequence[bytes],
    *,
    port: int = OTHER,
    gap_ms: float = 1,
    wait_s: float = 0.15,
) -> Trip:
    """Send packets from one node to another; return what arrived until ``wait_s`` after the last one."""
    address = str(lab.topology.hosts()[target])
    ready = lab.run(target, ["python3", "-c", _RECEIVE, str(port)], limit_s=10)
    assert ready.ok, ready.output
    words = ["python3", "-c", _SEND, address, str(port), str(gap_ms / 1000), *(each.hex() for each in sent)]
    sending = lab.run(source, words, limit_s=30)
    assert sending.ok, sending.output
    began = json.loads(sending.stdout)
    received = lab.run(target, ["sh", "-c", _COLLECT, "sh", str(port), str(wait_s)], limit_s=20)
    assert received.ok, received.output
    arrivals = tuple(
        _arrival(bytes.fromhex(text), at_s, sent, began) for text, at_s in json.loads(received.stdout)
    )
    return Trip(tuple(sent), arrivals)


def _arrival(payload: bytes, at_s: float, sent: Sequence[bytes], began: Sequence[float]) -> Arrival:
    number = int.from_bytes(payload[:2], "big")
    if number >= len(sent):
        return Arrival(-1, 0, payload, at_s)
    return Arrival(number, (at_s - began[number]) * 1000, payload, at_s)
