"""A scenario: what is done, on which labs, by which measure it is judged, and what is known to fail."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from boothlab.checkers.context import Context

if TYPE_CHECKING:
    from boothlab.engine.topology.model import ClusterKind
    from boothlab.history.header import Ticket
    from boothlab.nemesis.schedule import Schedule
    from boothlab.nemesis.targets import Shape
    from boothlab.scenarios.testbed import Testbed

Play = Callable[["Testbed"], None]
Draw = Callable[[int, "Shape", "Ticket"], "Schedule"]
"""From a seed, the cluster's shape and its first ticket to a schedule."""

STANDALONE: Final = Context(
    observation_gap_ms=2_000, revoke_ms=1_000, acquire_slack_ms=200, failover_ms=5_000, agreement_ms=3_000
)
"""The measure for labs without Pacemaker, with leases of two seconds."""
PACEMAKER: Final = Context(
    observation_gap_ms=5_000, revoke_ms=3_000, failover_ms=15_000, placement_ms=10_000, agreement_ms=10_000
)
"""The measure for labs with Pacemaker, which looks and acts more slowly."""

EXTENDED: Final = "extended"
"""The suite for what takes long, or shows what another run shows already."""
EVERYBODY: Final = "everybody"
"""Whose a failure is that no implementation can prevent."""
PLAY: Final = "play"
"""The verdict on the script itself: whether what it waited for came about."""


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that an implementation is known for. A run without it is news, and is told as such."""

    subject: str
    """Whose: the implementation that all members of the run have; EVERYBODY: it is not Booth's to prevent."""
    checkers: frozenset[str]
    """Those that find it. In such a run the others must pass."""
    link: str
    """Where it is told: an issue's address, or a page of the documentation."""
    why: str
    """In a sentence."""
    tries: int = 1
    """How often it is played until it shows; for what depends on a moment nobody can choose."""
    shown_by: str = ""
    """Which of the checkers must find it, so that it is this failure and no other; left out: any."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something to play."""

    name: str
    """Booth's own live test's name, where it is the same test."""
    says: str
    """What happens and what is expected, in a few sentences."""
    play: Play
    topologies: tuple[str, ...]
    """Those that it is made for; it is played on the first unless another one is asked for."""
    settings: tuple[str, ...] = ()
    """Changes to the topology, as ``--set`` takes them."""
    link: str = ""
    """Where it comes from."""
    must_see: frozenset[str] = frozenset()
    """Names of checkers that must have had something to judge."""
    bounds: Context | None = None
    """By which measure it is judged; None: by that of the lab's kind."""
    known: tuple[Known, ...] = ()
    suites: frozenset[str] = frozenset()
    subjects: tuple[str, ...] = field(default=("python",))
    """Whose members a suite plays it with: an implementation for all, or ``A=python,B=clusterlabs``."""
    also: tuple[str, ...] = ()
    """Whose members the suite ``extended`` plays it with besides."""
    draws: Draw | None = None
    """What draws the schedule that the play plays; None: it plays none."""

    def measure(self, cluster: ClusterKind) -> Context:
        """Return by which measure it is judged on a lab of this kind."""
        return self.bounds or (PACEMAKER if cluster == "pacemaker" else STANDALONE)

    @property
    def all_subjects(self) -> tuple[str, ...]:
        """Return whose members it is played with by all suites together."""
        return *self.subjects, *self.also

    @property
    def all_suites(self) -> tuple[str, ...]:
        """Return the names of the suites that play it."""
        return tuple(sorted({*self.suites, *((EXTENDED,) if self.also else ())}))

    def subjects_in(self, suite: str) -> tuple[str, ...]:
        """Return whose members a suite plays it with; nobody's: it is not in that suite."""
        return (self.subjects if suite in self.suites else ()) + (self.also if suite == EXTENDED else ())

    def known_of(self, subject: str) -> Known | None:
        """Return the failure that is known of an implementation, if there is one."""
        return next((each for each in self.known if each.subject in (subject, EVERYBODY)), None)


def scenario(  # noqa: PLR0913 - a scenario is declared by naming its fields
    *topologies: str,
    settings: tuple[str, ...] = (),
    link: str = "",
    must_see: tuple[str, ...] = (),
    bounds: Context | None = None,
    known: tuple[Known, ...] = (),
    suites: tuple[str, ...] = ("standard",),
    subjects: tuple[str, ...] = ("python",),
    also: tuple[str, ...] = (),
    draws: Draw | None = None,
    name: str = "",
) -> Callable[[Play], Scenario]:
    """Make a scenario of a function: its name and its docstring are the scenario's."""

    def made(play: Play) -> Scenario:
        return Scenario(
            name=name or play.__name__,
            says=inspect.cleandoc(play.__doc__ or ""),
            play=play,
            topologies=topologies or ("standalone",),
            settings=settings,
            link=link,
            must_see=frozenset(must_see),
            bounds=bounds,
            known=known,
            suites=frozenset(suites),
            subjects=subjects,
            also=also,
            draws=draws,
        )

    return made
