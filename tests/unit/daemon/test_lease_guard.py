"""Who revokes a ticket when the daemon cannot: real processes, and a crm_ticket that notes its calls."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unit.daemon.inbox import HANGS, script

from boothlab.daemon import clock
from boothlab.daemon.lease_table import Lease, LeaseTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 8.0
TOOL = """
case "$*" in
*-q) {query} ;;
*) echo "$*" >>{folder}/calls; {write} ;;
esac
"""
GRANTED = """
    for word; do [ "$last" = -t ] && name=$word; last=$word; done
    echo "<ticket_state id='$name' granted='true' expires='$(cat "${0%/bin/*}/expires")'/>"
"""
LOST = (
    "-t T -r --force -S owner --attr-value=0 -S expires --attr-value=77 -S term --attr-value=300 "
    "-S booth-cfg-name --attr-value=booth"
)

# A daemon that does nothing but to keep a guard: it obeys lines on stdin.
DAEMON = """
import sys
from types import SimpleNamespace
from boothlab.core.effects import WriteCib
from boothlab.daemon import clock, logs
from boothlab.daemon.lease_guard import LeaseGuard

held = open(sys.argv[1] + ".held", "w")
guard = LeaseGuard(sys.argv[1], "booth", logs.Log(logs.Stderr("boothd-site")))
guard.start()
print(guard.pid, flush=True)
for line in sys.stdin:
    word, ticket, number, expires_s = (*line.split(), 77)[:4]
    granted = word.startswith("grant")
    deadline_ms = clock.mono_ms() + int(number) if word == "granting" else None
    lease = {"granted": granted, "owner": 5, "expires_s": int(expires_s), "term": int(number)}
    effect = WriteCib(1, ticket, **lease, deadline_ms=deadline_ms)
    if word == "granting":
        guard.granting(effect)
    elif word.endswith("started"):
        guard.started(effect, SimpleNamespace(pid=int(number)))
    else:
        guard.written(effect, "failed" if number == "1" else "")
    print("ok", flush=True)
"""


@dataclass
class Daemon:
    """The daemon's side of a guard."""

    process: subprocess.Popen[str]
    guard: int

    def tell(self, line: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Site:
    """Where a daemon runs."""

    folder: Path
    daemons: list[Daemon]

    def start(self) -> Daemon:
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", DAEMON, str(self.folder / "booth.leases")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout
        daemon = Daemon(process, int(process.stdout.readline()))
        self.daemons.append(daemon)
        return daemon

    def tool(self, *, query: str = GRANTED, write: str = "") -> None:
        """Let crm_ticket answer otherwise."""
        write = write.replace("$calls", f"{self.folder}/calls")
        script(self.folder / "bin/crm_ticket", TOOL.format(folder=self.folder, query=query, write=write))

    def calls(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "calls").read_text().splitlines()
        return []

    def revoked(self) -> list[str]:
        return [line.split()[1] for line in self.calls()]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    (tmp_path / "bin").mkdir()
    (tmp_path / "expires").write_text("77")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    made = Site(tmp_path, [])
    made.tool()
    yield made
    for daemon in made.daemons:
        daemon.kill()
        for pipe in (daemon.process.stdin, daemon.process.stdout):
            assert pipe
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(daemon.guard, signal.SIGKILL)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "this did not come to pass"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Return whether a process has ended; its parent may not have noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] in "ZX"
    except FileNotFoundError:
        return True


def wait_until_gone(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ready = select.select([descriptor], [], [], PATIENCE_S)[0]
    os.close(descriptor)
    assert ready, "the process does not end"


def test_a_dead_daemons_ticket_is_revoked_at_the_leases_end_and_the_guard_leaves(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 300")
    end_ms = clock.mono_ms() + 300
    daemon.kill()
    wait_until_gone(daemon.guard)

    assert clock.mono_ms() >= end_ms
    assert site.calls() == [LOST]
    assert LeaseTable(str(site.folder / "booth.leases")).read() == {}
    assert "T: revoked by the lease guard" in (site.folder / "log").read_text()


def test_a_stopped_daemons_ticket_is_revoked(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 200")
    os.kill(daemon.process.pid, signal.SIGSTOP)
    eventually(lambda: site.revoked() == ["T"])

    assert not gone(daemon.guard)
    os.kill(daemon.process.pid, signal.SIGCONT)


def test_a_renewed_lease_is_left_alone_until_it_ends(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 250")
    daemon.tell("granting T 700")
    end_ms = clock.mono_ms() + 700
    daemon.kill()
    eventually(lambda: site.revoked() == ["T"])

    assert clock.mono_ms() >= end_ms


def test_a_ticket_that_the_daemon_revoked_is_guarded_no_longer(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 200")
    daemon.tell("revoke-started T 1")
    daemon.tell("revoke-written T 0")
    daemon.kill()
    wait_until_gone(daemon.guard)

    assert site.calls() == []


def test_a_revoke_that_failed_is_done_by_the_guard(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 60000")
    daemon.tell("revoke-started T 1")
    daemon.tell("revoke-written T 1")

    eventually(lambda: site.revoked() == ["T"])


def test_a_shorter_lease_than_the_one_before_is_noticed(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 60000")
    daemon.tell("granting U 300")
    daemon.tell("granting T 200")
    os.kill(daemon.process.pid, signal.SIGSTOP)

    eventually(lambda: sorted(site.revoked()) == ["T", "U"])


def test_a_guard_without_anything_to_guard_leaves_with_its_daemon(site: Site) -> None:
    daemon = site.start()
    daemon.kill()

    wait_until_gone(daemon.guard)


def test_a_revoke_that_fails_is_tried_again(site: Site) -> None:
    site.tool(write="[ $(wc -l <$calls) = 2 ]")
    daemon = site.start()
    daemon.tell("granting T 100")
    daemon.kill()
    wait_until_gone(daemon.guard)

    assert site.revoked() == ["T", "T"]


def test_the_next_daemons_guard_takes_over_what_is_guarded(site: Site) -> None:
    first = site.start()
    first.tell("granting T 1000")
    first.tell("granting U 1200")
    first.kill()
    second = site.start()
    wait_until_gone(first.guard)
    second.tell("granting T 60000")
    eventually(lambda: site.revoked() == ["U"])

    assert not gone(second.guard)


def test_what_became_due_in_the_handover_is_revoked(site: Site) -> None:
    first = site.start()
    first.tell("granting T 50")
    os.kill(first.guard, signal.SIGSTOP)
    first.kill()
    second = site.start()
    eventually(lambda: site.revoked() == ["T"])

    assert gone(first.guard), "a guard that does not leave is killed"
    assert not gone(second.guard)


def test_the_tool_that_a_dead_daemon_left_behind_cannot_grant_any_more(site: Site) -> None:
    sleeper = script(site.folder / "crm_ticket", "sleep 1000")
    daemon = site.start()
    tool = subprocess.Popen([sleeper], start_new_session=True)
    daemon.tell("granting T 300")
    daemon.tell(f"grant-started T {tool.pid}")
    daemon.kill()
    wait_until_gone(daemon.guard)

    assert tool.wait(PATIENCE_S) == -signal.SIGKILL
    assert site.revoked() == ["T"]


def test_the_next_daemon_ends_the_tool_that_a_dead_one_left_behind(site: Site) -> None:
    sleeper = script(site.folder / "crm_ticket", "sleep 1000")
    daemon = site.start()
    tool = subprocess.Popen([sleeper], start_new_session=True)
    daemon.tell("granting T 60000")
    daemon.tell(f"grant-started T {tool.pid}")
    daemon.kill()

    site.start()

    assert tool.wait(PATIENCE_S) == -signal.SIGKILL


def test_a_ticket_that_the_daemon_renewed_from_another_node_is_left_alone(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 900")
    daemon.kill()
    (site.folder / "expires").write_text("99")
    wait_until_gone(daemon.guard)

    assert site.calls() == []
    assert "guarding it no longer" in (site.folder / "log").read_text()


@pytest.mark.parametrize("expires", ["77", "88"])
def test_whether_the_last_grant_was_written_or_not_the_lease_is_ours(site: Site, expires: str) -> None:
    (site.folder / "expires").write_text(expires)
    daemon = site.start()
    daemon.tell("granting T 60000")
    daemon.tell("grant-written T 0")
    daemon.tell("granting T 600 88")
    daemon.kill()

    eventually(lambda: site.revoked() == ["T"])


@pytest.mark.parametrize("query", ["exit 102", HANGS])
def test_a_cib_that_cannot_be_read_delays_nothing(site: Site, query: str) -> None:
    site.tool(query=query)
    daemon = site.start()
    daemon.tell("granting T 800")
    end_s = time.monotonic() + 0.8
    daemon.kill()
    eventually(lambda: site.revoked() == ["T"])

    assert time.monotonic() < end_s + 0.4


def test_it_is_not_taken_for_a_daemon_and_holds_none_of_its_descriptors(site: Site) -> None:
    guard = site.start().guard
    open_files = [str(path.readlink()) for path in Path(f"/proc/{guard}/fd").iterdir()]

    assert Path(f"/proc/{guard}/comm").read_text() == "booth-guard\n"
    assert b"boothd" not in Path(f"/proc/{guard}/cmdline").read_bytes()
    assert str(site.folder / "booth.leases") in open_files
    assert str(site.folder / "booth.leases.held") not in open_files


def test_a_signal_to_all_ends_the_guard_only_with_its_daemon(site: Site) -> None:
    daemon = site.start()
    daemon.tell("granting T 60000")
    os.kill(daemon.guard, signal.SIGTERM)
    daemon.tell("granting T 60000")
    assert not gone(daemon.guard)
    daemon.kill()
    wait_until_gone(daemon.guard)

    assert site.calls() == []


def test_a_lease_survives_in_the_table_as_it_was_written(tmp_path: Path) -> None:
    table = LeaseTable(str(tmp_path / "t"))
    table.put("T", Lease(1 << 40, 3, 1_700_000_000, 99))
    table.put("U", Lease(5))
    table.remove("U")

    assert LeaseTable(str(tmp_path / "t")).read() == {"T": Lease(1 << 40, 3, 1_700_000_000, 99)}
