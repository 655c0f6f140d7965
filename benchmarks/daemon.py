"""What boothlab's Booth daemon costs and how fast it is, beside ClusterLabs' in the same run.

Brings up the standalone lab and changes the members' implementation in place. Both sites
write to the lab's stand-in for crm_ticket, which costs both daemons the same.

    python benchmarks/daemon.py [--runs N] [--only grants,failover,renewals,idle,lists,many] [--json]

Medians; ratios are ours to theirs. Compare within one run only: hosts differ and are shared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from daemon_cluster import Cluster
from rich.console import Console
from rich.table import Table

from boothlab.cli.ending import told
from boothlab.engine import bringup, host, teardown
from boothlab.engine.progress import LineProgress
from boothlab.engine.topology.load import load
from boothlab.engine.topology.model import Ticket, duration_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon_cluster import CibCall

Results = dict[str, list[float]]
"""What was measured, by its name: with the unit at the end."""

THEIRS, OURS, MIXED = "clusterlabs", "python", "ours after theirs"
PLACEMENTS: Final = {
    THEIRS: dict.fromkeys("ABC", "clusterlabs"),
    OURS: dict.fromkeys("ABC", "python"),
    MIXED: {"A": "clusterlabs", "B": "python", "C": "python"},
}
"""Implementation by member. The last is for failover only: a lost leader of theirs, followers of ours."""

TICKET: Final = "ticket"
QUICK: Final = Ticket.model_validate(
    {
        "expire": "2000ms",
        "acquire-after": "500ms",
        "timeout": "100ms",
        "retries": 3,
        "renewal-freq": "1000ms",
    }
)
CALM: Final = Ticket.model_validate({"expire": 60, "timeout": 2, "retries": 3})
BUSY: Final = Ticket.model_validate({"expire": 20, "timeout": 1, "retries": 3})

GRANTS: Final = 20
LISTS: Final = 30
WATCH_S: Final = 30
"""How long CPU is watched, in seconds."""
BUSY_TICKETS: Final = 100
MANY_TICKETS: Final = 1000
GRANTS_LIMIT_S: Final = 120
"""How long it may take to grant them all, in seconds."""
LEASES_OF_MANY: Final = 1.5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="failovers of each kind (default: 5)")
    parser.add_argument("--only", type=parts_named, default=",".join(PARTS), help="the parts (default: all)")
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args()
    errors = Console(stderr=True, highlight=False)
    found = measure(arguments.only, arguments.runs, errors)
    medians = {
        place: {name: statistics.median(values) for name, values in results.items()}
        for place, results in found.items()
    }
    if arguments.as_json:
        print(json.dumps({"values": found, "medians": medians}, indent=1))
    else:
        show(medians)


def parts_named(text: str) -> list[str]:
    """Return the parts that a command line names.

    Raises:
        argparse.ArgumentTypeError: there is no such part.
    """
    parts = text.split(",")
    for each in parts:
        if each not in PARTS:
            raise argparse.ArgumentTypeError(f"there is no part {each!r}; there are {', '.join(PARTS)}")
    return parts


def measure(parts: list[str], runs: int, errors: Console) -> dict[str, Results]:
    """Bring the lab up, measure every part on every placement, and remove the lab."""
    progress = LineProgress(lambda line: errors.print(line, markup=False, soft_wrap=True))
    client = host.ensure_engine(progress)
    topology = load("standalone").topology.model_copy(update={"name": "bench-daemon"})
    found: dict[str, Results] = {place: {} for place in PLACEMENTS}
    try:
        cluster = Cluster(bringup.up(client, topology, progress, rebuild=True))
        for part in parts:
            for place in PLACEMENTS:
                if place != MIXED or part == "failover":
                    results = PARTS[part](cluster, PLACEMENTS[place], runs)
                    found[place] |= results
                    for name, values in results.items():  # whatever happens to the parts that follow
                        errors.print(f"{place}: {name}: {statistics.median(values):.3g}", highlight=False)
    finally:
        teardown.down(client, topology.name, progress)
    return found


def grants(cluster: Cluster, placement: dict[str, str], _runs: int) -> Results:
    """Measure how long a grant and a revoke take, to the answer and to the CIBs."""
    cluster.place(placement, {TICKET: QUICK})
    times = cluster.ask("A", "grants and revokes", ticket=TICKET, times=GRANTS)
    here, there = cluster.cib("A"), cluster.cib("B")

    def first_ms(calls: list[CibCall], after_s: float, *, granted: bool) -> float:
        return 1000 * next(
            call.ended_s - after_s for call in calls if call.began_s > after_s and call.granted is granted
        )

    return {
        "grant to answer (ms)": [1000 * each["grant_s"] for each in times],
        "grant to CIB (ms)": [first_ms(here, each["granted_at_s"], granted=True) for each in times],
        "revoke to answer (ms)": [1000 * each["revoke_s"] for each in times],
        "revoke to CIB (ms)": [first_ms(here, each["revoked_at_s"], granted=False) for each in times],
        "revoke to CIB of the other site (ms)": [
            first_ms(there, each["revoked_at_s"], granted=False) for each in times
        ],
    }


def failover(cluster: Cluster, placement: dict[str, str], runs: int) -> Results:
    """Measure how much later than expire + acquire-after the other site is granted the ticket."""
    kill = "kill -KILL $(cat /run/booth-service.booth.pid)"
    return {
        "failover after kill, over the limit (ms)": [
            over_limit_ms(cluster, placement, lambda: cluster.sh("A", kill)) for _ in range(runs)
        ],
        "failover after partition, over the limit (ms)": [
            over_limit_ms(cluster, placement, lambda: cluster.cut_off("A")) for _ in range(runs)
        ],
    }


def over_limit_ms(cluster: Cluster, placement: dict[str, str], break_it: Callable[[], object]) -> float:
    """Let A hold the ticket, break it, and return how late B got it."""
    cluster.place(placement, {TICKET: QUICK})
    cluster.ask("A", "grant", tickets=[TICKET], limit_s=GRANTS_LIMIT_S)
    break_it()
    limit_ms = duration_ms(QUICK.expire) + duration_ms(QUICK.acquire_after)
    cluster.wait_granted("B", limit_s=limit_ms / 1000 + 10)
    taken = next(call for call in cluster.cib("B") if call.granted)
    renewed = [call for call in cluster.cib("A") if call.granted and call.began_s < taken.began_s]
    return 1000 * (taken.began_s - renewed[-1].began_s) - limit_ms


def renewals(cluster: Cluster, placement: dict[str, str], _runs: int) -> Results:
    """Measure the CPU that renewals cost the leader and the other site."""
    tickets = {f"t{number}": BUSY for number in range(BUSY_TICKETS)}
    cluster.place(placement, tickets)
    cluster.ask("A", "grant", tickets=list(tickets), limit_s=GRANTS_LIMIT_S)
    before = {name: cluster.costs(name) for name in "AB"}
    wait_s(cluster, before["A"].now_s + WATCH_S)
    found: Results = {}
    for name, role in (("A", "leader"), ("B", "follower")):
        after = cluster.costs(name)
        renewed = sum(
            before[name].now_s < call.began_s < after.now_s and call.granted for call in cluster.cib("A")
        )
        used_s, children_s = after.cpu_s - before[name].cpu_s, after.children_s - before[name].children_s
        found |= {
            f"{role}: CPU for 1000 renewals (s)": [1000 * used_s / renewed],
            f"{role}: CPU of crm_ticket for 1000 renewals (s)": [1000 * children_s / renewed],
        }
    return found


def wait_s(cluster: Cluster, until_s: float) -> None:
    """Wait until the nodes' clock has come so far."""
    now_s = float(cluster.sh("A", "cut -d' ' -f1 /proc/uptime"))
    time.sleep(max(0.0, until_s - now_s))


def idle(cluster: Cluster, placement: dict[str, str], _runs: int) -> Results:
    """Measure what a granted ticket costs between two renewals, and how much memory the leader uses."""
    cluster.place(placement, {TICKET: CALM})
    cluster.ask("A", "grant", tickets=[TICKET], limit_s=GRANTS_LIMIT_S)
    before = cluster.costs("A")
    wait_s(cluster, before.now_s + WATCH_S - 5)  # the renewal is due after 30 s
    after = cluster.costs("A")
    seconds = after.now_s - before.now_s
    return {
        "idle CPU (%)": [100 * (after.cpu_s - before.cpu_s) / seconds],
        "idle wake-ups (1/s)": [(after.switches - before.switches) / seconds],
        "memory, RSS (MB)": [after.rss_kb / 1024],
        "memory that is no file's (MB)": [after.own_kb / 1024],
    }


def lists(cluster: Cluster, placement: dict[str, str], _runs: int) -> Results:
    """Measure how long it takes to list tickets: one request, and the whole command."""
    found: Results = {}
    for count in (1, 100, 1000):
        cluster.place(placement, {f"t{number}": CALM for number in range(count)})
        answers = cluster.ask("A", "lists", times=LISTS)
        command = "s=$(date +%s%N); booth list > /dev/null; e=$(date +%s%N); echo $((e - s))"
        taken_ns = [int(cluster.sh("A", command)) for _ in range(10)]
        found[f"list {count} tickets, request (ms)"] = [1000 * each for each in answers]
        found[f"list {count} tickets, command (ms)"] = [each / 1e6 for each in taken_ns]
    return found


def many(cluster: Cluster, placement: dict[str, str], _runs: int) -> Results:
    """Grant a thousand tickets with leases of a minute; count those that were not granted, or not kept."""
    tickets = {f"t{number}": CALM for number in range(MANY_TICKETS)}
    began_s = time.monotonic()
    cluster.place(placement, tickets)
    started_s = time.monotonic() - began_s
    answers = cluster.ask("A", "grant", tickets=list(tickets), limit_s=GRANTS_LIMIT_S)
    granted = cluster.costs("A")
    wait_s(cluster, granted.now_s + LEASES_OF_MANY * duration_ms(CALM.expire) / 1000)
    kept = cluster.costs("A")
    expire_s = duration_ms(CALM.expire) / 1000
    late = sum(
        after - before > expire_s
        for calls in granted_calls(cluster, tickets).values()
        for before, after in pairwise([*(call.began_s for call in calls), kept.now_s])
    )
    lost = sum(not call.granted and call.began_s > granted.now_s for call in cluster.cib("A"))
    return {
        "1000 tickets: start of all members (s)": [started_s],
        "1000 tickets: not granted within two minutes": [sum(map(bool, answers.values()))],
        "1000 tickets: renewals missed": [late + lost],
        "1000 tickets: CPU of the leader (%)": [
            100 * (kept.cpu_s - granted.cpu_s) / (kept.now_s - granted.now_s)
        ],
        "1000 tickets: memory, RSS (MB)": [kept.rss_kb / 1024],
    }


def granted_calls(cluster: Cluster, tickets: dict[str, Ticket]) -> dict[str, list[CibCall]]:
    """Return when each ticket was granted and renewed at A."""
    found: dict[str, list[CibCall]] = {ticket: [] for ticket in tickets}
    for call in cluster.cib("A"):
        if call.granted:
            found[call.ticket].append(call)
    return found


PARTS: Final[dict[str, Callable[[Cluster, dict[str, str], int], Results]]] = {
    "grants": grants,
    "failover": failover,
    "renewals": renewals,
    "idle": idle,
    "lists": lists,
    "many": many,
}


def show(medians: dict[str, dict[str, float]]) -> None:
    """Print what was measured, side by side."""
    table = Table(title="Booth daemons on the standalone lab (medians)", title_justify="left")
    table.add_column("")
    for place in (*PLACEMENTS, "ratio"):
        table.add_column(place, justify="right")
    for name, theirs in medians[THEIRS].items():
        ours = medians[OURS][name]
        cells = [medians[place].get(name) for place in PLACEMENTS]
        ratio = f"{ours / theirs:.2f}" if theirs > 0 and ours > 0 else ""
        table.add_row(name, *("" if each is None else f"{each:.3g}" for each in cells), ratio)
    console = Console()
    console.print(table)
    console.print(f"measured on {time.strftime('%Y-%m-%d', time.gmtime())}", highlight=False)


if __name__ == "__main__":
    with told():
        main()
