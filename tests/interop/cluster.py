"""A standalone lab whose members change their implementation in place, in about a second.

A placement is a word with one letter a member, in the order of booth.conf: ``CPC`` is
ClusterLabs booth at site A and at the arbitrator, and ours at site B.
"""

from __future__ import annotations

import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from interop.records import Call, parse_calls

from boothlab.engine import booth_conf, implementations, names
from boothlab.engine.parsers import booth, cib
from boothlab.engine.snapshot import FOLDER
from boothlab.engine.topology.load import load
from boothlab.engine.topology.model import duration_ms
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from boothlab.engine.lab import Lab
    from boothlab.engine.runtime import Answer
    from boothlab.engine.topology.model import Ticket, Topology

TICKET: Final = "apacheticket"
LATE_S: Final = 3.0
"""How long after the earliest possible moment something may come; the host is shared."""
IMPLEMENTATIONS: Final = {"C": "clusterlabs", "P": "python"}

_STOP: Final = "kill -CONT -1; booth-service stop; pkill -KILL -x booth-guard; rm -rf /run/booth/*; true"
_FORGET: Final = (
    f"rm -rf /etc/booth && cp -a {FOLDER}/booth /etc/booth && "
    "rm -rf /var/lib/booth-cib/* && : > /var/log/crm_ticket.log && : > /var/log/booth.log"
)
_CUT: Final = """\
nft delete table inet cut 2>/dev/null
nft -f - <<'END'
table inet cut {{
    chain forward {{
        type filter hook forward priority 0
        {rules}
    }}
}}
END
"""


@dataclass(frozen=True)
class Member:
    """A member of the placement."""

    name: str
    node: str
    address: str
    is_site: bool
    implementation: str
    """``C`` or ``P``."""

    @property
    def id(self) -> int:
        """Its number on the wire and in the CIB."""
        return booth.site_id(self.address)


class Cluster:
    """The lab's members, every one with the implementation that the placement says."""

    def __init__(self, lab: Lab, placement: str, settings: Iterable[str] = ()) -> None:
        self.lab = lab
        self.placement = placement
        self.topology: Topology = load(_source(lab), overrides=tuple(settings)).topology
        nodes = {site.name: next(iter(site.nodes)) for site in self.topology.sites}
        nodes |= {each.name: each.node_name for each in self.topology.arbitrators}
        sites = {site.name for site in self.topology.sites}
        self.members: dict[str, Member] = {
            each.name: Member(each.name, nodes[each.name], str(each.address), each.name in sites, letter)
            for each, letter in zip(self.topology.members, placement, strict=True)
        }
        self.a, self.b = list(self.members.values())[:2]

    @property
    def sites(self) -> list[Member]:
        return [each for each in self.members.values() if each.is_site]

    @property
    def ticket(self) -> Ticket:
        return self.topology.tickets[TICKET]

    @property
    def expire_s(self) -> float:
        return duration_ms(self.ticket.expire) / 1000

    @property
    def limit_s(self) -> float:
        """How long after a leader's last renewal nobody may take the ticket, in seconds."""
        return self.expire_s + duration_ms(self.ticket.acquire_after) / 1000

    # all of them

    def fresh(self) -> None:
        """Begin anew: nothing cut, no ticket remembered, every log empty, everybody answering."""
        self.clear()
        self.everywhere(self.start)

    def clear(self) -> None:
        """Stop everybody, and leave nothing of what was; each has its implementation and configuration."""
        self.heal()
        self.everywhere(lambda member: self.sh(member, _STOP))
        self.everywhere(self._install)

    def _install(self, member: Member) -> None:
        conf = shlex.quote(booth_conf.render(self.topology))
        path = booth_conf.conf_path(self.topology)
        self.sh(member, f"{_FORGET} && printf %s {conf} > {path} && {switch(member.implementation)}")

    def everywhere(self, act: Callable[[Member], object]) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(act, self.members.values()))

    # one of them

    def run(self, member: Member, command: str, limit_s: float = 30) -> Answer:
        return self.lab.run(member.node, command, limit_s=limit_s)

    def sh(self, member: Member, command: str) -> str:
        """Run a command that must succeed; return what it printed."""
        answer = self.run(member, command)
        assert answer.ok, f"{member.name}: {command}: {answer.output}"
        return answer.stdout

    def start(self, member: Member) -> None:
        self.sh(member, "booth-service start")

    def stop(self, member: Member) -> None:
        self.sh(member, "booth-service stop")

    def kill(self, member: Member) -> None:
        """End the daemon, and only it, without any chance to say good-bye."""
        self.sh(member, "kill -KILL $(cat /run/booth-service.booth.pid)")

    def after_renewal(self, member: Member, command: str) -> None:
        """Run a command right after a site has told its CIB about a renewal."""
        log = "$(wc -l < /var/log/crm_ticket.log)"
        self.sh(member, f"seen={log}; until [ {log} -gt $seen ]; do sleep 0.02; done; {command}")

    def client(self, at: Member, command: str, *, by: str | None = None) -> Answer:
        """Run ``booth`` or ``geostore`` at a member's node: its own, or the implementation ``by``."""
        folder = f"{implementations.FOLDER}/{IMPLEMENTATIONS[by]}/" if by else ""
        return self.run(at, folder + command)

    def grant(self, at: Member) -> None:
        self.sh(at, f"booth grant -w -s {at.address} {TICKET}")
        self.wait_leader(at)

    # what they know

    def listed(self, member: Member) -> booth.ListedTicket:
        """Return the ticket as a member lists it."""
        answer = self.run(member, f"booth list -s {member.address}")
        return next(iter(booth.parse_list(answer.stdout)), booth.ListedTicket(TICKET, "?"))

    def leaders(self, among: Iterable[Member] | None = None) -> dict[str, str]:
        """Return whom each member lists as the leader, by their names."""
        asked = list(among or self.members.values())
        with ThreadPoolExecutor() as pool:
            says = [ticket.says for ticket in pool.map(self.listed, asked)]
        known = {each.address: each.name for each in self.members.values()}
        return {each.name: known.get(said, said) for each, said in zip(asked, says, strict=True)}

    def wait_leader(self, leader: Member | str, among: Iterable[Member] | None = None) -> None:
        """Wait until all (or those given) list this leader, and only its CIB has the ticket granted."""
        asked = list(among or self.members.values())
        wanted = leader if isinstance(leader, str) else leader.name
        granted = [leader.name] if isinstance(leader, Member) else []

        def look() -> tuple[dict[str, str], list[str]]:
            return self.leaders(asked), self.granted(asked)

        wait_until(
            look,
            lambda seen: set(seen[0].values()) == {wanted} and seen[1] == granted,
            what=f"{[each.name for each in asked]} list {wanted}, granted at {granted}",
            limit_s=20,
        )

    def cib(self, member: Member) -> cib.TicketState | None:
        """Return the ticket as a site's CIB has it; None when it does not."""
        answer = self.run(member, f"crm_ticket -t {TICKET} -q")
        return next(iter(cib.parse_tickets(answer.stdout, command=cib.COMMAND_CRM_TICKET)), None)

    def granted(self, among: Iterable[Member] | None = None) -> list[str]:
        """Return the sites whose CIB has the ticket granted."""
        sites = [each for each in among or self.sites if each.is_site]
        with ThreadPoolExecutor() as pool:
            states = list(pool.map(self.cib, sites))
        return [each.name for each, state in zip(sites, states, strict=True) if state and state.granted]

    def calls(self, member: Member, ticket: str = TICKET) -> list[Call]:
        """Return what a site has told its CIB about the ticket, in order."""
        return parse_calls(self.sh(member, "cat /var/log/crm_ticket.log"), ticket)

    def wait_told(self, member: Member, *, granted: bool, limit_s: float) -> list[Call]:
        """Wait until a site has told its CIB this, and that is in the log; return all it has told."""
        return wait_until(
            lambda: self.calls(member),
            lambda calls: bool(calls) and calls[-1].granted is granted,
            what=f"{member.name} has {'the ticket' if granted else 'given the ticket up'}",
            limit_s=limit_s,
        )

    def wait_calls(self, member: Member, *, more_than: int) -> None:
        """Wait until a site has told its CIB about the ticket that often: it was granted or renewed."""
        wait_until(
            lambda: len(self.calls(member)),
            lambda count: count > more_than,
            what=f"{member.name} has told its CIB more than {more_than} times",
            limit_s=10 * self.expire_s,
        )

    def peers(self, member: Member) -> tuple[booth.Peer, ...]:
        return booth.parse_peers(self.sh(member, f"booth peers -s {member.address}"))

    def log(self, member: Member) -> str:
        return self.sh(member, "cat /var/log/booth.log")

    # the network

    def isolate(self, *members: Member) -> None:
        """Let nothing between these members and any other through, in either direction."""
        rules = [f"ip {way} {each.address} drop" for each in members for way in ("saddr", "daddr")]
        self._cut(rules)

    def split(self, one: Iterable[Member], other: Iterable[Member]) -> None:
        """Let nothing between the two groups through; inside a group all is well."""
        left, right = (", ".join(each.address for each in group) for group in (one, other))
        pairs = ((left, right), (right, left))
        self._cut([f"ip saddr {{ {source} }} ip daddr {{ {to} }} drop" for source, to in pairs])

    def _cut(self, rules: list[str]) -> None:
        script = _CUT.format(rules="\n        ".join(rules))
        answer = self.lab.run(names.ROUTER, script)
        assert answer.ok, answer.output

    def heal(self) -> None:
        self.lab.run(names.ROUTER, "nft flush ruleset")


def switch(implementation: str) -> str:
    """Return the shell command that makes a node use this implementation (``C`` or ``P``) from now on."""
    home = f"{implementations.FOLDER}/{IMPLEMENTATIONS[implementation]}"
    programs = " ".join(f"{home}/{each}" for each in implementations.PROGRAMS)
    return f"ln -sfn {programs} {implementations.IN_PLACE}/"


def by_name(members: Mapping[str, Member], letters: str) -> list[Member]:
    """Return the members of these names: one letter each."""
    return [members[letter] for letter in letters]


def _source(lab: Lab) -> str:
    """Return the name of the topology that a test's lab was made of."""
    return lab.name.removeprefix("test-")
