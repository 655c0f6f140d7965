"""The same packets to both daemons, in the same state: what they send, list and tell Pacemaker.

Site A runs the daemon in question; one program at site B plays two sites and two arbitrators.
Each difference is one that ``deviations`` lists with its reason, or a defect.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from interop import deviations
from interop.cluster import Cluster
from interop.placements import STANDALONE
from interop.probe import READY
from interop.probes import STATES, Probe, probes
from interop.records import parse_calls
from interop.talks import Talk, readable, with_authentication, without_authentication

from boothlab.engine.files import File
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.lab import Lab

pytestmark = STANDALONE

REAL: Final = "192.168.101.100"
PEERS: Final = {
    "2": "192.168.102.100",
    "3": "192.168.102.103",
    "4": "192.168.102.104",
    "5": "192.168.102.105",
}
PROGRAM: Final = "/tmp/probe.py"  # noqa: S108 - in a node
LEASES_MS: Final = {0: "none", 20_000: "10 s", 50_000: "45 s", 70_000: "60 s"}
"""What is left of a lease, as coarsely as it means the same: up to here it is called so."""


@dataclass(frozen=True)
class Outcome:
    """What came of a probe."""

    before: str
    """Whom the daemon listed as the leader: a member's number, none or NONE."""
    answers: tuple[str, ...]
    """What it sent about the ticket, in the order of the members."""
    after: str
    cib: tuple[str, ...]
    """What it told Pacemaker."""


def conf(tickets: int, *, signed: bool = False) -> str:
    """Return the configuration of five members, with so many tickets and times too long to disturb."""
    options = (
        "expire = 60000ms\n  timeout = 3001ms\n  retries = 3\n  renewal-freq = 20000ms\n  acquire-after = 5"
    )
    members = ["authfile = /etc/booth/booth.key"] if signed else []
    members += [f"site = {each}" for each in (REAL, PEERS["2"], PEERS["3"])]
    members += [f"arbitrator = {PEERS[each]}" for each in "45"]
    return "\n".join([*members, *(f'ticket = "t{number}"\n  {options}' for number in range(tickets))]) + "\n"


def run(cluster: Cluster, plan: dict[str, Any], configuration: str) -> Any:  # noqa: ANN401 - JSON
    """Carry the plan out at B with a fresh daemon at A, which it sees come up; return what it tells."""
    cluster.clear()
    for address in list(PEERS.values())[1:]:
        cluster.run(cluster.b, f"rm -f {READY}; ip address add {address}/24 dev eth0 2>/dev/null")
    program = File(PROGRAM, (Path(__file__).parent / "probe.py").read_bytes(), mode=0o755)
    cluster.lab.runtime.put(cluster.b.node, [program, File("/tmp/plan.json", json.dumps(plan))])  # noqa: S108
    cluster.lab.runtime.put(cluster.a.node, [File("/etc/booth/booth.conf", configuration)])
    with ThreadPoolExecutor() as pool:
        told = pool.submit(cluster.sh, cluster.b, f"timeout 60 python3 {PROGRAM} < /tmp/plan.json")
        wait_until(
            lambda: cluster.run(cluster.b, f"test -e {READY}").ok, what="the others listen", limit_s=20
        )
        cluster.start(cluster.a)
        return json.loads(told.result())


def outcomes(cluster: Cluster, state: str, wanted: list[Probe]) -> dict[str, Outcome]:
    """Return what comes of each probe to a ticket in this state, by the probe's name."""
    names = {f"t{number}": probe for number, probe in enumerate(wanted)}
    plan = {
        "action": "probe",
        "real": REAL,
        "peers": PEERS,
        "state": state,
        "probes": {ticket: probe.fields() for ticket, probe in names.items()},
    }
    told = run(cluster, plan, conf(len(names)))
    log = cluster.sh(cluster.a, "cat /var/log/crm_ticket.log")
    found = {}
    for ticket, probe in names.items():
        calls = [call for call in parse_calls(log, ticket) if call.began_s >= told["began_s"]]
        found[probe.name] = Outcome(
            before=told["before"][ticket],
            answers=tuple(sorted(described(each) for each in told["answers"].get(ticket, []))),
            after=told["after"][ticket],
            cib=tuple(f"granted={call.granted} owner={call.owner} term={call.term}" for call in calls),
        )
    return found


def described(message: dict[str, Any]) -> str:
    """Return a message as text."""
    codes = "".join(f" {message[key]}" for key in ("request", "reason", "result") if message[key])
    left = next((name for limit, name in LEASES_MS.items() if message["valid"] <= limit), "too much")
    about = f"leader={message['leader']} term={message['term']} left={left}"
    return f"to {message['to']}: {message['cmd']}{codes} {about}"


def assert_differ_only_where_listed(
    theirs: Mapping[str, object], ours: Mapping[str, object], listed: Mapping[str, str]
) -> None:
    different = [name for name in theirs if theirs[name] != ours[name]]
    unknown = [
        f"{name}\n  theirs: {theirs[name]}\n  ours:   {ours[name]}"
        for name in different
        if name not in listed
    ]
    assert not unknown, "\n".join(["no deviation is listed for:", *unknown])
    stale = set(listed) - set(different)
    assert not stale, f"listed as a deviation, but there is none: {sorted(stale)}"


@pytest.mark.parametrize(
    "state", [pytest.param(each, marks=() if each == "Follower" else pytest.mark.matrix) for each in STATES]
)
def test_both_daemons_answer_members_alike(lab: Lab, state: str) -> None:
    wanted = probes(state)

    theirs, ours = (outcomes(Cluster(lab, letters), state, wanted) for letters in ("CCC", "PPP"))

    assert {each.before for each in theirs.values()} == {each.before for each in ours.values()}
    assert_differ_only_where_listed(theirs, ours, deviations.in_state(state))


def answers(cluster: Cluster, talks: dict[str, Talk], configuration: str) -> dict[str, str]:
    """Return what is said to each conversation, by its name."""
    plan = {
        "action": "talk",
        "real": REAL,
        "peers": PEERS,
        "talks": [talk.fields() for talk in talks.values()],
    }
    told = run(cluster, plan, configuration)
    return {name: readable(each) for name, each in zip(talks, told, strict=True)}


def test_both_daemons_serve_clients_alike(lab: Lab) -> None:
    talks = without_authentication()

    theirs, ours = (answers(Cluster(lab, letters), talks, conf(1)) for letters in ("CCC", "PPP"))

    assert_differ_only_where_listed(theirs, ours, deviations.TALKS)


def test_both_daemons_trust_the_same_signatures(lab: Lab) -> None:
    heard: list[dict[str, str]] = []
    for letters in ("CCC", "PPP"):
        cluster = Cluster(lab, letters)
        key = cluster.sh(cluster.a, "cat /etc/booth/booth.key").encode()
        talks = with_authentication(key, cluster.b.id)
        heard.append(answers(cluster, talks, conf(1, signed=True)))
        unanswered = [name for name, talk in talks.items() if not talk.tcp and heard[-1][name] == "[]"]
        assert cluster.peers(cluster.a)[0].authfail == len(unanswered)

    assert_differ_only_where_listed(heard[0], heard[1], deviations.SIGNED_TALKS)
