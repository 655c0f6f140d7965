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
from interop.probes import STATES, Probe, probes
from interop.records import parse_calls
from interop.talks import Talk, readable, with_authentication, without_authentication

from boothlab.engine.files import File

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
VALID_WITHIN_MS: Final = 3000
"""How far apart two remaining leases may be that mean the same."""


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
        cluster.run(cluster.b, f"ip address add {address}/24 dev eth0 2>/dev/null; true")
    program = File(PROGRAM, (Path(__file__).parent / "probe.py").read_bytes(), mode=0o755)
    cluster.lab.runtime.put(cluster.b.node, [program, File("/tmp/plan.json", json.dumps(plan))])  # noqa: S108
    cluster.lab.runtime.put(cluster.a.node, [File("/etc/booth/booth.conf", configuration)])
    with ThreadPoolExecutor() as pool:
        told = pool.submit(cluster.sh, cluster.b, f"timeout 60 python3 {PROGRAM} < /tmp/plan.json")
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
    """Return a message as text, the remaining lease as coarsely as it means the same."""
    codes = " ".join(str(message[key]) for key in ("request", "reason", "result") if message[key])
    valid = round(message["valid"] / VALID_WITHIN_MS) * VALID_WITHIN_MS
    about = f"leader={message['leader']} term={message['term']} valid~{valid}"
    return f"to {message['to']}: {message['cmd']} {codes} {about}"


@pytest.mark.parametrize("state", STATES)
def test_both_daemons_answer_alike(lab: Lab, state: str) -> None:
    wanted = probes(state)
    theirs, ours = (outcomes(Cluster(lab, letters), state, wanted) for letters in ("CCC", "PPP"))

    different = {
        name: f"\n  theirs: {theirs[name]}\n  ours:   {ours[name]}"
        for name in theirs
        if theirs[name] != ours[name]
    }
    listed = deviations.in_state(state)
    assert {name: text for name, text in different.items() if name not in listed} == {}
    assert set(listed) - set(different) == set()


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


def assert_differ_only_where_listed(
    theirs: dict[str, str], ours: dict[str, str], listed: Mapping[str, str]
) -> None:
    different = {name: (theirs[name], ours[name]) for name in theirs if theirs[name] != ours[name]}
    assert {name: both for name, both in different.items() if name not in listed} == {}
    assert set(listed) - set(different) == set()


def test_both_daemons_serve_clients_alike(lab: Lab) -> None:
    talks = without_authentication()

    theirs, ours = (answers(Cluster(lab, letters), talks, conf(1)) for letters in ("CCC", "PPP"))

    assert_differ_only_where_listed(theirs, ours, deviations.TALKS)


def test_both_daemons_trust_the_same_signatures(lab: Lab) -> None:
    heard: list[dict[str, str]] = []
    refused: list[int] = []
    for letters in ("CCC", "PPP"):
        cluster = Cluster(lab, letters)
        key = cluster.sh(cluster.a, "cat /etc/booth/booth.key").encode()
        talks = with_authentication(key, cluster.b.id)
        heard.append(answers(cluster, talks, conf(1, signed=True)))
        refused.append(cluster.peers(cluster.a)[0].authfail)

    assert_differ_only_where_listed(heard[0], heard[1], deviations.SIGNED_TALKS)
    assert refused[0] == refused[1] == 5
