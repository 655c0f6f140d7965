"""Whole daemons: as processes, on real sockets, with real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unit.daemon import daemons
from unit.daemon.daemons import PATIENCE_S, Cluster, eventually, status_field
from unit.daemon.inbox import HANGS, free_port, script

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = daemons.make(tmp_path)
    yield made
    made.kill_all()


@pytest.fixture
def running(cluster: Cluster) -> Cluster:
    cluster.start()
    return cluster


def test_a_ticket_is_granted_renewed_and_revoked(running: Cluster) -> None:
    a, b, _ = running.nodes
    a.grant()
    assert a.granted()
    eventually(lambda: sum(call.grants for call in a.calls()) >= 3)
    assert not b.granted()
    assert "leader: 127.0.0.2" in b.booth("list").stdout
    assert a.booth("revoke", "T").returncode == 0

    eventually(lambda: not a.granted())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_leader_that_can_do_nothing_loses_its_ticket_before_the_other_gets_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    cluster = daemons.make(tmp_path, more="acquire-after = 1")
    try:
        cluster.start()
        a, b, _ = cluster.nodes
        a.grant()
        a.signal(number)
        eventually(lambda: any(call.grants for call in b.calls()))
        revoked_s = next(call.end_s for call in a.calls() if call.revokes)
        granted_s = next(call.start_s for call in b.calls() if call.grants)

        assert not a.granted()
        assert revoked_s < granted_s
    finally:
        cluster.kill_all()


def test_a_stopped_leader_that_goes_on_follows_the_new_one(running: Cluster) -> None:
    a, b, _ = running.nodes
    a.grant()
    a.signal(signal.SIGSTOP)
    eventually(b.granted)
    a.signal(signal.SIGCONT)
    eventually(lambda: "leader: 127.0.0.3" in a.booth("list").stdout)

    assert (a.granted(), b.granted()) == (False, True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_inside_the_lease_keeps_the_ticket(tmp_path: Path, number: signal.Signals) -> None:
    cluster = daemons.make(tmp_path, more="expire = 6\nrenewal-freq = 3")
    try:
        cluster.start()
        a = cluster.a
        a.grant()
        a.signal(number)
        assert a.process
        a.process.wait(PATIENCE_S)
        a.start()
        eventually(lambda: sum(call.grants for call in a.calls()) >= 2)

        assert a.granted()
        assert not [call for call in a.calls() if call.revokes]
    finally:
        cluster.kill_all()


def test_a_guard_that_dies_is_replaced(running: Cluster) -> None:
    a, b, _ = running.nodes
    a.grant()
    first = a.guard()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: "starting another one" in a.log())
    eventually(lambda: a.guard() not in {0, first})
    a.signal(signal.SIGSTOP)
    eventually(b.granted)

    assert not a.granted()


def test_a_crm_ticket_that_hangs_holds_up_nobody(running: Cluster) -> None:
    a = running.a
    (a.folder / "crm_ticket").unlink()
    script(a.folder / "crm_ticket", HANGS)
    a.booth("grant", "T")

    assert a.booth("list").returncode == 0
    assert "leader: 127.0.0.2" in running.b.booth("list").stdout


def test_sigterm_ends_it_in_good_order(cluster: Cluster) -> None:
    a = cluster.a
    a.start()
    assert a.lock.read_text().startswith(f"booth_pid={a.pid} booth_state=started booth_type=site ")

    assert a.stop() == 0
    assert not a.lock.exists()
    assert a.log().splitlines()[-2].endswith("info: caught signal 15")
    assert a.log().splitlines()[-1].endswith("info: exiting")


def test_a_signal_while_it_starts_leaves_nothing_behind(cluster: Cluster) -> None:
    a = cluster.a
    a.launch()
    eventually(a.lock.exists)

    assert a.stop() == 0
    assert not a.lock.exists()


def test_other_signals_are_answered_in_the_log(running: Cluster) -> None:
    a = running.a
    a.signal(signal.SIGHUP)
    a.signal(signal.SIGUSR1)
    eventually(lambda: "restart the daemon" in a.log())
    eventually(lambda: "T (Init/0/0): state 'Init' term 0 leader NONE expires " in a.log())


def test_a_second_start_is_refused_and_the_first_is_not_disturbed(running: Cluster) -> None:
    a = running.a
    before = a.lock.read_text()
    second = subprocess.run(
        a.command("-S"), cwd=daemons.ROOT, env=a.environment(), capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert a.lock.read_text() == before
    assert a.booth("list").returncode == 0


def test_a_taken_port_is_told_and_the_lock_file_goes(cluster: Cluster) -> None:
    a = cluster.a
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind((a.address, cluster.port))
        a.launch()
        assert a.process
        assert a.process.wait(PATIENCE_S) == 1

    assert f"failed to bind UDP socket to [{a.address}]:{cluster.port}: Address already in use" in a.log()
    assert not a.lock.exists()


def test_a_deleted_lock_file_comes_back(running: Cluster) -> None:
    a = running.a
    text = a.lock.read_text()
    a.lock.unlink()
    assert a.booth("list").returncode == 0

    assert a.lock.read_text() == text


def test_agents_find_it_by_title_and_name(running: Cluster) -> None:
    a = running.a
    title = Path(f"/proc/{a.pid}/cmdline").read_bytes().rstrip(b"\0").decode()

    assert title == f"boothd {a.conf} site for [127.0.0.2]:{running.port}"
    assert status_field(a.pid, "Name") == "boothd"


def test_children_get_the_environment_although_the_title_lies_over_it(running: Cluster) -> None:
    running.a.grant()  # crm_ticket found PATH, BOOTHLAB_CIB and BOOTHLAB_CIB_LOG

    assert running.a.granted()


def test_in_the_background_the_caller_hears_whether_it_came_up(cluster: Cluster) -> None:
    a = cluster.a

    def start() -> int:
        command = [*a.command()]
        return subprocess.run(
            command, cwd=daemons.ROOT, env=a.environment(), capture_output=True, check=False, timeout=30
        ).returncode

    assert start() == 0
    pid = int(a.lock.read_text().split()[0].partition("=")[2])
    try:
        assert a.booth("list").returncode == 0
        assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
        assert start() == 1
    finally:
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: not a.lock.exists())


def test_a_daemon_with_nothing_to_do_sleeps(running: Cluster) -> None:
    pids = [node.pid for node in running.nodes] + [running.a.guard()]

    def sleeps() -> bool:
        """Look for a second without a single wake-up, after what belongs to the start."""
        before = [status_field(pid, "voluntary_ctxt_switches") for pid in pids]
        time.sleep(1)
        return [status_field(pid, "voluntary_ctxt_switches") for pid in pids] == before

    eventually(sleeps)


def test_a_flood_of_garbage_keeps_nobody_from_their_ticket(running: Cluster) -> None:
    a = running.a
    stop = threading.Event()

    def flood() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            while not stop.is_set():
                for length in (0, 4, 47, 48, 124, 1024):
                    stranger.sendto(os.urandom(length), (a.address, running.port))

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        a.grant()
        eventually(lambda: sum(call.grants for call in a.calls()) >= 3)
    finally:
        stop.set()
        thread.join()

    assert a.granted()
    assert not [call for call in a.calls() if call.revokes]
    assert "nobody but members is heard" in a.log()
    assert len(a.log().splitlines()) < 100


def test_metrics_are_served_where_they_were_asked_for(cluster: Cluster) -> None:
    port = free_port()
    cluster.a.start("--metrics", str(port))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
        text = answer.read().decode()

    assert 'booth_ticket_granted_here{ticket="T"} 0' in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_configured_user_and_keeps_no_groups(cluster: Cluster) -> None:
    conf = cluster.a.conf
    conf.write_text(conf.read_text().replace("arbitrator-user = root", "arbitrator-user = nobody"))
    cluster.c.start()
    pid = cluster.c.pid

    assert status_field(pid, "Uid").split() == ["65534"] * 4
    assert status_field(pid, "Groups") == ""
    assert cluster.c.lock.stat().st_uid == 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_unknown_user_is_replaced_by_nobody_and_told(cluster: Cluster) -> None:
    conf = cluster.a.conf
    conf.write_text(conf.read_text().replace("arbitrator-user = root", "arbitrator-user = ghost"))
    cluster.c.start()

    assert status_field(cluster.c.pid, "Uid").split() == ["65534"] * 4
    assert 'User "ghost" cannot be resolved into a UID.' in cluster.c.log()
