"""pytest fixtures for tests on a lab.

    @pytest.mark.lab("three-site-fast")
    def test_failover(lab, wait_until): ...

One lab is up at a time. Tests on the same topology share it; before each it is
brought back to its known state. When a test fails, the lab's status and logs are
kept under ``runs/`` and shown.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from contextlib import AbstractContextManager

    import docker

    from boothlab.engine.lab import Lab
    from boothlab.engine.topology.model import Topology

_LAB: Final = pytest.StashKey["Lab"]()
_LOG_LINES: Final = 25

_MARKER: Final = (
    "lab(topology, *, set=(), subject='', grant=True, reset=True): run on a lab of this topology. "
    "set: overrides such as 'apacheticket.expire=20'; subject: which Booth its members run, "
    "'python' or {'A': 'python'}; grant=False: tickets start with nobody; "
    "reset=False: take the lab as the test before left it"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("boothlab")
    group.addoption("--boothlab-keep", action="store_true", help="leave the lab up when the tests are over")
    group.addoption("--boothlab-runs", default="runs", help="folder for what failures leave (default: runs)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


class Labs:
    """The labs of a test session: one at a time, reused while the topology stays the same."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._keep = bool(config.getoption("--boothlab-keep"))
        self._lab: Lab | None = None
        self._fresh = False

    def get(self, topology: Topology, *, grant: bool, reset: bool) -> Lab:
        """Return a lab of this topology in its known state.

        Raises:
            BoothlabError: it cannot be brought up or back.
        """
        from boothlab.engine import reset as engine  # noqa: PLC0415 - pytest starts without the engine
        from boothlab.engine.progress import SilentProgress  # noqa: PLC0415

        if self._lab is None or self._lab.topology != topology:
            self.close()
            self._lab = self._up(topology)
        if not (self._fresh and grant) and reset:
            try:
                engine.reset(self._lab, SilentProgress(), grant=grant)
            except BaseException:
                self.close()  # the next test gets a new one
                raise
        self._fresh = False
        return self._lab

    def close(self) -> None:
        """Remove the lab that is up."""
        if self._lab is not None:
            lab, self._lab = self._lab, None
            self._remove(lab.runtime.client, lab.name)

    def _remove(self, client: docker.DockerClient, name: str) -> None:
        from boothlab.engine import teardown  # noqa: PLC0415
        from boothlab.engine.progress import SilentProgress  # noqa: PLC0415

        if not self._keep:
            teardown.down(client, name, SilentProgress())
        client.close()

    def _up(self, topology: Topology) -> Lab:
        from boothlab.engine import bringup, host, lab  # noqa: PLC0415
        from boothlab.engine.progress import LineProgress  # noqa: PLC0415

        with self._uncaptured():
            progress = LineProgress(self._write)
            client = host.ensure_engine(progress)
            labels = _session_labels(progress.note)
            # One that --boothlab-keep left has been used.
            self._fresh = not (self._keep and topology.name in lab.running_labs(client))
            try:
                return bringup.up(client, topology, progress, rebuild=not self._keep, labels=labels)
            except BaseException:
                self._remove(client, topology.name)  # half a lab would be in the way of the next one
                raise

    def _uncaptured(self) -> AbstractContextManager[None]:
        """Let what a bring-up tells reach the terminal while it goes on."""
        capture = self._config.pluginmanager.getplugin("capturemanager")
        return capture.global_and_fixture_disabled() if capture else nullcontext()

    def _write(self, line: str) -> None:
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(line)
            reporter.flush()


def _session_labels(note: Callable[[str], None]) -> dict[str, str]:
    """Return testcontainers' labels, and let its reaper watch over what carries them.

    The reaper removes the lab when the test process dies in whatever way. Where its
    image cannot be had, the next start sweeps instead.
    """
    from docker.errors import DockerException  # noqa: PLC0415
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import Reaper  # noqa: PLC0415
    from testcontainers.core.labels import create_labels  # noqa: PLC0415

    if not testcontainers_config.ryuk_disabled:
        try:
            Reaper.get_instance()
        except (DockerException, OSError, TimeoutError) as error:
            note(f"testcontainers' reaper is not to be had ({type(error).__name__}): the next start sweeps")
            os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    return create_labels("boothlab", None)


@pytest.fixture(scope="session")
def boothlab_labs(request: pytest.FixtureRequest) -> Iterator[Labs]:
    """Return the session's labs; the last one is removed at the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        raise pytest.UsageError("labs share their subnets: run these tests without pytest-xdist (-n0)")
    labs = Labs(request.config)
    yield labs
    labs.close()


@pytest.fixture
def lab(request: pytest.FixtureRequest, boothlab_labs: Labs) -> Lab:
    """Return the lab that the test's ``lab`` marker asks for, in its known state."""
    marker = request.node.get_closest_marker("lab")
    if marker is None or len(marker.args) != 1:
        raise pytest.UsageError(
            f"{request.node.nodeid} uses lab: mark it, e.g. @pytest.mark.lab('three-site-fast')"
        )
    wanted = marker.kwargs
    topology = _topology(str(marker.args[0]), tuple(wanted.get("set", ())), wanted.get("subject", ""))
    found = boothlab_labs.get(topology, grant=wanted.get("grant", True), reset=wanted.get("reset", True))
    request.node.stash[_LAB] = found
    return found


def _topology(name: str, overrides: tuple[str, ...], subject: str | Mapping[str, str]) -> Topology:
    from boothlab.engine.topology.load import load  # noqa: PLC0415

    if not isinstance(subject, str):
        subject = ",".join(f"{member}={implementation}" for member, implementation in subject.items())
    topology = load(name, overrides=overrides, subject=subject).topology
    # A name of its own, so that a test never takes over a lab somebody works with.
    return topology.model_copy(update={"name": f"test-{topology.name}"[:31].rstrip("-")})


@pytest.fixture
def wait_until() -> Callable[..., Any]:
    """Return ``boothlab.engine.waits.wait_until``: conditions with deadlines."""
    from boothlab.engine.waits import wait_until as wait  # noqa: PLC0415

    return wait


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep and show what the lab says when a test on it has failed."""
    report = yield
    lab = item.stash.get(_LAB, None)
    if lab is not None and call.when == "call" and report.failed:
        _show(item, lab, report)
    return report


def _show(item: pytest.Item, lab: Lab, report: pytest.TestReport) -> None:
    from boothlab.engine import evidence  # noqa: PLC0415

    found = evidence.collect(lab)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    folder = (
        Path(item.config.getoption("--boothlab-runs")) / f"{stamp}-{re.sub(r'[^A-Za-z0-9]+', '-', item.name)}"
    )
    evidence.keep(found, folder)
    kept = item.config.getoption("--boothlab-keep")
    look = f"boothlab shell {lab.nodes[0]} --lab {lab.name}" if kept else "run again with --boothlab-keep"
    report.sections.append(("lab", f"kept in {folder}\nlook inside: {look}\n\n{found['status.json']}"))
    for name, text in found.items():
        if name.endswith(".log"):
            last = "\n".join(text.splitlines()[-_LOG_LINES:])
            report.sections.append((f"lab: end of {name}", last))
