"""The standalone lab as the daemon's benchmark uses it: placements, faults, and what processes cost."""

from __future__ import annotations

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import booth_conf, implementations, names
from boothlab.engine.files import File
from boothlab.engine.snapshot import FOLDER
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.lab import Lab
    from boothlab.engine.topology.model import Ticket

NODES: Final = {"A": "boothA", "B": "boothB", "C": "arbitrator"}
CIB_LOG: Final = "/var/log/crm_ticket.log"
_CLIENT: Final = "/tmp/client.py"  # noqa: S108 - in a node
START_LIMIT_S: Final = 180
"""How long a daemon may take until it answers: a thousand tickets on a host that is busy, in seconds."""
# booth-service would give up on a thousand tickets earlier.
_START: Final = """\
setsid boothd daemon -S -c booth < /dev/null >> /var/log/booth.log 2>&1 &
echo $! > /run/booth-service.booth.pid
until timeout 2 booth list > /dev/null 2>&1; do sleep 0.05; done
"""
_COSTS: Final = """\
for pid in $(cat /run/booth-service.booth.pid) $(pgrep -x booth-guard); do
    cat /proc/$pid/task/*/schedstat | awk '{ns += $1} END {print "cpu_ns", ns}'
    awk '{print "children_ticks", $16 + $17}' /proc/$pid/stat
    awk '/^(VmRSS|RssAnon):/ {print $1, $2}
        /^(voluntary|nonvoluntary)_ctxt/ {n += $2} END {print "switches", n}' /proc/$pid/status
done
awk '{print "now_s", $1}' /proc/uptime
"""


@dataclass(frozen=True)
class Costs:
    """What a member's processes have used since their start, the daemon's helpers included."""

    cpu_s: float
    """Seconds of CPU, without crm_ticket's."""
    children_s: float
    """Seconds of CPU of the processes that they started and that have ended."""
    rss_kb: int
    """Memory; what two processes share counts twice."""
    own_kb: int
    """Memory that is no file's."""
    switches: int
    """How often they were given the CPU."""
    now_s: float


@dataclass(frozen=True)
class CibCall:
    """A grant or revoke in a site's CIB. Times are seconds of one clock for all nodes."""

    ticket: str
    granted: bool
    began_s: float
    ended_s: float


class Cluster:
    """Two sites and an arbitrator; each runs the implementation that a placement says."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.address = {member.name: str(member.address) for member in lab.topology.members}
        client = File(_CLIENT, Path(__file__).with_name("daemon_client.py").read_bytes())
        for node in NODES.values():
            lab.runtime.put(node, [client])

    def place(self, placement: dict[str, str], tickets: dict[str, Ticket]) -> None:
        """Begin anew with this implementation at each member, and with these tickets."""
        self.heal()
        self._everywhere(
            lambda name: self.sh(
                name, "booth-service stop; pkill -KILL -x booth-guard; rm -rf /run/booth/*; true"
            )
        )
        topology = self.lab.topology.model_copy(update={"tickets": tickets})
        conf = File(booth_conf.conf_path(topology), booth_conf.render(topology))
        self._everywhere(lambda name: self._install(name, placement[name], conf))
        self._everywhere(lambda name: self.sh(name, _START, limit_s=START_LIMIT_S))
        for name in "AB":
            self._wait_loaded(name, len(tickets))

    def _wait_loaded(self, name: str, tickets: int) -> None:
        """Wait until a site has asked its CIB about every ticket and was told that there is none."""
        wait_until(
            lambda: int(self.lab.run(NODES[name], f"grep -c '\"exit\": 105' {CIB_LOG}").stdout or 0),
            lambda asked: asked >= tickets,
            what=f"{name} has loaded its tickets",
            limit_s=START_LIMIT_S,
        )

    def _install(self, name: str, implementation: str, conf: File) -> None:
        home = f"{implementations.FOLDER}/{implementation}"
        programs = " ".join(f"{home}/{each}" for each in implementations.PROGRAMS)
        clean = f"rm -rf /etc/booth /var/lib/booth-cib/* && cp -a {FOLDER}/booth /etc/booth && : > {CIB_LOG}"
        self.sh(name, f"{clean} && : > /var/log/booth.log && ln -sfn {programs} {implementations.IN_PLACE}/")
        self.lab.runtime.put(NODES[name], [conf])

    def _everywhere(self, act: Callable[[str], object]) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(act, NODES))

    def sh(self, name: str, command: str, *, limit_s: float = 60) -> str:
        """Run a command at a member; return what it printed.

        Raises:
            RuntimeError: it failed.
        """
        answer = self.lab.run(NODES[name], command, limit_s=limit_s)
        if not answer.ok:
            raise RuntimeError(f"{name}: {command}: {answer.output}")
        return answer.stdout

    def ask(self, name: str, do: str, **plan: object) -> Any:  # noqa: ANN401 - JSON
        """Let the client in a member's node carry a plan out at its daemon."""
        text = shlex.quote(json.dumps({"do": do, "address": self.address[name], **plan}))
        return json.loads(self.sh(name, f"printf %s {text} | python3 {_CLIENT}", limit_s=300))

    def cib(self, name: str) -> list[CibCall]:
        """Return what a site has told its CIB, in order."""
        records = map(json.loads, self.sh(name, f"cat {CIB_LOG}").splitlines())
        found = [_call(each) for each in records if {"-g", "-r"} & set(each["argv"]) and each["exit"] == 0]
        return sorted(found, key=lambda call: call.ended_s)

    def wait_granted(self, name: str, *, limit_s: float) -> None:
        """Wait until a site has told its CIB that it has a ticket."""
        wait_until(
            lambda: any(call.granted for call in self.cib(name)),
            what=f"{name} has the ticket",
            limit_s=limit_s,
        )

    def costs(self, name: str) -> Costs:
        """Return what a member's processes have used so far."""
        words = [line.split() for line in self.sh(name, _COSTS).splitlines()]
        total: dict[str, float] = {}
        for key, value in words:
            total[key] = total.get(key, 0) + float(value)
        return Costs(
            cpu_s=total["cpu_ns"] / 1e9,
            children_s=total["children_ticks"] / 100,
            rss_kb=int(total["VmRSS:"]),
            own_kb=int(total["RssAnon:"]),
            switches=int(total["switches"]),
            now_s=total["now_s"],
        )

    def cut_off(self, name: str) -> None:
        """Let no packet to or from a member through."""
        address = self.address[name]
        rules = f"ip saddr {address} drop; ip daddr {address} drop"
        chain = f"type filter hook forward priority 0; {rules};"
        script = f"nft 'table inet cut {{ chain forward {{ {chain} }}; }}'"
        answer = self.lab.run(names.ROUTER, script)
        if not answer.ok:
            raise RuntimeError(answer.output)

    def heal(self) -> None:
        """Let everything through again."""
        self.lab.run(names.ROUTER, "nft flush ruleset")


def _call(record: dict[str, Any]) -> CibCall:
    argv = record["argv"]
    return CibCall(argv[argv.index("-t") + 1], "-g" in argv, *record["mono_s"])
