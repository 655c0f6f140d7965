"""What can go wrong: a schedule of faults drawn from a seed, within what booth assumes.

The assumptions: no two monotonic clocks differ by more than 0.5 %; a revoke reaches
Pacemaker within acquire-after and the leader's margin; a dead or stopped daemon's ticket is
revoked by the lease guard, and a node without power runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from unit.core.cluster.timeline import MS

from boothlab.core.codes import Option
from boothlab.core.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from unit.core.cluster.cluster import Cluster

LATE_LEASES: Final = 5
"""By how many leases the latest packets are late."""
HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, and its end."""

    name: str
    begin: Callable[[], object]
    end: Callable[[], object]


def nothing() -> None:
    """Do nothing: some faults have no end."""


class Nemesis:
    """Draws faults for a cluster and lets them happen."""

    def __init__(self, cluster: Cluster, dice: Random) -> None:
        self._cluster, self._dice = cluster, dice
        self._expire_ms = cluster.config.tickets[0].expire_ms
        self.log: list[str] = []
        self.kinds = [
            *(self.split, self.split, self.isolate, self.one_way, self.bad_network, self.flap),
            *(self.kill, self.restart, self.crash, self.pause, self.pause_in_step, self.busy),
            *(self.slow_cib, self.broken_cib, self.unreadable_cib, self.wall_step, self.bad_handler),
            *(self.grant, self.grant, self.revoke, self.impatient),
        ]

    def _some(self, names: str) -> str:
        return self._dice.choice(names)

    @property
    def _all(self) -> str:
        return "".join(self._cluster.nodes)

    # --- the network

    def split(self) -> Fault:
        groups = ["", ""]
        for name in self._all:
            groups[self._dice.randrange(2)] += name
        network = self._cluster.network
        return Fault(f"split {'|'.join(groups)}", lambda: network.split(*groups), network.heal)

    def isolate(self) -> Fault:
        one, network = self._some(self._all), self._cluster.network
        others = self._all.replace(one, "")
        return Fault(f"isolate {one}", lambda: network.split(one, others), network.heal)

    def one_way(self) -> Fault:
        one, network = self._some(self._all), self._cluster.network
        others = "".join(other for other in self._all if other != one and self._dice.random() < 0.6)
        pair = (one, others) if self._dice.random() < 0.5 else (others, one)
        return Fault(
            f"{pair[0]} does not reach {pair[1]}", lambda: network.cut(*pair, both_ways=False), network.heal
        )

    def bad_network(self) -> Fault:
        loss, late_us = (
            self._dice.choice([0.1, 0.3, 0.6]),
            self._dice.choice([0, 1, LATE_LEASES]) * self._expire_ms * MS,
        )

        def begin() -> None:
            for link in self._cluster.network.links.values():
                link.loss, link.duplicate, link.late, link.late_us = loss, 0.2, 0.1, late_us
                link.latency_us = (1 * MS, self._expire_ms * MS // 60)

        return Fault(f"lose {loss:.0%}, late by {late_us // MS} ms", begin, self._cluster.network.heal)

    def flap(self) -> Fault:
        """Links go and come back, several times in a lease."""
        flapping = [True]

        def change() -> None:
            if not flapping:
                return
            for link in self._cluster.network.links.values():
                link.cut = self._dice.random() < 0.4
            self._cluster.timeline.after(self._dice.randint(10, self._expire_ms // 3) * MS, change)

        def end() -> None:
            flapping.clear()
            self._cluster.network.heal()

        return Fault("links come and go", change, end)

    # --- processes and nodes

    def kill(self) -> Fault:
        node = self._cluster[self._some(self._all)]
        return Fault(f"kill {node.name}", node.kill, node.start)

    def restart(self) -> Fault:
        node = self._cluster[self._some(self._all)]
        return Fault(f"restart {node.name}", node.restart, nothing)

    def crash(self) -> Fault:
        node = self._cluster[self._some(self._all)]
        return Fault(f"crash {node.name}", node.crash, node.start)

    def pause(self) -> Fault:
        node = self._cluster[self._some(self._all)]
        return Fault(f"pause {node.name}", node.pause, node.resume)

    def pause_in_step(self) -> Fault:
        node, within = self._cluster[self._some(self._all)], self._dice.randrange(6)
        return Fault(
            f"pause {node.name} after {within} effects", lambda: node.pause(within=within), node.resume
        )

    def busy(self) -> Fault:
        node = self._cluster[self._some(self._all)]

        def late(by_us: int) -> None:
            node.late_us = by_us

        late_us = self._expire_ms * MS // 200
        return Fault(f"timers of {node.name} are late", lambda: late(late_us), lambda: late(1 * MS))

    def wall_step(self) -> Fault:
        node, step_us = self._cluster[self._some(self._all)], self._dice.randint(-HOUR_US, HOUR_US)

        def begin() -> None:
            node.clock.wall_error_us = step_us

        def end() -> None:
            node.clock.wall_error_us = 0

        return Fault(f"wall clock of {node.name} off by {step_us // 1_000_000} s", begin, end)

    # --- what belongs to a site

    def slow_cib(self) -> Fault:
        pacemaker = self._cluster[self._some(self._cluster.sites)].pacemaker
        assert pacemaker
        ticket = self._cluster.config.tickets[0]
        limit_ms = Ticket(ticket).margin_ms + ticket.acquire_after_ms
        latency_us, usual = (1 * MS, limit_ms * MS * 6 // 10), pacemaker.latency_us

        def set_to(latency: tuple[int, int]) -> None:
            pacemaker.latency_us = latency

        return Fault(f"slow CIB at {pacemaker.site}", lambda: set_to(latency_us), lambda: set_to(usual))

    def broken_cib(self) -> Fault:
        pacemaker = self._cluster[self._some(self._cluster.sites)].pacemaker
        assert pacemaker
        fate = self._dice.choice(["fail", "hang"])

        def begin() -> None:
            pacemaker.fate = lambda write: fate if write.granted else ""

        def end() -> None:
            pacemaker.fate = lambda _: ""

        return Fault(f"grants {fate} at {pacemaker.site}'s CIB", begin, end)

    def unreadable_cib(self) -> Fault:
        pacemaker = self._cluster[self._some(self._cluster.sites)].pacemaker
        assert pacemaker

        def unreadable(so: bool) -> None:
            pacemaker.unreadable = so

        return Fault(
            f"no CIB to read at {pacemaker.site}", lambda: unreadable(True), lambda: unreadable(False)
        )

    def bad_handler(self) -> Fault:
        node, status = self._cluster[self._some(self._cluster.sites)], self._dice.choice([1, 1, None])

        def begin() -> None:
            node.handler = lambda _: status

        def end() -> None:
            node.handler = lambda _: 0

        return Fault(f"handler of {node.name} {'fails' if status else 'hangs'}", begin, end)

    # --- people

    def grant(self) -> Fault:
        at = self._some(self._cluster.sites)
        options = self._dice.choice([Option.NONE, Option.WAIT, Option.WAIT | Option.WAIT_COMMIT])
        return Fault(f"grant at {at}", lambda: self._cluster.grant(at, options=options), nothing)

    def revoke(self) -> Fault:
        at = self._some(self._cluster.sites)
        return Fault(f"revoke at {at}", lambda: self._cluster.revoke(at), nothing)

    def impatient(self) -> Fault:
        at, after_us = self._some(self._cluster.sites), self._dice.randint(0, 300 * MS)

        def begin() -> None:
            client = self._cluster.grant(at)
            self._cluster.timeline.after(
                after_us, lambda: self._cluster.leave(client) if client.closed_us is None else None
            )

        return Fault(f"grant at {at}, and go", begin, nothing)

    # --- all together

    def rage(self, for_ms: int) -> None:
        """Let faults happen for some time, two at once now and then; then end all of them."""
        end_ms = self._cluster.now_ms + for_ms
        while self._cluster.now_ms < end_ms:
            faults = [self._dice.choice(self.kinds)() for _ in range(self._dice.choice([1, 1, 2, 4]))]
            for fault in faults:
                self._tell(f"begin {fault.name}")
                fault.begin()
                self._wait(0.5)
            self._wait(2.5)
            for fault in faults:
                if fault.end is not nothing:
                    self._tell(f"end {fault.name}")
                    fault.end()
            self._wait(1.5)
        self.calm()

    def _wait(self, leases: float) -> None:
        """Let a part of so many leases go by."""
        self._cluster.run(int(self._dice.random() * leases * self._expire_ms))

    def _tell(self, what: str) -> None:
        self._cluster.mark(what)
        self.log.append(f"{self._cluster.now_ms} ms: {what}")

    def calm(self) -> None:
        """End everything that may still be wrong."""
        self._tell("all is well again")
        self._cluster.network.heal()
        for node in self._cluster.nodes.values():
            node.start()
            node.resume()
            node.late_us = 1 * MS
            node.clock.wall_error_us = 0
            node.handler = lambda _: 0
            if node.pacemaker:
                node.pacemaker.latency_us = (1 * MS, 5 * MS)
                node.pacemaker.unreadable = False
                node.pacemaker.fate = lambda _: ""
