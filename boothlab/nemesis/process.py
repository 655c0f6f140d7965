"""Faults of processes, nodes, clusters, clocks and resources.

``at`` names the members it happens to. A site of several nodes has ``node``: the one
that runs Booth, the one that runs the resources, or all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boothlab.nemesis.fault import (
    Fault,
    Names,
    require,
    require_choice,
    require_positive,
)

NODES: Final = ("booth", "resources", "all")
"""Which of a member's nodes: the one that runs Booth, the one that runs the tickets' resources, or all."""

MODES: Final = ("slow", "hang", "fail")
"""How a program that is called misbehaves."""


@dataclass(frozen=True, kw_only=True)
class MemberFault(Fault):
    """A fault at some members."""

    at: Names

    def __post_init__(self) -> None:
        """Check that it is about somebody."""
        require(bool(self.at), f"{self.kind} needs at=…")

    @property
    def targets_named(self) -> Names:
        """Return the members."""
        return self.at


@dataclass(frozen=True, kw_only=True)
class KillBooth(MemberFault):
    """SIGKILL for boothd."""

    kind = "kill-booth"
    does = "boothd is killed"


@dataclass(frozen=True, kw_only=True)
class StopBooth(MemberFault):
    """Booth is stopped in good order; it starts when it is undone."""

    kind = "stop-booth"
    does = "Booth is stopped in good order, and starts when healed"


@dataclass(frozen=True, kw_only=True)
class PauseBooth(MemberFault):
    """SIGSTOP for boothd; SIGCONT when it is undone."""

    kind = "pause-booth"
    does = "boothd is stopped, and goes on when healed"


@dataclass(frozen=True, kw_only=True)
class RestartBooth(MemberFault):
    """Booth is stopped in good order and started again."""

    kind = "restart-booth"
    does = "Booth is restarted"
    instant = True


@dataclass(frozen=True, kw_only=True)
class NodeFault(MemberFault):
    """A fault of whole nodes."""

    node: str = "booth"

    def __post_init__(self) -> None:
        """Check which node."""
        super().__post_init__()
        require_choice(self, "node", self.node, NODES)


@dataclass(frozen=True, kw_only=True)
class KillNode(NodeFault):
    """A node loses its power; it starts when it is undone."""

    kind = "kill-node"
    does = "a node loses its power"


@dataclass(frozen=True, kw_only=True)
class RestartNode(NodeFault):
    """A node loses its power and starts again at once."""

    kind = "restart-node"
    does = "a node loses its power and starts again"
    instant = True


@dataclass(frozen=True, kw_only=True)
class PauseNode(NodeFault):
    """Nothing runs in a node, until it is undone."""

    kind = "pause-node"
    does = "a node is frozen"


@dataclass(frozen=True, kw_only=True)
class StopCluster(MemberFault):
    """A site's cluster is stopped in good order, as ``pcs cluster stop --all`` does."""

    kind = "stop-cluster"
    does = "a site's cluster is stopped"


@dataclass(frozen=True, kw_only=True)
class KillCorosync(NodeFault):
    """SIGKILL for Corosync."""

    kind = "kill-corosync"
    does = "Corosync is killed"


@dataclass(frozen=True, kw_only=True)
class MoveBooth(MemberFault):
    """Booth moves to another node of its site."""

    kind = "move-booth"
    does = "Booth moves to another node of its site"


@dataclass(frozen=True, kw_only=True)
class ForgetTickets(MemberFault):
    """What a site's CIB knows of tickets is taken out of it, as an administrator can do by hand."""

    kind = "forget-tickets"
    does = "a site's CIB forgets its tickets"
    instant = True


@dataclass(frozen=True, kw_only=True)
class FillDisk(MemberFault):
    """There is no room left where the CIB is kept."""

    kind = "fill-disk"
    does = "the disk under the CIB is full"


@dataclass(frozen=True, kw_only=True)
class ProgramFault(MemberFault):
    """A program that Booth calls is slow, hangs or fails."""

    mode: str
    delay_ms: int = 1000
    """How slow, with mode slow."""

    def __post_init__(self) -> None:
        """Check the mode."""
        super().__post_init__()
        require_choice(self, "mode", self.mode, MODES)
        require_positive(self, delay_ms=self.delay_ms)


@dataclass(frozen=True, kw_only=True)
class BreakCrmTicket(ProgramFault):
    """crm_ticket misbehaves: the CIB is hard to read and to write."""

    kind = "break-crm-ticket"
    does = "crm_ticket is slow, hangs or fails"


@dataclass(frozen=True, kw_only=True)
class BreakHandler(ProgramFault):
    """The ticket's before-acquire-handler misbehaves."""

    kind = "break-handler"
    does = "the before-acquire-handler is slow, hangs or fails"


@dataclass(frozen=True, kw_only=True)
class StepClock(MemberFault):
    """The wall clock jumps; the monotonic one does not."""

    kind = "step-clock"
    does = "the wall clock jumps"
    step_ms: int

    def __post_init__(self) -> None:
        """Check that it jumps."""
        super().__post_init__()
        require(self.step_ms != 0, "step-clock: step_ms must not be 0")


@dataclass(frozen=True, kw_only=True)
class DriftClock(MemberFault):
    """The wall clock runs at another rate: 1.0 is right, 0.5 is half as fast."""

    kind = "drift-clock"
    does = "the wall clock is too fast or too slow"
    rate: float

    def __post_init__(self) -> None:
        """Check the rate."""
        super().__post_init__()
        require_positive(self, rate=self.rate)
        require(self.rate != 1, "drift-clock: a rate of 1 is no fault")


@dataclass(frozen=True, kw_only=True)
class FailResource(MemberFault):
    """A resource cannot be started or stopped at a site."""

    kind = "fail-resource"
    does = "a resource fails to start or to stop"
    resource: str
    action: str = "start"

    def __post_init__(self) -> None:
        """Check the action."""
        super().__post_init__()
        require_choice(self, "action", self.action, ("start", "stop"))


PROCESS_FAULTS: Final[tuple[type[MemberFault], ...]] = (
    *(KillBooth, StopBooth, PauseBooth, RestartBooth, KillNode, RestartNode, PauseNode),
    *(StopCluster, KillCorosync, MoveBooth, ForgetTickets, FillDisk, BreakCrmTicket, BreakHandler),
    *(StepClock, DriftClock, FailResource),
)
"""All of them."""
