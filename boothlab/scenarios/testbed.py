"""What a scenario may do, and may see, wherever it is played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from random import Random

    from boothlab.history.calls import Call
    from boothlab.history.header import Header, Ticket
    from boothlab.history.records import Verb
    from boothlab.nemesis.fault import Fault
    from boothlab.nemesis.schedule import Schedule
    from boothlab.scenarios.latest import Latest


class Applied(Protocol):
    """A fault that is in effect."""

    @property
    def id(self) -> str:
        """Return its name in the history."""

    @property
    def fault(self) -> Fault:
        """Return what was asked for."""

    @property
    def members(self) -> tuple[str, ...]:
        """Return the members that it hit, symbols resolved; empty for all."""


class Testbed(Protocol):
    """A cluster to play on: a lab, or a simulation. All times are milliseconds of its clock.

    Members are named as in the topology. ``ticket`` left out means the scenario's first.
    """

    @property
    def header(self) -> Header:
        """Return what takes part: members, tickets and their times."""

    @property
    def ticket(self) -> Ticket:
        """Return the first ticket."""

    @property
    def dice(self) -> Random:
        """Return the source of the scenario's own choices; the run's seed decides them."""

    @property
    def schedule(self) -> Schedule:
        """Return the run's schedule.

        Raises:
            ScenarioError: the scenario has none.
        """

    @property
    def seen(self) -> Latest:
        """Return what was seen last."""

    # what clients do

    def grant(
        self,
        site: str,
        *,
        ticket: str = "",
        at: str = "",
        immediate: bool = False,
        wait: bool = True,
        stranger: bool = False,
    ) -> Call:
        """Ask for a ticket for a site, wait for the answer, and return what became of it.

        Args:
            site: who shall have it.
            ticket: which one.
            at: the member whose node the client runs in; the site's own when left out.
            immediate: do not wait for sites that cannot be reached (``-F``).
            wait: wait for the last word (``-w``), and not only for the first.
            stranger: the client has another key than the members.
        """

    def revoke(self, site: str, *, ticket: str = "", at: str = "", stranger: bool = False) -> Call:
        """Ask a site to give a ticket back, wait for the answer, and return what became of it."""

    def attribute(self, verb: Verb, site: str, name: str = "", value: str = "", *, ticket: str = "") -> Call:
        """Set, get, list or delete an attribute of a ticket at a site."""

    # what goes wrong

    def apply(self, fault: Fault, *, seed: int | None = None) -> Applied:
        """Carry a fault out; return when it is in effect. It lasts until it is healed."""

    def heal(self, applied: Applied | None = None) -> None:
        """Undo a fault; all of them when none is named."""

    def during(self, fault: Fault) -> AbstractContextManager[Applied]:
        """Carry a fault out for as long as a block lasts."""

    def past_the_lease(self) -> AbstractContextManager[None]:
        """Let a block last until checkers can say that a lease lost at its begin was revoked in time."""

    def play(self, schedule: Schedule) -> None:
        """Play a schedule to its end, from now on, and heal everything."""

    # waiting

    def pause(self, ms: float) -> None:
        """Let time pass."""

    def wait_second(self, *, past_ms: float) -> None:
        """Wait until the wall clock is so far past a whole second: CIBs keep times in whole seconds."""

    def wait(self, condition: Callable[[Latest], bool], what: str, *, within_ms: float) -> None:
        """Wait until what is seen fulfils a condition.

        Raises:
            NotSoError: it did not in time.
        """

    def wait_holder(self, site: str | None, *, ticket: str = "", within_ms: float | None = None) -> None:
        """Wait until this site's CIB, and only this one's, has a ticket granted; None: nobody's.

        Left out, ``within_ms`` is what a failover takes at the most.

        Raises:
            NotSoError: it was not so in time.
        """

    def wait_agreed(self, leader: str | None, *, ticket: str = "", within_ms: float | None = None) -> None:
        """Wait until every member that answers says that this one leads, and only its CIB has the ticket.

        Raises:
            NotSoError: it was not so in time.
        """

    def wait_moment(self, member: str, *, after_renewal_ms: float = 0) -> None:
        """Wait until the holder has just told its CIB about a renewal, and a while longer.

        Raises:
            NotSoError: it told nothing for three leases.
        """

    def settle(self) -> None:
        """Stay calm until checkers can say whether all members agree."""

    # remarks

    def mark(self, name: str, text: str = "") -> None:
        """Put a remark into the history."""

    def leases(self, count: float) -> float:
        """Return how many milliseconds so many leases of the first ticket are."""

    def others(self, member: str) -> Iterator[str]:
        """Yield all members but one."""
