"""Faults on a lab that works: what Booth and its nodes go through, and that all of it can be undone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import names, reset
from boothlab.engine.assets import lab_folder
from boothlab.engine.progress import SilentProgress
from boothlab.errors import BoothlabError
from boothlab.faults import FaultRefusedError, Faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from boothlab.engine.lab import Lab
    from boothlab.faults import Applied

pytestmark = pytest.mark.lab("standalone")

A, B, C = "boothA", "boothB", "arbitrator"


def booth_state(lab: Lab, node: str) -> str:
    """Return the kernel's letter for Booth's process, e.g. S or T; empty when there is none."""
    answer = lab.run(node, "pid=$(cat /run/booth-service.booth.pid) && ps -o stat= -p $pid")
    return answer.stdout.strip()[:1]


def answers(lab: Lab, node: str) -> bool:
    return lab.run(node, ["timeout", "2", "booth", "list"]).ok


def test_a_leader_is_found_when_the_fault_begins(faults: Faults, apply: Callable[..., Applied]) -> None:
    apply("one-way from=leader to=follower")

    assert faults.active()[0].who == {"leader": ["A"], "follower": ["B"]}


def test_the_ticket_moves_away_from_a_leader_that_is_cut_off_and_comes_to_rest_after_healing(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    def leader() -> str | None:
        return lab.status().tickets[0].leader_site

    apply("partition members=leader")
    wait_until(
        lambda: booth_leader(lab, C), lambda found: found == "192.168.102.100", what="B leads", limit_s=30
    )
    faults.heal()
    wait_until(
        lambda: [booth_leader(lab, node) for node in (A, B, C)],
        lambda found: found == ["192.168.102.100"] * 3,
        what="all agree",
        limit_s=30,
    )
    assert leader() == "B"


def booth_leader(lab: Lab, node: str) -> str:
    """Return the leader's address as a member lists it."""
    words = lab.run(node, ["timeout", "2", "booth", "list"]).stdout.replace(",", " ").split()
    return words[words.index("leader:") + 1] if "leader:" in words else ""


def test_a_killed_booth_is_gone_until_healed(lab: Lab, faults: Faults, apply: Callable[..., Applied]) -> None:
    applied = apply("kill-booth at=C")

    assert booth_state(lab, C) in ("", "Z")
    assert not answers(lab, C)
    faults.undo(applied)
    faults.undo(applied)
    assert answers(lab, C)


def test_a_paused_booth_stands_still_until_healed(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    applied = apply("pause-booth at=C")

    assert booth_state(lab, C) == "T"
    faults.undo(applied)
    assert booth_state(lab, C) != "T"
    assert answers(lab, C)


def test_a_restarted_booth_is_another_process_and_nothing_is_left_to_heal(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    def process() -> str:
        return lab.run(C, "cat /run/booth-service.booth.pid").stdout

    before = process()
    apply("restart-booth at=C")

    assert process() != before
    assert answers(lab, C)
    assert faults.active() == []


def test_a_killed_node_is_off_until_healed(lab: Lab, faults: Faults, apply: Callable[..., Applied]) -> None:
    apply("kill-node at=C,B")

    assert {lab.runtime.states()[node] for node in (B, C)} == {"exited"}
    faults.heal()
    assert set(lab.runtime.states().values()) == {"running"}
    assert answers(lab, B)
    assert answers(lab, C)


def test_a_restarted_node_comes_back_with_its_booth(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    booted = lab.run(C, "stat -c %Y /proc/1").stdout
    apply("restart-node at=C")

    assert lab.run(C, "stat -c %Y /proc/1").stdout != booted
    assert answers(lab, C)
    assert faults.active() == []


def test_a_frozen_node_does_nothing_until_healed(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    apply("pause-node at=C")
    ping = lab.run(A, ["ping", "-c1", "-W1", "arbitrator"])

    assert lab.runtime.states()[C] == "paused"
    assert ping.ok  # the kernel still answers
    assert not lab.run(A, ["timeout", "1", "booth", "list", "-s", "192.168.100.100"]).ok
    faults.heal()
    assert answers(lab, C)


def test_a_slow_crm_ticket_takes_its_time_and_a_broken_one_fails(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    def ask() -> tuple[bool, float]:
        began = time.monotonic()
        answer = lab.run(A, ["crm_ticket", "-t", "apacheticket", "-q"], limit_s=10)
        return answer.ok, time.monotonic() - began

    slow = apply("break-crm-ticket at=A mode=slow delay_ms=700")
    ok, took_s = ask()
    assert (ok, took_s >= 0.7) == (True, True)
    faults.undo(slow)
    apply("break-crm-ticket at=holder-site mode=fail")
    assert not ask()[0]
    faults.heal()
    assert ask()[0]


def test_a_program_that_is_broken_already_is_left_to_its_fault(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    first = apply("break-crm-ticket at=A mode=fail")
    with pytest.raises(FaultRefusedError, match=f"{first.id} is applied to boothA already"):
        apply("break-crm-ticket at=A mode=slow")

    assert [each.id for each in faults.active()] == [first.id]
    assert not lab.run(A, ["crm_ticket", "-t", "apacheticket", "-q"]).ok


def test_a_fault_that_cannot_be_is_refused_and_leaves_nothing(
    faults: Faults, apply: Callable[..., Applied]
) -> None:
    for words in (
        "stop-cluster at=A",
        "break-crm-ticket at=arbitrator mode=fail",
        "loss from=A to=A percent=1",
    ):
        with pytest.raises(FaultRefusedError):
            apply(words)
    apply("kill-booth at=C")
    with pytest.raises(BoothlabError, match="boothd does not run at arbitrator"):
        apply("pause-booth at=C")

    assert [each.fault.kind for each in faults.active()] == ["kill-booth"]


def test_a_reset_heals_everything(lab: Lab, faults: Faults, apply: Callable[..., Applied]) -> None:
    for words in (
        "partition members=A",
        "delay delay_ms=300",
        "break-crm-ticket at=A mode=fail",
        "pause-node at=B",
        "kill-booth at=C",
    ):
        apply(words)
    reset.reset(lab, SilentProgress())
    router = lab.run(names.ROUTER, "nft list tables; ls /run/boothlab/faults; pgrep -f '[/]router.pyz'")

    assert faults.active() == []
    assert router.stdout == ""
    assert lab.run(A, ["crm_ticket", "-t", "apacheticket", "-q"]).ok
    assert all(answers(lab, node) for node in (A, B, C))


def boothlab(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from boothlab.cli.main import main; main()", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran


def cli(*words: str) -> str:
    return boothlab("fault", *words).stdout


def test_who_attaches_to_a_lab_is_told_what_is_still_applied(
    lab: Lab, apply: Callable[..., Applied], tmp_path: Path
) -> None:
    shipped = (lab_folder() / "topologies" / "standalone.yaml").read_text()
    file = tmp_path / "own.yaml"
    file.write_text(shipped.replace("name: standalone", f"name: {lab.name}", 1))
    applied = apply("loss from=A percent=1")
    attached = boothlab("up", "--json", str(file))

    assert f"{applied.id} is still applied: loss from=A percent=1" in attached.stderr


def test_the_command_line_applies_shows_and_heals(lab: Lab, faults: Faults) -> None:
    where = ("--lab", lab.name)
    asked = ("--seed", "7", "--backend", "userspace", "loss", "from=leader", "percent=25")
    applied = json.loads(cli("apply", "--json", *where, *asked))
    shown = cli("show", *where)
    told = cli("apply", *where, "--for", "0.1", "pause-booth", "at=C")
    kinds = {row["fault"]: row for row in json.loads(cli("list", "--json", *where))}

    assert applied["resolved"] == {"leader": ["A"]}
    assert (applied["seed"], applied["backend"]) == (7, "userspace")
    assert "loss from=leader percent=25 (leader is A)" in " ".join(shown.split())
    assert told.splitlines()[-1].endswith("is healed")
    assert kinds["loss"]["available"]
    assert not kinds["stop-cluster"]["available"]
    assert cli("heal", *where) == f"{applied['id']} is healed\n"
    assert cli("show", *where) == "no fault is applied\n"
    assert faults.active() == []


@pytest.mark.lab("standalone", set=("apacheticket.before-acquire-handler=/usr/bin/true",))
def test_a_site_whose_handler_fails_gives_the_ticket_up(
    lab: Lab, faults: Faults, apply: Callable[..., Applied], wait_until: Callable[..., Any]
) -> None:
    apply("break-handler at=A mode=fail")
    assert not lab.run(A, ["/usr/bin/true"]).ok
    wait_until(
        lambda: booth_leader(lab, C), lambda found: found != "192.168.101.100", what="A gives up", limit_s=30
    )
    faults.heal()
    assert lab.run(A, ["/usr/bin/true"]).ok


@pytest.mark.lab("standalone", subject="python")
def test_our_own_booth_is_killed_paused_and_restarted_just_the_same(
    lab: Lab, faults: Faults, apply: Callable[..., Applied]
) -> None:
    apply("pause-booth at=leader")
    assert booth_state(lab, A) == "T"
    faults.heal()
    assert answers(lab, A)
    apply("kill-booth at=B")
    assert not answers(lab, B)
    faults.heal()
    apply("restart-booth at=B,C")
    assert answers(lab, B)
    assert answers(lab, C)
