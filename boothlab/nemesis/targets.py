"""Who a fault is about: members by name, or by what they are when the fault begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.nemesis.errors import FaultError, UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Iterable

LEADER: Final = "leader"
"""The member that Booth says leads."""
FOLLOWER: Final = "follower"
"""The first site, in the configuration's order, that does not lead."""
ARBITRATOR: Final = "arbitrator"
"""The first arbitrator."""
HOLDER: Final = "holder-site"
"""Every site whose CIB has the ticket granted."""

SYMBOLS: Final = (LEADER, FOLLOWER, ARBITRATOR, HOLDER)
"""Names that stand for whoever it is when the fault begins. They win over a member's name."""


@dataclass(frozen=True)
class Shape:
    """What a schedule needs to know of a topology: its members' names and their kind."""

    sites: tuple[str, ...]
    arbitrators: tuple[str, ...] = ()
    pacemaker: bool = False
    """Whether the sites are Pacemaker clusters."""

    @property
    def members(self) -> tuple[str, ...]:
        """All members: sites, then arbitrators."""
        return (*self.sites, *self.arbitrators)


@dataclass(frozen=True)
class Situation:
    """Who is what, for one ticket, at one moment."""

    leader: str | None = None
    """Name of the leading member; None when nobody leads."""
    holders: tuple[str, ...] = ()
    """Names of the sites whose CIB has the ticket granted."""


def is_symbolic(targets: Iterable[str]) -> bool:
    """Return whether any of these depends on the situation."""
    return any(target in SYMBOLS for target in targets)


def check(targets: Iterable[str], shape: Shape) -> None:
    """Check that every target is a symbol or a member.

    Raises:
        FaultError: one is neither.
    """
    for target in targets:
        if target not in SYMBOLS and target not in shape.members:
            known = ", ".join((*shape.members, *SYMBOLS))
            raise FaultError(f"there is no member {target}: write one of {known}")


def resolve(targets: Iterable[str], shape: Shape, situation: Situation) -> tuple[str, ...]:
    """Return the members that these stand for right now, each once, in the given order.

    Raises:
        FaultError: a target is neither a symbol nor a member.
        UnresolvedError: a symbol stands for nobody.
    """
    targets = tuple(targets)
    check(targets, shape)
    found = [member for target in targets for member in _resolve(target, shape, situation)]
    return tuple(dict.fromkeys(found))


def _resolve(target: str, shape: Shape, situation: Situation) -> tuple[str, ...]:
    candidates: dict[str, tuple[str, ...]] = {
        LEADER: (situation.leader,) if situation.leader else (),
        FOLLOWER: tuple(site for site in shape.sites if site != situation.leader)[:1],
        ARBITRATOR: shape.arbitrators[:1],
        HOLDER: situation.holders,
    }
    found = candidates.get(target, (target,))
    if not found:
        raise UnresolvedError(f"{target} is nobody right now: {_WHY[target]}")
    return found


_WHY: Final = {
    LEADER: "no member leads the ticket; grant it, or name a member",
    FOLLOWER: "there is no site but the leader",
    ARBITRATOR: "the topology has no arbitrator",
    HOLDER: "no site's CIB has the ticket granted",
}
