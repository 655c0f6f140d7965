"""Faults of a run: carried out on the lab, and told to the history with whom they hit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from boothlab.errors import BoothlabError
from boothlab.faults import FaultRefusedError, wires
from boothlab.faults.faults import members_of
from boothlab.history.records import Edge, Family, Life, Process
from boothlab.history.records import Fault as FaultRecord
from boothlab.nemesis import network, packets, process
from boothlab.observers.reading import Directory, packet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boothlab.engine.topology.model import Topology
    from boothlab.faults import Applied, Faults
    from boothlab.history.recorder import Recorder
    from boothlab.nemesis.fault import Fault
    from boothlab.observers import Lives

_FAMILIES: Final[dict[str, Family]] = {
    process.KillNode.kind: Family.NODE,
    process.RestartNode.kind: Family.NODE,
    process.PauseNode.kind: Family.NODE,
    process.StopCluster.kind: Family.NODE,
    process.KillCorosync.kind: Family.NODE,
    process.ForgetTickets.kind: Family.CIB,
    process.FillDisk.kind: Family.CIB,
    process.BreakCrmTicket.kind: Family.CIB,
    process.BreakHandler.kind: Family.HANDLER,
    process.StepClock.kind: Family.CLOCK,
    process.DriftClock.kind: Family.CLOCK,
    process.FailResource.kind: Family.RESOURCE,
}
"""What kind of thing a fault touches; other faults at members are of processes."""

_AT_NODE: Final[dict[str, tuple[Life, Life | None]]] = {
    process.KillNode.kind: (Life.KILLED, None),
    process.PauseNode.kind: (Life.PAUSED, Life.CONTINUED),
}
"""What becomes of a daemon whose node nobody can watch from inside; and what, when it is undone."""


@dataclass(frozen=True)
class Inflicted:
    """A fault that is in effect."""

    id: str
    """Its name in the history."""
    fault: Fault
    members: tuple[str, ...]
    """Whom it hits, symbols resolved; empty for everybody."""
    applied: Applied
    record: FaultRecord
    expecting: ExitStack = field(default_factory=ExitStack, compare=False)
    """Open as long as the daemons that it hits may end by it."""


class Inflicting:
    """The faults of one run. For one thread."""

    def __init__(
        self, topology: Topology, faults: Faults, recorder: Recorder, lives: Lives, seed: int = 0
    ) -> None:
        """Begin without a fault.

        Args:
            topology: the lab's.
            faults: who carries them out.
            recorder: who is told.
            lives: who tells a daemon that was killed from one that died.
            seed: for what faults leave to chance, where they are not given one of their own.
        """
        self._topology = topology
        self._faults = faults
        self._recorder = recorder
        self._lives = lives
        self._seed = seed
        self._numbers = count(1)
        self._active: dict[str, Inflicted] = {}

    @property
    def active(self) -> tuple[Inflicted, ...]:
        """Return what is in effect, in the order in which it began."""
        return tuple(self._active.values())

    def apply(self, fault: Fault, *, seed: int | None = None, ticket: str | None = None) -> Inflicted:
        """Carry a fault out; return when it is in effect, or over when it is instant.

        Raises:
            FaultRefusedError: the lab cannot have it, or a symbol stands for nobody; the history says so.
            BoothlabError: it failed; the history says so.
        """
        number = next(self._numbers)
        name, began_ns = f"{fault.kind}-{number}", self._recorder.now_ns()
        expecting = ExitStack()
        who: dict[str, Sequence[str]] = {}
        try:
            who = self._faults.who(fault, ticket)
            if isinstance(fault, process.MemberFault):
                expecting.enter_context(self._lives.expected(members_of(fault.at, who), name))
            chance = self._seed + number if seed is None else seed
            applied = self._faults.apply(fault, seed=chance, ticket=ticket, who=who)
        except BoothlabError as error:
            expecting.close()
            refused = self._begun(name, fault, who, began_ns, failed=error.message)
            # What was refused never began; what failed may have, for a while at least.
            over = fault.instant or isinstance(error, FaultRefusedError)
            self._recorder.add(replace(refused, instant=over))
            raise
        record = self._recorder.add(
            self._begun(name, fault, who, began_ns, nodes=applied.nodes, backend=applied.backend)
        )
        inflicted = Inflicted(name, fault, _hit(fault, who), applied, record, expecting)
        self._tell_lives(inflicted, began_ns, undone=False)
        if fault.instant:
            expecting.close()
        else:
            self._active[name] = inflicted
        return inflicted

    def undo(self, name: str) -> None:
        """Undo a fault by its name in the history; fine when it is undone already.

        Raises:
            BoothlabError: that failed; the history says so, and it is still in effect.
        """
        inflicted = self._active.get(name)
        if inflicted is None:
            return
        began_ns = self._recorder.now_ns()
        try:
            self._faults.undo(inflicted.applied)
        except BoothlabError as error:
            self._recorder.add(self._ended(inflicted, began_ns, failed=error.message))
            raise
        self._recorder.add(self._ended(inflicted, began_ns))
        self._tell_packets(inflicted)
        self._tell_lives(inflicted, began_ns, undone=True)
        del self._active[inflicted.id]
        inflicted.expecting.close()

    def heal(self) -> None:
        """Undo everything, the latest first.

        Raises:
            BoothlabError: something could not be undone; everything else is.
        """
        failed: BoothlabError | None = None
        for each in reversed(self.active):
            try:
                self.undo(each.id)
            except BoothlabError as error:
                failed = error
        if failed:
            raise failed

    def _begun(
        self,
        name: str,
        fault: Fault,
        who: Mapping[str, Sequence[str]],
        began_ns: int,
        *,
        nodes: Sequence[str] = (),
        backend: str = "",
        failed: str = "",
    ) -> FaultRecord:
        return FaultRecord(
            began_ns=began_ns,
            id=name,
            edge=Edge.BEGIN,
            family=_family(fault),
            name=fault.kind,
            text=str(fault),
            targets=(*_hit(fault, who), *nodes),
            cuts=() if failed else _cuts(self._topology, fault, who),
            instant=fault.instant,
            forgets=isinstance(fault, process.ForgetTickets),
            failed=failed,
            backend=backend,
        )

    def _ended(self, inflicted: Inflicted, began_ns: int, *, failed: str = "") -> FaultRecord:
        begun = inflicted.record
        return FaultRecord(
            began_ns=began_ns,
            id=inflicted.id,
            edge=Edge.END,
            family=begun.family,
            name=begun.name,
            targets=begun.targets,
            failed=failed,
        )

    def _tell_lives(self, inflicted: Inflicted, began_ns: int, *, undone: bool) -> None:
        """Tell what happened to daemons in nodes that were killed or frozen as a whole."""
        begins, ends = _AT_NODE.get(inflicted.fault.kind, (None, None))
        life = ends if undone else begins
        if life is not None:
            for member in inflicted.members:
                self._recorder.add(Process(began_ns=began_ns, member=member, life=life, by=inflicted.id))

    def _tell_packets(self, inflicted: Inflicted) -> None:
        """Tell which packets were sent that no member made."""
        directory = Directory.of(self._topology)
        for each in self._faults.sent(inflicted.applied):
            told = packet(
                each.frame.payload,
                directory,
                at_ns=each.frame.at_ns,
                source=each.frame.source,
                target=each.frame.target,
                origin=each.origin,
                fate=each.fate,
            )
            self._recorder.add(told)


def _family(fault: Fault) -> Family:
    if isinstance(fault, network.NetworkFault):
        return Family.NETWORK
    if isinstance(fault, packets.PacketFault):
        return Family.PACKETS
    return _FAMILIES.get(fault.kind, Family.PROCESS)


def _hit(fault: Fault, who: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(members_of([each for each in fault.targets_named if each in who], who))


def _cuts(topology: Topology, fault: Fault, who: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Return the directions in which no packet of Booth's passes between members."""
    if not isinstance(fault, network.NetworkFault) or fault.only not in (network.ALL, network.UDP):
        return ()
    whole = isinstance(fault, (network.Partition, network.OneWay))
    if not whole and not (isinstance(fault, network.Loss) and fault.percent == 100):  # noqa: PLR2004
        return ()
    return tuple(wires.directions(topology, fault, lambda targets: members_of(targets, who)))
