"""Faults of the network between the members. Each may be for one direction, pair or kind of traffic.

``from`` and ``to`` are senders and receivers; left out, they mean every member. A fault
without either is for everything that crosses the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boothlab.core.codes import CLIENT_COMMANDS, Command
from boothlab.nemesis.fault import (
    DirectedFault,
    Fault,
    Names,
    require,
    require_choice,
    require_percent,
    require_positive,
)

ALL: Final = "all"
UDP: Final = "udp"
TCP: Final = "tcp"

MESSAGES: Final = tuple(
    command.to_bytes(4, "big").decode()
    for command in Command
    if command not in CLIENT_COMMANDS | {Command.RESULT, Command.LIST_REPLY}
)
"""The messages between members, by their letters on the wire."""

TRAFFIC: Final = (ALL, UDP, TCP, *MESSAGES)
"""What ``only`` may say: everything, Booth's UDP, Booth's TCP, or one of Booth's messages."""

SHAPES: Final = ("isolate", "halves", "bridge", "majorities-ring")
"""Shapes of a partition; ``grudges`` has a function for each."""


@dataclass(frozen=True, kw_only=True)
class NetworkFault(Fault):
    """A fault of some traffic between members."""

    only: str = ALL
    """Which traffic: one of ``TRAFFIC``."""

    def __post_init__(self) -> None:
        """Check what is common to all."""
        require_choice(self, "only", self.only, TRAFFIC)


@dataclass(frozen=True, kw_only=True)
class Partition(NetworkFault):
    """Members that do not hear each other, both ways, in a shape.

    ``members`` are, for isolate: who is alone; for halves: one side, the rest is the
    other; for bridge: who sees both sides, then the order in which the rest is split;
    for majorities-ring: the order of the ring. Members that bridge and ring do not
    name follow in the configuration's order.
    """

    kind = "partition"
    does = "members do not hear each other"
    shape: str = "isolate"
    members: Names = ()

    def __post_init__(self) -> None:
        """Check the shape, and that there is somebody to cut off."""
        super().__post_init__()
        require_choice(self, "shape", self.shape, SHAPES)
        needy = self.shape != "majorities-ring"
        require(not needy or bool(self.members), f"partition: {self.shape} needs members=…")

    @property
    def targets_named(self) -> Names:
        """Return the members."""
        return self.members


@dataclass(frozen=True, kw_only=True)
class LinkFault(DirectedFault, NetworkFault):
    """A fault on the way from some members to others."""


@dataclass(frozen=True, kw_only=True)
class OneWay(LinkFault):
    """Nothing gets through in one direction; the other works."""

    kind = "one-way"
    does = "nothing gets through in one direction"

    def __post_init__(self) -> None:
        """Check that there is a direction."""
        super().__post_init__()
        require(bool(self.targets_named), "one-way needs from=… or to=…")


@dataclass(frozen=True, kw_only=True)
class ShareFault(LinkFault):
    """A fault that hits a share of the packets."""

    percent: float

    def __post_init__(self) -> None:
        """Check the share."""
        super().__post_init__()
        require_percent(self, self.percent)


@dataclass(frozen=True, kw_only=True)
class Loss(ShareFault):
    """A share of the packets is lost."""

    kind = "loss"
    does = "a share of the packets is lost"


@dataclass(frozen=True, kw_only=True)
class Duplicate(ShareFault):
    """A share of the packets arrives twice."""

    kind = "duplicate"
    does = "a share of the packets arrives twice"


@dataclass(frozen=True, kw_only=True)
class Corrupt(ShareFault):
    """In a share of the packets one bit is wrong, and the checksums are right: Booth gets to see it."""

    kind = "corrupt"
    does = "one bit of what a packet carries is wrong, its checksums are right"


@dataclass(frozen=True, kw_only=True)
class Reorder(ShareFault):
    """A share of the packets is held back, so that later ones overtake them."""

    kind = "reorder"
    does = "a share of the packets is held back and overtaken"
    by_ms: int = 100
    """For how long they are held back."""

    def __post_init__(self) -> None:
        """Check the time."""
        super().__post_init__()
        require_positive(self, by_ms=self.by_ms)


@dataclass(frozen=True, kw_only=True)
class Delay(LinkFault):
    """Every packet arrives later, by ``delay_ms`` plus or minus up to ``jitter_ms``, evenly spread."""

    kind = "delay"
    does = "packets arrive later"
    delay_ms: int
    jitter_ms: int = 0

    def __post_init__(self) -> None:
        """Check the times."""
        super().__post_init__()
        require_positive(self, delay_ms=self.delay_ms)
        sensible = 0 <= self.jitter_ms <= self.delay_ms
        require(sensible, f"delay: jitter_ms must be from 0 to delay_ms, not {self.jitter_ms}")


@dataclass(frozen=True, kw_only=True)
class Rate(LinkFault):
    """The way to each network carries ``kbit_s``; who would wait longer than ``queue_ms`` is lost."""

    kind = "rate"
    does = "bandwidth is limited"
    kbit_s: int
    queue_ms: int = 1000

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        require_positive(self, kbit_s=self.kbit_s, queue_ms=self.queue_ms)


@dataclass(frozen=True, kw_only=True)
class Flap(LinkFault):
    """The way is down for ``down_ms``, then up for ``up_ms``, again and again."""

    kind = "flap"
    does = "the way is down and up by turns"
    down_ms: int
    up_ms: int

    def __post_init__(self) -> None:
        """Check the times."""
        super().__post_init__()
        require_positive(self, down_ms=self.down_ms, up_ms=self.up_ms)


NETWORK_FAULTS: Final[tuple[type[NetworkFault], ...]] = (
    *(Partition, OneWay, Loss, Delay, Duplicate, Reorder, Corrupt, Rate, Flap),
)
"""All of them."""
