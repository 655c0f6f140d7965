"""Up, down, attach, reset, and what is left when they are cut short: as a person types them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from boothlab.engine import names, teardown
from boothlab.engine.client import connect
from boothlab.engine.progress import SilentProgress
from boothlab.engine.topology.load import load
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.pytest_plugin import Labs

BOOTHLAB = Path(sys.executable).with_name("boothlab")
LAB = "test-lifecycle"


@pytest.fixture
def topology(tmp_path: Path, boothlab_labs: Labs) -> Iterator[Path]:
    """Return a small topology's file; whatever a test leaves of it is removed."""
    boothlab_labs.close()  # it has the same subnets
    text = load("standalone").path.read_text()
    path = tmp_path / "lifecycle.yaml"
    path.write_text(re.sub(r"(?m)^name: .*", f"name: {LAB}", text))
    yield path
    client = connect()
    teardown.down(client, LAB, SilentProgress())
    client.close()


def boothlab(*words: object, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    done = subprocess.run(
        [BOOTHLAB, *map(str, words)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == expected, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def remains() -> list[str]:
    """Return what the engine has of the lab: containers, then networks."""
    client = connect()
    mine: Any = {"label": f"{names.LABEL_LAB}={LAB}"}
    # The engine lists what is being removed, and then does not find it.
    found = [each.name for each in client.containers.list(all=True, filters=mine, ignore_removed=True)]
    found += [each.name for each in client.networks.list(filters=mine)]
    client.close()
    return found


def test_up_attach_exec_down(topology: Path) -> None:
    """The first up builds, the second attaches, exec passes on, down leaves nothing."""
    up = json.loads(boothlab("up", topology, "--json").stdout)
    assert up["tickets"][0]["leader_site"] == "A"
    assert up["problems"] == []
    started = _started()

    again = boothlab("up", topology)
    assert "is up already" in again.stderr
    assert _started() == started

    node = up["sites"][0]["nodes"][0]["name"]
    assert boothlab("exec", "--lab", LAB, node, "hostname").stdout.strip() == node
    assert boothlab("exec", "--lab", LAB, node, "sh", "-c", "exit 7", expected=7)
    assert "daemon is starting" in boothlab("logs", node, "--lab", LAB).stdout

    boothlab("down", "--lab", LAB)
    assert remains() == []
    assert "is up" in boothlab("status", "--lab", LAB, expected=1).stderr


def _started() -> dict[str, str]:
    client = connect()
    mine: Any = {"label": f"{names.LABEL_LAB}={LAB}"}
    running = client.containers.list(filters=mine, ignore_removed=True)
    found = {each.name: each.attrs["State"]["StartedAt"] for each in running}
    client.close()
    return found


def test_a_changed_topology_is_told_and_rebuilt_on_request(topology: Path) -> None:
    boothlab("up", topology)
    changed = (
        ("--set", "ticketA.retries=5") if "ticketA" in topology.read_text() else ("--set", "booth.debug=1")
    )

    refused = boothlab("up", topology, *changed, expected=1)
    assert changed[1].split("=")[0].split(".")[-1] in refused.stderr
    assert "--rebuild" in refused.stderr

    boothlab("up", topology, *changed, "--rebuild")


def test_reset_brings_a_used_lab_back(topology: Path) -> None:
    up = json.loads(boothlab("up", topology, "--json").stdout)
    node = up["sites"][0]["nodes"][0]["name"]
    ticket, address = up["tickets"][0]["name"], up["sites"][0]["address"]
    boothlab("exec", "--lab", LAB, node, "booth", "revoke", "-s", address, "-t", ticket)
    client = connect()
    client.containers.get(names.container_name(LAB, up["arbitrators"][0]["node"]["name"])).kill()
    client.close()
    used = json.loads(boothlab("status", "--lab", LAB, "--json").stdout)
    assert (used["state"], used["tickets"][0]["leader"]) == ("partial", None)

    after = json.loads(boothlab("reset", "--lab", LAB, "--json").stdout)

    assert (after["state"], after["tickets"][0]["leader_site"], after["problems"]) == ("running", "A", [])
    # The counters began anew. A busy machine may be late with an answer once.
    assert all(peer["resends"] <= 3 for member in after["members"] for peer in member["peers"])
    revoked = json.loads(boothlab("reset", "--lab", LAB, "--no-grant", "--json").stdout)
    assert revoked["tickets"][0]["leader"] is None


def test_what_a_killed_bring_up_left_is_cleaned_by_the_next(topology: Path) -> None:
    _kill_while_building(topology, signal.SIGKILL)
    assert remains() != []

    up = json.loads(boothlab("up", topology, "--json").stdout)
    assert up["tickets"][0]["leader_site"] == "A"


def test_what_a_killed_bring_up_left_is_cleaned_by_down(topology: Path) -> None:
    _kill_while_building(topology, signal.SIGKILL)

    boothlab("down", "--lab", LAB)
    assert remains() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_bring_up_leaves_nothing(topology: Path, number: signal.Signals) -> None:
    _kill_while_building(topology, number)

    assert remains() == []


def _kill_while_building(topology: Path, number: signal.Signals) -> None:
    """Start a bring-up and send it a signal as soon as the first container is there."""
    building = subprocess.Popen([BOOTHLAB, "up", topology], stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: len(remains()), lambda count: count > 3, what="a container is there", limit_s=60)
    finally:
        os.kill(building.pid, number)
        building.communicate(timeout=60)
    assert building.returncode != 0


def test_a_second_lab_with_the_same_subnets_is_refused(topology: Path, tmp_path: Path) -> None:
    boothlab("up", topology)
    other = tmp_path / "other.yaml"
    other.write_text(topology.read_text().replace(f"name: {LAB}", "name: test-other"))

    refused = boothlab("up", other, expected=1)

    assert LAB in refused.stderr
    assert f"boothlab down --lab {LAB}" in refused.stderr
    assert boothlab("status", "--lab", LAB)


def test_two_processes_do_not_work_on_one_lab(topology: Path) -> None:
    building = subprocess.Popen([BOOTHLAB, "up", topology], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(remains()), what="the first has begun", limit_s=60)
        refused = boothlab("up", topology, expected=1)
        assert "another process" in refused.stderr
    finally:
        assert building.wait(timeout=120) == 0


def test_a_failing_step_shows_command_node_and_output(topology: Path) -> None:
    """A lease that the first site cannot get: its handler refuses."""
    began = time.monotonic()
    failed = boothlab("up", topology, "--set", f"{_ticket()}.before-acquire-handler=/bin/false", expected=1)
    assert time.monotonic() - began < 120
    assert "booth grant" in failed.stderr
    assert "node:" in failed.stderr
    assert "boothlab shell" in failed.stderr


def _ticket() -> str:
    return next(iter(load("standalone").topology.tickets))
