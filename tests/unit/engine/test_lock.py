"""One process at a time works on a lab."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.lock import LabBusyError, exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD_THE_LOCK = """
import sys
from boothlab.engine.lock import exclusive
with exclusive("three-site"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTHLAB_STATE", str(tmp_path / "state"))


@contextmanager
def another_process_holds_the_lock() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD_THE_LOCK]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_only_one_process_at_a_time_and_a_killed_one_leaves_no_lock() -> None:
    with another_process_holds_the_lock() as process:
        with pytest.raises(LabBusyError, match="three-site") as caught, exclusive("three-site"):
            pytest.fail("two at once")
        assert "nothing was changed" in caught.value.remedy
        with exclusive("standalone"):
            pass

        process.kill()
        process.wait()
        with exclusive("three-site"):
            pass


def test_it_is_free_again_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), exclusive("three-site"):
        raise ZeroDivisionError
    with exclusive("three-site"):
        pass


def test_who_holds_it_can_ask_again_and_keeps_it_to_the_end() -> None:
    with exclusive("three-site"):
        with exclusive("three-site"):
            pass
        assert_is_held("three-site")
    with exclusive("three-site"):
        pass


def assert_is_held(lab: str) -> None:
    """Another thread is nobody's caller: it is refused as another process is."""

    def take() -> None:
        with exclusive(lab):
            pass

    with ThreadPoolExecutor() as pool, pytest.raises(LabBusyError):
        pool.submit(take).result()
