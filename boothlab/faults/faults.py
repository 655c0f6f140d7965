"""The faults of a live lab: what can be applied, what is, and undoing it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from boothlab.engine.parsers.frames import frames
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.errors import BoothlabError
from boothlab.faults import intrusions, wires
from boothlab.faults.doing import everywhere
from boothlab.faults.places import nodes, shape_of, situation_of
from boothlab.faults.processes import WAYS, nodes_of
from boothlab.faults.router import Router
from boothlab.nemesis.errors import FaultError, UnresolvedError
from boothlab.nemesis.network import NetworkFault
from boothlab.nemesis.packets import PacketFault
from boothlab.nemesis.process import MemberFault
from boothlab.nemesis.targets import Situation, check, is_symbolic, resolve
from boothlab.nemesis.vocabulary import fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boothlab.engine.lab import Lab
    from boothlab.nemesis.fault import Fault


INTRUDER: Final = "raw-socket"
"""What carries out faults of packets: the program in the router."""


class FaultRefusedError(BoothlabError):
    """A fault that this lab, or this host, cannot have; the message says why."""


@dataclass(frozen=True)
class Applied:
    """A fault that is applied to a lab."""

    id: str
    """Its name in this lab, e.g. loss-1."""
    fault: Fault
    seed: int | None
    """What its chances come from; None where that is a netem that takes no seed."""
    backend: str
    """What carries it out: nftables, netem, userspace or raw-socket (the program in the router), or node."""
    at: str
    """When it was applied: ISO 8601, UTC."""
    who: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What its symbolic targets stood for."""
    nodes: tuple[str, ...] = ()
    """The nodes it was done to; none for a fault of the network or of packets."""
    sent: str = ""
    """Under which name the router tells what a fault of packets sent; see ``Faults.sent``."""
    matched: int | None = None
    """How many packets it was about, or sent; None where nobody counts."""
    hit: int | None = None
    """To how many of them it did something; how many of them went out."""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can say it."""
        return {
            "id": self.id,
            **self.fault.as_data(),
            "seed": self.seed,
            "backend": self.backend,
            "applied_at": self.at,
            "resolved": {name: list(members) for name, members in self.who.items()},
            "nodes": list(self.nodes),
            "packets": None if self.matched is None else {"matched": self.matched, "hit": self.hit},
        }


class Faults:
    """The faults of one lab. What is applied is kept in the lab, not here."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._shape = shape_of(lab.topology)
        self._router = Router(lab)

    def available(self, fault: Fault) -> str | None:
        """Return why this lab on this host cannot have a fault, or None when it can."""
        try:
            check(fault.targets_named, self._shape)
        except FaultError as error:
            return str(error)
        if isinstance(fault, NetworkFault):
            return self._unfit_network(fault)
        if isinstance(fault, PacketFault):
            return intrusions.unfit(self._lab.topology, fault)
        if isinstance(fault, MemberFault) and fault.kind in WAYS:
            members = [target for target in fault.at if target in self._shape.members]
            reasons = (self._unfit_member(fault, member) for member in members)
            return next((reason for reason in reasons if reason), None)
        return f"boothlab cannot do {fault.kind} to a live lab"

    def _unfit_member(self, fault: MemberFault, member: str) -> str | None:
        way = WAYS[fault.kind]
        if reason := way.unfit(self._lab.topology, fault, member):
            return reason
        try:
            reasons = [way.lacks(self._lab, node) for node in nodes(self._lab.topology, member)]
        except NodeUnreachableError as error:
            return error.message
        return next((reason for reason in reasons if reason), None)

    def _unfit_network(self, fault: NetworkFault) -> str | None:
        if len({member.network for member in self._lab.topology.members}) == 1:
            return "all members are in one network: nothing between them passes the router"
        backends = wires.backends(fault)
        if wires.KERNEL in backends or any(self.reasons_against[each] is None for each in backends):
            return None
        told = "; ".join(f"{each}: {self.reasons_against[each]}" for each in backends)
        return f"this host's kernel cannot do that ({told})"

    @cached_property
    def reasons_against(self) -> dict[str, str | None]:
        """Why this host's kernel has not a backend, of those that not every kernel has; None: it has."""
        return self._router.reasons_against()

    def apply(
        self,
        fault: Fault,
        *,
        seed: int = 0,
        ticket: str | None = None,
        who: Mapping[str, Sequence[str]] | None = None,
        backend: str | None = None,
    ) -> Applied:
        """Carry a fault out; return when it is in effect.

        Args:
            fault: what shall go wrong.
            seed: for what is left to chance, e.g. which packets are lost.
            ticket: whose leader and holders symbolic targets mean, and about which packets are forged;
                the topology's first when left out.
            who: what the targets stand for, as ``who`` told; asked now when left out.
            backend: what shall carry out a fault of the network, netem or userspace; when left
                out, netem where it does the same as userspace would.

        Raises:
            FaultRefusedError: it is not available, or a symbolic target is nobody, or this
                backend cannot do it.
            BoothlabError: it failed; nothing of it is left.
        """
        if reason := self.available(fault):
            raise FaultRefusedError(
                f"{fault}: {reason}", remedy="`boothlab fault list` tells what can be done"
            )
        if backend and (reason := wires.reason_against(fault, backend)):
            raise _refused_backend(fault, reason)
        who = self.who(fault, ticket) if who is None else who
        if isinstance(fault, MemberFault):
            return self._apply_to_nodes(fault, who, seed)
        if isinstance(fault, NetworkFault):
            return self._apply_to_network(fault, who, seed, backend)
        if isinstance(fault, PacketFault):
            return self._intrude(fault, who, seed, ticket or next(iter(self._lab.topology.tickets), ""))
        raise TypeError(fault.kind)

    def who(self, fault: Fault, ticket: str | None = None) -> dict[str, Sequence[str]]:
        """Return the members that each target stands for now.

        Raises:
            FaultRefusedError: a target is unknown, or nobody at the moment.
        """
        topology, named = self._lab.topology, fault.targets_named
        situation = Situation()
        if is_symbolic(named):
            chosen = ticket or next(iter(topology.tickets), "")
            situation = situation_of(topology, self._lab.status(), chosen)
        try:
            return {target: resolve([target], self._shape, situation) for target in named}
        except (FaultError, UnresolvedError) as error:
            raise FaultRefusedError(
                f"{fault}: {error}", remedy="`boothlab fault list` tells what can be done"
            ) from None

    def _apply_to_network(
        self, fault: NetworkFault, who: Mapping[str, Sequence[str]], seed: int, backend: str | None
    ) -> Applied:
        topology = self._lab.topology
        pairs = wires.directions(topology, fault, lambda targets: members_of(targets, who))
        if not pairs:
            raise FaultRefusedError(f"{fault}: no packets pass the router between these members")
        rules = wires.rules(topology, fault, pairs, seed)
        return self._keep(fault, who, seed, [backend] if backend else wires.backends(fault), rules=rules)

    def _apply_to_nodes(self, fault: MemberFault, who: Mapping[str, Sequence[str]], seed: int) -> Applied:
        members = members_of(fault.at, who)
        for member in members:
            if reason := self._unfit_member(fault, member):
                raise FaultRefusedError(f"{fault}: {reason}")
        hit = [node for member in members for node in nodes_of(self._lab, fault, member)]
        self._require_new(fault, hit)
        applied = self._keep(fault, who, seed, ["node"], nodes=hit)
        failed = everywhere(hit, lambda node: WAYS[fault.kind].begin(self._lab, fault, node))
        if failed:
            self.undo(replace(applied, nodes=tuple(node for node in hit if node not in failed)))
            raise next(iter(failed.values()))
        if fault.instant:
            self._router.remove([applied.id])
        return applied

    def _intrude(
        self, fault: PacketFault, who: Mapping[str, Sequence[str]], seed: int, ticket: str
    ) -> Applied:
        pairs = intrusions.directions(self._lab.topology, fault, lambda targets: members_of(targets, who))
        if not pairs:
            raise FaultRefusedError(f"{fault}: no packets pass the router between these members")
        work = intrusions.sending(self._lab, fault, pairs, ticket, seed)
        return self._keep(fault, who, seed, [INTRUDER], sending=work)

    def sent(self, applied: Applied) -> list[intrusions.Sent]:
        """Return what a fault of packets has sent so far, also after it was undone.

        That is the first 20 000 packets, and nothing of connections. Times are CLOCK_MONOTONIC's.
        """
        if not isinstance(applied.fault, PacketFault):
            return []
        return intrusions.sent(applied.fault, list(frames(self._router.sent(applied.sent))))

    def _require_new(self, fault: Fault, nodes: Sequence[str]) -> None:
        """Check that no such fault is applied to one of these nodes: healing one would heal the other.

        Raises:
            FaultRefusedError: one is.
        """
        for each in self.active():
            if each.fault.kind == fault.kind and (both := set(each.nodes) & set(nodes)):
                raise FaultRefusedError(
                    f"{fault}: {each.id} is applied to {', '.join(sorted(both))} already",
                    remedy=f"heal that first: `boothlab fault heal {each.id}`",
                )

    def _keep(
        self,
        fault: Fault,
        who: Mapping[str, Sequence[str]],
        seed: int,
        backends: Sequence[str],
        *,
        rules: Sequence[Mapping[str, Any]] = (),
        nodes: Sequence[str] = (),
        sending: Mapping[str, Any] | None = None,
    ) -> Applied:
        """Write down in the router what is about to be done, which does it if it can.

        Raises:
            FaultRefusedError: none of these backends can do it.
        """
        kept = self._router.add(
            {
                "kind": fault.kind,
                "fault": fault.as_data(),
                "seed": seed,
                "backends": list(backends),
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "who": {name: list(members) for name, members in who.items()},
                "nodes": list(nodes),
                "rules": list(rules),
                "sending": sending,
                "sent": uuid4().hex if sending else "",
            }
        )
        if reason := kept.get("unfit"):
            raise _refused_backend(fault, reason)
        return _applied(kept)

    def active(self) -> list[Applied]:
        """Return the faults that are applied, in the order in which they were, with their counts."""
        shown = self._router.show()
        return [_applied(record, shown["counts"].get(record["id"])) for record in shown["faults"]]

    def works(self) -> bool:
        """Return whether all runs that the faults need in the router. Without it, packets pass."""
        return bool(self._router.show()["works"])

    def undo(self, applied: Applied) -> None:
        """Undo a fault; fine when it is undone already.

        Raises:
            BoothlabError: that failed; the fault is still known, so that it can be tried again.
        """
        self._end(applied)
        self._router.remove([applied.id])

    def _end(self, applied: Applied) -> None:
        way = WAYS.get(applied.fault.kind)
        if way is None:
            return
        if failed := everywhere(applied.nodes, lambda node: way.end(self._lab, applied.fault, node)):
            raise next(iter(failed.values()))

    def heal(self) -> list[Applied]:
        """Undo everything that is applied, whoever did it; return what that was.

        Raises:
            BoothlabError: something could not be undone, and is still known; everything else is undone.
        """
        found = self.active()
        failures: dict[str, BoothlabError] = {}
        for applied in reversed(found):
            try:
                self._end(applied)
            except BoothlabError as error:
                failures[applied.id] = error
        if not failures:
            self._router.clear()
            return found
        self._router.remove(each.id for each in found if each.id not in failures)
        raise next(iter(failures.values()))

    sweep = heal
    """What a start calls: a run that was killed has left what this returns."""


def members_of(targets: Sequence[str], who: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the members that targets stand for, each once."""
    return list(dict.fromkeys(member for target in targets for member in who[target]))


def _refused_backend(fault: Fault, reason: str) -> FaultRefusedError:
    return FaultRefusedError(f"{fault}: {reason}", remedy="ask for no backend: one that can is found then")


def _applied(record: Mapping[str, Any], counts: Mapping[str, int] | None = None) -> Applied:
    counts = counts or {}
    return Applied(
        id=record["id"],
        fault=fault_of(record["fault"]),
        seed=record["seed"],
        backend=record["backend"],
        at=record["at"],
        who=record["who"],
        nodes=tuple(record["nodes"]),
        sent=record.get("sent", ""),
        matched=counts.get("matched"),
        hit=counts.get("hit"),
    )
