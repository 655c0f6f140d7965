"""An engine in the place of Docker, for tests that are about the plugin and not about labs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

# Here once; else each pytest inside a test would load the engine's libraries anew.
from boothlab.engine import bringup, evidence, host, reset, teardown  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path

INNER_CONFTEST = """
    import pytest
    from types import SimpleNamespace
    from boothlab import pytest_plugin
    from boothlab.engine import bringup, host, lab, reset, teardown
    from boothlab.engine.runtime import Answer, Runtime
    from boothlab.errors import BoothlabError

    EVENTS = open("events.txt", "w", buffering=1)
    BROKEN = set()  # names of labs that cannot be brought up, or back

    class FakeLab(lab.Lab):
        def run(self, node, command, *, limit_s=60):
            return Answer(0, "".join(f"{node} line {n}\\n" for n in range(100)), "", 0.1)

        def status(self):
            return SimpleNamespace(model_dump_json=lambda indent: '{"lab": "%s"}' % self.name)

    def up(client, topology, progress, *, rebuild, labels):
        print("up", topology.name, *(["rebuild"] if rebuild else []), file=EVENTS)
        progress.note("bringing up " + topology.name)
        if topology.name in BROKEN:
            raise BoothlabError("no quorum")
        return FakeLab(Runtime(client, topology.name), topology)

    def bring_back(found, progress, *, grant):
        print("reset", found.name, *([] if grant else ["no-grant"]), file=EVENTS)
        if found.name in BROKEN:
            raise BoothlabError("a node does not come back")

    @pytest.fixture(scope="session", autouse=True)
    def fake_engine():
        client = SimpleNamespace(close=lambda: print("close", file=EVENTS))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(host, "ensure_engine", lambda progress: client)
            patch.setattr(pytest_plugin, "_session_labels", lambda note: {})
            patch.setattr(lab, "running_labs", lambda client: {})
            patch.setattr(bringup, "up", up)
            patch.setattr(reset, "reset", bring_back)
            patch.setattr(teardown, "down", lambda client, name, progress: print("down", name, file=EVENTS))
            yield
        EVENTS.close()

    @pytest.fixture
    def broken():
        return BROKEN
"""


class Ran(Protocol):
    """Runs a test file's text in a pytest of its own; returns the result and what was done to labs."""

    def __call__(self, tests: str, *argv: str) -> tuple[pytest.RunResult, list[str]]:
        """Run the tests."""


@pytest.fixture(autouse=True)
def surroundings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # noqa: ARG001
    """Make sure that nothing here reaches an engine, whatever goes wrong; be quick."""
    # After pytester, which clears it. Hypothesis would be loaded anew by every inner pytest.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:cacheprovider -p no:hypothesispytest")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("BOOTHLAB_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


@pytest.fixture
def ran(pytester: pytest.Pytester) -> Ran:
    """Return a way to run tests with the plugin, on labs that are only told of."""

    def run(tests: str, *argv: str) -> tuple[pytest.RunResult, list[str]]:
        pytester.makeconftest(INNER_CONFTEST)
        pytester.makepyfile(tests)
        result = pytester.runpytest(*argv)
        return result, (pytester.path / "events.txt").read_text().splitlines()

    return run
