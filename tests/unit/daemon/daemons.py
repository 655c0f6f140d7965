"""Whole daemons for tests: three members on loopback, each with a file-backed crm_ticket of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from unit.daemon.inbox import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[3]
STAND_IN = ROOT / "lab/images/standalone/crm_ticket"
PATIENCE_S = 15.0
SITES = ("127.0.0.2", "127.0.0.3")
ARBITRATOR = "127.0.0.4"

CONF = """\
port = {port}
site = 127.0.0.2
site = 127.0.0.3
arbitrator = 127.0.0.4
site-user = {user}
site-group = {group}
arbitrator-user = {user}
arbitrator-group = {group}
ticket = "T"
expire = 1500ms
timeout = 100ms
retries = 3
{more}
"""


@dataclass(frozen=True)
class Call:
    """One run of crm_ticket."""

    start_s: float
    end_s: float
    words: tuple[str, ...]

    @property
    def grants(self) -> bool:
        return "-g" in self.words

    @property
    def revokes(self) -> bool:
        return "-r" in self.words


@dataclass
class Node:
    """Where one member runs."""

    folder: Path
    address: str
    conf: Path
    process: subprocess.Popen[bytes] | None = None
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def lock(self) -> Path:
        return self.folder / "booth.pid"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "BOOTHLAB_CIB": str(self.folder / "cib"),
            "BOOTHLAB_CIB_LOG": str(self.folder / "calls"),
        }

    def command(self, *words: str) -> list[str]:
        daemon = [sys.executable, "-m", "boothlab.daemon", "daemon", "-D", "-s", self.address]
        return [*daemon, "-c", str(self.conf), "-l", str(self.lock), *words]

    def launch(self, *words: str) -> None:
        """Start the daemon and do not wait for it."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command("-S", *words), env=self.environment(), cwd=ROOT, stdout=log, stderr=log
            )
        self.started.append(self.process)

    def start(self, *words: str) -> None:
        """Start the daemon and wait until it runs."""
        before = self.log().count("daemon started, node id")
        self.launch(*words)
        eventually(lambda: self.log().count("daemon started, node id") > before)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End the daemon; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text()
        return ""

    def granted(self, ticket: str = "T") -> bool:
        """Return whether this site's Pacemaker thinks that the ticket is granted."""
        with contextlib.suppress(FileNotFoundError):
            return 'granted="true"' in (self.folder / f"cib/{ticket}.xml").read_text()
        return False

    def calls(self) -> list[Call]:
        if not (self.folder / "calls").exists():
            return []
        lines = [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
        return [Call(*each["mono_s"], tuple(each["argv"])) for each in lines]

    def guard(self) -> int:
        """Return the process id of the daemon's lease guard; 0 while there is none."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = path.read_text().partition("(")[2].rpartition(")")
                if name == "booth-guard" and int(rest.split()[1]) == self.pid:
                    return int(path.parent.name)
        return 0

    def booth(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a client of this member."""
        command = [sys.executable, "-m", "boothlab.daemon", *words, "-c", str(self.conf), "-s", self.address]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False, timeout=60
        )

    def grant(self) -> None:
        assert self.booth("grant", "T", "-w").returncode == 0


@dataclass
class Cluster:
    """Two sites and an arbitrator."""

    a: Node
    b: Node
    c: Node
    port: int

    @property
    def nodes(self) -> Sequence[Node]:
        return self.a, self.b, self.c

    def start(self) -> None:
        for node in self.nodes:
            node.start()

    def kill_all(self) -> None:
        for node in self.nodes:
            for process in node.started:
                if process.poll() is None:
                    guard = node.guard()
                    if guard:
                        os.kill(guard, signal.SIGKILL)
                    process.send_signal(signal.SIGCONT)
                    process.kill()
                    process.wait()


def make(folder: Path, more: str = "") -> Cluster:
    """Make a cluster whose daemons have not been started."""
    port = free_port()
    me = pwd.getpwuid(os.geteuid())
    conf = folder / "booth.conf"
    conf.write_text(CONF.format(port=port, user=me.pw_name, group=me.pw_gid, more=more))
    nodes = []
    for address in (*SITES, ARBITRATOR):
        home = folder / address
        (home / "cib").mkdir(parents=True)
        (home / "crm_ticket").symlink_to(STAND_IN)
        nodes.append(Node(home, address, conf))
    return Cluster(*nodes, port=port)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "this did not come to pass"
        time.sleep(0.02)


def status_field(pid: int, name: str) -> str:
    """Return a line's value of /proc/PID/status."""
    found = re.search(rf"^{name}:[ \t]*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return found.group(1)
