"""``booth status``: a lock file, a lock, words in it and a port that is taken."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from boothlab.daemon.main import run
from boothlab.daemon.status import default_lockfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


class Machine:
    """A machine with one member, whose daemon may leave what traces a test wants."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.conf = folder / "booth.conf"
        self.conf.write_text(
            f"port = {self.port}\nsite = 127.0.0.1\nsite = 127.0.0.2\narbitrator = 127.0.0.3\n"
        )
        self.lockfile = folder / "booth.pid"
        self.line = (
            f"booth_pid=42 booth_state=started booth_type=site booth_cfg_name='booth' booth_port={self.port}"
        )
        self._capsys = capsys

    def status(self, *options: str) -> tuple[int, str, str]:
        code = run(["booth", "status", "-c", str(self.conf), "-l", str(self.lockfile), *options], {})
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    made = Machine(tmp_path, capsys)
    yield made
    made.listener.close()


@pytest.fixture
def holder(machine: Machine) -> Iterator[int]:
    """Let another process hold the lock, as a daemon does; return its id."""
    machine.lockfile.write_text(f"{machine.line}\n")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(machine.lockfile)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        yield process.pid


def test_a_running_daemon_is_told_with_its_lock_files_words(machine: Machine, holder: int) -> None:
    code, out, err = machine.status()

    assert (code, err) == (0, "")
    assert out == f"booth_lockpid={holder} booth_lockfile='{machine.lockfile}' {machine.line}\n"


def test_a_verbose_status_says_where_it_listens(machine: Machine, holder: int) -> None:
    code, out, err = machine.status("-S")

    assert (code, out.split()[0]) == (0, f"booth_lockpid={holder}")
    assert err == f"Booth at 127.0.0.1 port {machine.port} seems to be running.\n"


def test_json_has_the_same_as_fields(machine: Machine, holder: int) -> None:
    code, out, _ = machine.status("--json")

    assert code == 0
    assert json.loads(out) == {
        "running": True,
        "reason": None,
        "lock_pid": holder,
        "lockfile": str(machine.lockfile),
        "pid": 42,
        "state": "started",
        "type": "site",
        "cfg_name": "booth",
        "port": machine.port,
    }


def test_without_a_lock_file_nothing_runs(machine: Machine) -> None:
    assert machine.status() == (7, "", "")
    assert machine.status("-S") == (7, "", "not running: No PID file.\n")


def test_a_lock_file_that_nobody_holds_was_left_behind(machine: Machine) -> None:
    machine.lockfile.write_text(f"{machine.line}\n")

    assert machine.status("-S") == (7, "", "not running: PID file not locked.\n")


def test_a_lock_file_without_words_is_an_error(machine: Machine, holder: int) -> None:
    machine.lockfile.write_text("")

    assert machine.status("-S") == (
        1,
        f"booth_lockpid={holder} ",
        "not running: Cannot read lockfile data.\n",
    )


def test_a_daemon_that_does_not_listen_is_not_running(machine: Machine, holder: int) -> None:
    machine.listener.close()

    assert machine.status("-S") == (7, f"booth_lockpid={holder} ", "not running: TCP port not in use.\n")


def test_a_machine_that_is_no_member_runs_no_daemon(machine: Machine) -> None:
    machine.conf.write_text("site = 203.0.113.1\nsite = 203.0.113.2\narbitrator = 203.0.113.3\n")

    assert machine.status("-S") == (7, "", "not running: No Service IP active here.\n")


def test_an_unusable_configuration_is_an_error_and_told(machine: Machine) -> None:
    machine.conf.write_text("nonsense = 1\n")

    code, out, err = machine.status("-S")

    assert (code, out) == (1, "")
    assert 'Unexpected keyword "nonsense"' in err
    assert err.endswith("not running: Error reading configuration.\n")


@pytest.mark.parametrize("options", [(), ("-S",)])
def test_json_tells_why_nothing_runs(machine: Machine, options: tuple[str, ...]) -> None:
    code, out, _ = machine.status("--json", *options)

    assert code == 7
    assert json.loads(out) == {"running": False, "reason": "No PID file."}


def test_words_of_a_lock_file_cannot_take_over_the_terminal(machine: Machine, holder: int) -> None:
    machine.lockfile.write_bytes(b"booth_pid=\x1b[2J booth_port=99999999999999999999999\n")

    code, out, _ = machine.status()

    assert code == 0
    assert out.startswith(f"booth_lockpid={holder} ")
    assert out.endswith(r"booth_pid=\x1b[2J booth_port=99999999999999999999999" + "\n")
    assert json.loads(machine.status("--json")[1])["port"] == "99999999999999999999999"


def test_the_lock_files_default_path_is_the_references() -> None:
    assert default_lockfile("booth") == "/var/run/booth//booth.pid"
