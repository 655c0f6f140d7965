"""Wall clocks that are wrong and disks that are full: what daemons make of it, and that it can be undone."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import reset
from boothlab.engine.mending import SET_CLOCK
from boothlab.engine.parsers import booth
from boothlab.engine.progress import SilentProgress
from boothlab.faults import FaultRefusedError, Faults
from boothlab.nemesis.vocabulary import parse_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.lab import Lab
    from boothlab.faults import Applied

A, B, C = "boothA", "boothB", "arbitrator"
TICKET = "apacheticket"
HOUR_S = 3600


def labs(*settings: str) -> pytest.MarkDecorator:
    """Run a test on the lab without Pacemaker, with each implementation of Booth."""
    return pytest.mark.parametrize(
        (),
        [
            pytest.param(marks=pytest.mark.lab("standalone", subject=subject, set=settings), id=subject)
            for subject in ("clusterlabs", "python")
        ],
    )


def clock_error_s(lab: Lab, node: str) -> float:
    """Return how wrong a node's wall clock is, compared with the router's: the same kernel's."""
    asked = "import time; print(time.time() - time.monotonic())"
    node_s, router_s = (float(lab.run(each, ["python3", "-c", asked]).stdout) for each in (node, "router"))
    return node_s - router_s


def process(lab: Lab, node: str) -> str:
    return lab.run(node, "cat /run/booth-service.booth.pid").stdout


def expires_in_s(lab: Lab, node: str) -> float:
    """Return in how many seconds, by a clock that is right, the ticket expires that a site's CIB holds."""
    answer = lab.run(node, ["crm_ticket", "-t", TICKET, "-G", "expires"])
    return float(answer.stdout) - time.time()


def listed(lab: Lab, node: str) -> booth.ListedTicket:
    (ticket,) = booth.parse_list(lab.run(node, ["timeout", "2", "booth", "list"]).stdout)
    return ticket


def calls(lab: Lab, node: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lab.run(node, "cat /var/log/crm_ticket.log").stdout.splitlines()]


def renewals(lab: Lab, node: str, since: int) -> list[dict[str, Any]]:
    """Return the calls after the first so many that wrote the granted ticket."""
    return [call for call in calls(lab, node)[since:] if "-g" in call["argv"] and "-S" in call["argv"]]


def leader(lab: Lab, node: str) -> str | None:
    return listed(lab, node).leader


@pytest.mark.parametrize("words", ["step-clock at=A step_ms=-5000", "drift-clock at=A rate=0.5"])
@pytest.mark.lab("standalone")
def test_a_clock_is_wrong_at_one_member_alone_and_right_when_healed(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], words: str
) -> None:
    applied = apply(words)
    time.sleep(2)

    assert clock_error_s(lab, A) < -0.8
    assert clock_error_s(lab, B) == pytest.approx(0, abs=0.1)
    assert int(lab.run(A, "date +%s").stdout) < time.time() - 0.8
    faults.undo(applied)
    faults.undo(applied)
    assert clock_error_s(lab, A) == pytest.approx(0, abs=0.1)


@pytest.mark.lab("standalone")
def test_a_drift_begins_without_a_jump_and_keeps_its_rate(lab: Lab, apply: Callable[..., Applied]) -> None:
    before_s = time.monotonic()
    apply("drift-clock at=A rate=1.5")
    after_s = time.monotonic()
    first = (time.monotonic(), clock_error_s(lab, A), time.monotonic())
    time.sleep(4)
    last = (time.monotonic(), clock_error_s(lab, A), time.monotonic())

    for asked_s, error_s, answered_s in (first, last):
        assert 0.5 * (asked_s - after_s) - 0.05 < error_s < 0.5 * (answered_s - before_s) + 0.05


@labs("booth.authentication=false")
def test_a_daemon_that_runs_sees_its_clock_jump_and_come_back(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    """It writes the lease's end by its wall clock into the CIB: so it saw the jump, and the way back."""
    before = process(lab, A)
    for step_s in (HOUR_S, -HOUR_S):
        apply(f"step-clock at=A step_ms={step_s * 1000}")
        wait_until(
            lambda: expires_in_s(lab, A),
            lambda left_s, step_s=step_s: abs(left_s - step_s) < 30,
            what="the lease's end is wrong",
            limit_s=20,
        )
        faults.heal()
        wait_until(
            lambda: expires_in_s(lab, A), lambda left_s: abs(left_s) < 30, what="... and right", limit_s=20
        )

    assert process(lab, A) == before
    assert leader(lab, C) == "192.168.101.100"


@labs("booth.authentication=false")
@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_leases_are_as_long_as_ever_where_the_wall_clock_drifts(
    lab: Lab, apply: Callable[..., Applied], wait_until: Callable[..., Any], rate: float
) -> None:
    def between_s() -> float:
        since = len(calls(lab, A))
        made = wait_until(
            lambda: renewals(lab, A, since), lambda found: len(found) >= 7, what="renewals", limit_s=40
        )
        times = [call["mono_s"][0] for call in made]
        return median(later - earlier for earlier, later in pairwise(times))

    usual_s = between_s()
    apply(f"drift-clock at=A rate={rate}")

    assert between_s() == pytest.approx(usual_s, rel=0.3)


@labs()
def test_clients_are_refused_whose_clock_differs_by_more_than_maxtimeskew(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    """... which is 600 s. What is refused at 700 s is done at 500 s, by the same client."""

    def ask(what: str) -> bool:
        return lab.run(B, ["timeout", "10", "booth", what, "-s", "192.168.101.100", TICKET]).ok

    apply("step-clock at=A step_ms=500000")
    assert ask("revoke")
    faults.heal()
    apply("step-clock at=A step_ms=700000")
    assert not ask("grant")
    assert lab.run(A, ["crm_ticket", "-t", TICKET, "-G", "granted"]).stdout == "false\n"


@pytest.mark.lab("standalone")
def test_a_restarted_node_has_the_wrong_clock_still(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    apply("step-clock at=C step_ms=90000")
    apply("restart-node at=C")

    assert clock_error_s(lab, C) == pytest.approx(90, abs=0.1)
    Faults(lab).sweep()
    assert clock_error_s(lab, C) == pytest.approx(0, abs=0.1)
    assert faults.active() == []


@labs()
def test_on_a_full_disk_the_cib_is_read_but_not_written_and_the_daemon_lives(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    def refused() -> list[dict[str, Any]]:
        return [call for call in calls(lab, A)[since:] if call["exit"] == 102 and "-S" in call["argv"]]

    before, since = process(lab, A), len(calls(lab, A))
    lab.run(A, ["crm_ticket", "-t", "other", "-S", "colour", "-v", "blue"])
    applied = apply("fill-disk at=A")
    answer = lab.run(A, ["crm_ticket", "-t", "other", "-S", "colour", "-v", "red"])

    assert (answer.exit_code, "No space left on device" in answer.stderr) == (102, True)
    assert lab.run(A, ["crm_ticket", "-t", "other", "-G", "colour"]).stdout == "blue\n"
    wait_until(refused, lambda found: len(found) > 1, what="Booth's writes fail", limit_s=20)
    assert process(lab, A) == before
    assert lab.run(A, "kill -0 $(cat /run/booth-service.booth.pid)").ok
    faults.undo(applied)
    faults.undo(applied)
    assert lab.run(A, ["crm_ticket", "-t", "other", "-G", "colour"]).stdout == "blue\n"
    assert lab.run(A, ["crm_ticket", "-t", "other", "-S", "colour", "-v", "red"]).ok
    done = len(calls(lab, A))
    wait_until(
        lambda: [call for call in calls(lab, A)[done:] if call["exit"] == 0 and "-S" in call["argv"]],
        bool,
        what="Booth's writes work",
        limit_s=30,
    )


@pytest.mark.lab("standalone")
def test_a_reset_gives_right_clocks_and_room(lab: Lab, faults: Faults, apply: Callable[..., Applied]) -> None:
    for words in ("step-clock at=A step_ms=3600000", "drift-clock at=A,C rate=0.5", "fill-disk at=A,B"):
        apply(words)
    reset.reset(lab, SilentProgress())

    assert faults.active() == []
    assert [clock_error_s(lab, node) for node in (A, B, C)] == pytest.approx([0, 0, 0], abs=0.1)
    assert expires_in_s(lab, A) < 30
    assert all(lab.run(node, ["crm_ticket", "-t", "x", "-S", "a", "-v", "1"]).ok for node in (A, B))


@pytest.mark.lab("standalone")
def test_a_node_that_cannot_have_a_wrong_clock_says_so(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    lab.run(A, f"mv {SET_CLOCK} {SET_CLOCK}.away")
    try:
        listed = faults.available(parse_words(["step-clock", "at=A", "step_ms=5000"]))
        with pytest.raises(FaultRefusedError, match="boothA has nothing that can make its clock wrong"):
            apply("drift-clock at=leader rate=0.5")
    finally:
        lab.run(A, f"mv {SET_CLOCK}.away {SET_CLOCK}")

    assert "boothA has nothing that can make its clock wrong" in (listed or "")
    assert faults.active() == []


# sites with Pacemaker


@pytest.mark.lab("three-site-fast")
def test_the_clock_of_a_whole_site_is_wrong_and_booth_tells_pacemaker_by_it(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    nodes = ("clusterA-1", "clusterA-2")

    def left_s() -> float:
        return expires_in_s(lab, nodes[0])

    applied = apply("step-clock at=A step_ms=-300000")

    assert applied.nodes == nodes
    assert [clock_error_s(lab, node) for node in nodes] == pytest.approx([-300, -300], abs=0.1)
    wait_until(left_s, lambda found: -300 < found < -200, what="the lease's end is wrong", limit_s=60)
    faults.heal()
    assert [clock_error_s(lab, node) for node in nodes] == pytest.approx([0, 0], abs=0.1)
    wait_until(left_s, lambda found: -60 < found < 60, what="... and right", limit_s=60)


@pytest.mark.lab("three-site-fast")
def test_on_a_full_disk_pacemaker_keeps_its_cib_in_memory_and_writes_it_when_there_is_room(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    nodes, folder = ("clusterA-1", "clusterA-2"), "/var/lib/pacemaker/cib"

    def on_disk(value: str) -> list[bool]:
        wanted = f'grep -q \'name="probe" value="{value}"\' {folder}/cib.xml'
        return [lab.run(node, wanted).ok for node in nodes]

    def remember(value: str) -> None:
        assert lab.run(nodes[0], ["crm_attribute", "-n", "probe", "-v", value]).ok

    remember("before")
    wait_until(lambda: on_disk("before"), all, what="the CIB is written", limit_s=30)
    owners = lab.run(nodes[0], f"stat -c '%n %U %G %a' {folder} {folder}/cib.xml").stdout
    apply("fill-disk at=A")
    remember("meanwhile")
    # Who writes the CIB is gone so soon that the journal may not know any more of which unit it was.
    refused = "journalctl | grep 'No space left on device'"
    wait_until(lambda: lab.run(nodes[0], refused).ok, bool, what="it cannot be written", limit_s=30)

    assert on_disk("before") == [True, True]
    assert lab.run(nodes[0], ["crm_ticket", "-t", TICKET, "-S", "colour", "-v", "blue"]).ok
    faults.heal()
    wait_until(lambda: on_disk("meanwhile"), all, what="the CIB is written again", limit_s=30)
    assert lab.run(nodes[0], f"stat -c '%n %U %G %a' {folder} {folder}/cib.xml").stdout == owners
    assert lab.run(nodes[0], f"ls -A {folder} | grep -c full").stdout == "0\n"
    assert not lab.run(nodes[0], ["mountpoint", "-q", folder]).ok
