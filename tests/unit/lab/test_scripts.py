"""The shell scripts that go into the images."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.assets import lab_folder

if TYPE_CHECKING:
    from pathlib import Path

COMMON = lab_folder() / "images" / "common"
SHELL_SCRIPTS = sorted(
    path
    for path in (lab_folder() / "images").rglob("*")
    if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")
)


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script; return what it said."""
    return subprocess.run(
        ["sh", str(script), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )


def write(path: Path, content: str = "") -> Path:
    """Write a file and the folders it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
class TestEveryScript:
    def test_is_valid_posix_shell(self, script: Path) -> None:
        run_check = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)
        assert run_check.returncode == 0, run_check.stderr

    def test_is_executable_and_stops_at_errors(self, script: Path) -> None:
        assert os.access(script, os.X_OK)
        assert "\nset -eu\n" in script.read_text()

    @pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
    def test_passes_shellcheck(self, script: Path) -> None:
        found = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


class TestNodeInit:
    """node-init with stand-ins for ip and mount, which note how they are called."""

    @pytest.fixture
    def called(self, tmp_path: Path) -> Path:
        log = tmp_path / "called"
        for name in ("ip", "mount"):
            tool = write(tmp_path / "bin" / name, f'#!/bin/sh\necho {name} "$@" >> {log}\n')
            tool.chmod(0o755)
        return log

    def start(self, called: Path, *command: str, gateway: str = "") -> str:
        root = called.parent / "root"
        (root / "etc").mkdir(parents=True, exist_ok=True)
        path = f"{called.parent / 'bin'}:{os.environ['PATH']}"
        return run(
            COMMON / "node-init", *command, PATH=path, BOOTHLAB_GATEWAY=gateway, BOOTHLAB_ROOT=str(root)
        ).stdout

    def test_leaves_no_name_server(self, called: Path) -> None:
        self.start(called, "true")
        assert "nameserver" not in (called.parent / "root/etc/resolv.conf").read_text()

    def test_points_the_default_route_at_the_router(self, called: Path) -> None:
        self.start(called, "true", gateway="192.168.101.254")
        assert called.read_text().splitlines() == [
            "ip route del default",
            "ip route add default via 192.168.101.254",
        ]

    def test_leaves_no_default_route_without_a_gateway(self, called: Path) -> None:
        self.start(called, "true")
        assert called.read_text().splitlines() == ["ip route del default"]

    def test_becomes_the_command_with_its_arguments(self, called: Path) -> None:
        assert self.start(called, "printf", "%s,%s", "two words", "more") == "two words,more"

    def test_gives_systemd_its_cgroup_and_tells_it_that_it_is_in_a_container(self, called: Path) -> None:
        systemd = write(called.parent / "lib" / "systemd", '#!/bin/sh\necho "$container"\n')
        systemd.chmod(0o755)
        assert self.start(called, str(systemd)) == "docker\n"
        mounts = [line for line in called.read_text().splitlines() if line.startswith("mount")]
        assert len(mounts) == 1
        assert mounts[0].startswith("mount -o remount,bind,rw /sys/fs/cgroup")

    def test_mounts_nothing_for_other_commands(self, called: Path) -> None:
        self.start(called, "true")
        assert "mount" not in called.read_text()


@pytest.mark.parametrize("script", ["build-wall-clock", "node-init", "prepare-node", "trim-units"])
def test_what_would_harm_a_host_refuses_to_run_on_one(script: str, tmp_path: Path) -> None:
    """Tools that must not be called are replaced, should the refusal be missing."""
    for name in ("ip", "mount", "rm", "find", "sed", "cp", "mkdir", "gcc"):
        write(tmp_path / name, "#!/bin/sh\nexit 9\n").chmod(0o755)
    refused = subprocess.run(
        [COMMON / script, "true"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "I am for" in refused.stderr


class TestTrimUnits:
    """trim-units on a tree of its own."""

    NEEDED = (
        "basic.target", "sysinit.target", "multi-user.target", "shutdown.target", "network-online.target",
        "systemd-journald.service", "systemd-journald.socket", "systemd-tmpfiles-setup.service",
        "systemd-user-sessions.service", "dbus.service", "dbus-broker.service", "dbus.socket",
        "corosync.service", "pacemaker.service", "pcsd.service", "pcsd-ruby.service", "crm_mon.service",
        "booth@.service", "booth-arbitrator.service", "resource-agents-deps.target",
        "apache2.service", "httpd.service", "httpd-init.service", "firewalld.service",
    )  # fmt: skip
    USELESS = (
        "systemd-udevd.service", "systemd-networkd.service", "systemd-logind.service", "apt-daily.timer",
        "getty@.service", "fstrim.timer", "systemd-firstboot.service", "rsyslog.service",
    )  # fmt: skip

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        units = tmp_path / "usr/lib/systemd/system"
        for name in (*self.NEEDED, *self.USELESS):
            write(units / name)
        (units / "sockets.target.wants").mkdir()
        (units / "sockets.target.wants/dbus.socket").symlink_to("../dbus.socket")
        (units / "sockets.target.wants/systemd-udevd.socket").symlink_to("../systemd-udevd.socket")
        (units / "timers.target.wants").mkdir()
        (units / "timers.target.wants/fstrim.timer").symlink_to("../fstrim.timer")
        enabled = tmp_path / "etc/systemd/system"
        for name in ("apache2.service", "pacemaker.service", "remote-fs.target"):
            write(enabled / "multi-user.target.wants" / name)
        up = "../../../usr/lib/systemd/system"
        (enabled / "dbus.service").symlink_to(f"{up}/dbus-broker.service")
        (enabled / "dbus-org.freedesktop.login1.service").symlink_to(f"{up}/systemd-logind.service")
        for name in ("getty", "sysv", "something-else"):
            write(tmp_path / f"usr/lib/systemd/system-generators/systemd-{name}-generator")
        for name in ("booth-arbitrator", "procps"):
            write(tmp_path / "etc/init.d" / name)
            write(tmp_path / f"etc/rc3.d/S01{name}")
        run(COMMON / "trim-units", BOOTHLAB_ROOT=str(tmp_path))
        return tmp_path

    def test_keeps_what_a_cluster_node_needs_and_nothing_else(self, root: Path) -> None:
        left = {path.name for path in (root / "usr/lib/systemd/system").iterdir() if path.is_file()}
        assert left == set(self.NEEDED)

    def test_leaves_no_link_to_a_unit_that_went(self, root: Path) -> None:
        links = [path for path in root.rglob("*") if path.is_symlink()]
        assert all(link.exists() for link in links)
        assert {link.name for link in links} == {"dbus.socket", "dbus.service"}

    def test_enables_no_service_so_that_pacemaker_and_the_lab_decide(self, root: Path) -> None:
        wants = root / "etc/systemd/system/multi-user.target.wants"
        assert [path.name for path in wants.iterdir()] == ["remote-fs.target"]

    def test_drops_sysv_scripts_only_beside_a_unit_of_their_name(self, root: Path) -> None:
        assert [path.name for path in (root / "etc/init.d").iterdir()] == ["procps"]
        assert [path.name for path in (root / "etc/rc3.d").iterdir()] == ["S01procps"]

    def test_drops_the_generators_that_have_nothing_to_find(self, root: Path) -> None:
        left = [path.name for path in (root / "usr/lib/systemd/system-generators").iterdir()]
        assert left == ["systemd-something-else-generator"]


class TestPrepareNode:
    """prepare-node on trees like Debian's and Rocky's."""

    DEBIAN = ("etc/default/pcsd", "etc/apache2/conf-enabled")
    ROCKY = ("etc/sysconfig/pcsd", "etc/httpd/conf.d")

    @pytest.fixture(params=[DEBIAN, ROCKY], ids=["debian", "rocky"])
    def layout(self, request: pytest.FixtureRequest) -> tuple[str, str]:
        found: tuple[str, str] = request.param
        return found

    @pytest.fixture
    def root(self, tmp_path: Path, layout: tuple[str, str]) -> Path:
        pcsd, apache = layout
        write(
            tmp_path / pcsd,
            "PCSD_DEBUG=false\nPCSD_DISABLE_GUI=false\n#PCSD_WORKER_COUNT=4\nRACK_ENV=production\n",
        )
        (tmp_path / apache).mkdir(parents=True)
        write(tmp_path / "usr/lib/systemd/system/basic.target")
        (tmp_path / "etc/systemd/system").mkdir(parents=True)
        (tmp_path / "var/www/html").mkdir(parents=True)
        for name in ("etc/corosync/corosync.conf", "var/lib/pcsd/known-hosts", "var/lib/dbus/machine-id"):
            write(tmp_path / name, "the package's\n")
        write(tmp_path / "etc/machine-id", "0123456789abcdef\n")
        run(COMMON / "prepare-node", BOOTHLAB_ROOT=str(tmp_path))
        return tmp_path

    def test_pcsd_runs_one_worker_without_pages_and_keeps_its_other_settings(
        self, root: Path, layout: tuple[str, str]
    ) -> None:
        assert (root / layout[0]).read_text().splitlines() == [
            "PCSD_DEBUG=false",
            "RACK_ENV=production",
            "PCSD_DISABLE_GUI=true",
            "PCSD_WORKER_COUNT=1",
            "PCSD_MAX_WORKER_COUNT=1",
        ]

    def test_apache_has_a_name_and_a_status_page_for_its_agent(
        self, root: Path, layout: tuple[str, str]
    ) -> None:
        text = (root / layout[1] / "boothlab.conf").read_text()
        assert "ServerName " in text
        assert '<Location "/server-status">' in text
        assert "Require local" in text

    def test_the_journal_keeps_every_line_in_memory(self, root: Path) -> None:
        text = (root / "etc/systemd/journald.conf.d/boothlab.conf").read_text()
        assert "Storage=volatile" in text
        assert "RateLimitIntervalSec=0" in text

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
    def test_pcsd_need_not_make_itself_a_certificate(self, root: Path) -> None:
        for name in ("pcsd.key", "pcsd.crt"):
            path = root / "var/lib/pcsd" / name
            assert path.read_text().startswith("-----BEGIN ")
            assert path.stat().st_mode & 0o777 == 0o600

    def test_nothing_is_left_that_nodes_must_not_share(self, root: Path) -> None:
        assert (root / "etc/machine-id").read_text() == ""
        for name in ("etc/corosync/corosync.conf", "var/lib/pcsd/known-hosts", "var/lib/dbus/machine-id"):
            assert not (root / name).exists()
