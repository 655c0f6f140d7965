"""Making a base image: what happens around debootstrap, without running it."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.images import debootstrap
from boothlab.engine.images.errors import BaseImageError

if TYPE_CHECKING:
    from pathlib import Path


class Listener:
    """An activity that remembers, and can be interrupted at a line."""

    def __init__(self, interrupt_at: str = "") -> None:
        self.said: list[str] = []
        self._interrupt_at = interrupt_at

    def detail(self, text: str) -> None:
        """Hear it."""
        self.said.append(text)
        if text == self._interrupt_at:
            raise KeyboardInterrupt


def remains(folder: Path) -> list[str]:
    """Return the scratch folders in a folder."""
    return sorted(path.name for path in folder.glob("boothlab-base-*"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which scratch folders are made."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


class TestScratchFolder:
    def test_is_gone_afterwards_even_when_interrupted(self, place: Path) -> None:
        with suppress(KeyboardInterrupt), debootstrap._scratch_folder() as folder:
            (folder / "root" / "etc").mkdir(parents=True)
            assert remains(place) == [folder.name]
            raise KeyboardInterrupt
        assert remains(place) == []

    def test_takes_what_a_killed_process_left_with_it(self, place: Path) -> None:
        left = place / "boothlab-base-killed"
        (left / "root").mkdir(parents=True)
        with debootstrap._scratch_folder():
            assert not left.exists()

    def test_leaves_a_living_process_its_own(self, place: Path) -> None:
        used = place / "boothlab-base-used"
        used.mkdir()
        descriptor = os.open(used, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with debootstrap._scratch_folder():
                assert used.exists()
        finally:
            os.close(descriptor)

    def test_touches_nothing_that_only_has_such_a_name(self, place: Path) -> None:
        (place / "elsewhere").mkdir()
        (place / "boothlab-base-link").symlink_to(place / "elsewhere")
        (place / "boothlab-base-file").write_text("")
        with debootstrap._scratch_folder():
            pass
        assert remains(place) == ["boothlab-base-file", "boothlab-base-link"]
        assert (place / "elsewhere").exists()


class TestRunning:
    def test_every_line_is_passed_on(self) -> None:
        listener = Listener()
        debootstrap._run(["sh", "-c", "echo I: Retrieving; echo W: slow >&2"], listener)
        assert listener.said == ["I: Retrieving", "W: slow"]

    def test_a_failure_tells_command_status_and_last_lines(self) -> None:
        with pytest.raises(BaseImageError, match="failed with exit status 3") as caught:
            debootstrap._run(["sh", "-c", "echo E: no mirror; exit 3"], Listener())
        assert "E: no mirror" in caught.value.message
        assert caught.value.remedy

    def test_an_interruption_ends_the_command(self) -> None:
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            debootstrap._run(["sh", "-c", "echo begun; exec sleep 60"], Listener(interrupt_at="begun"))
        assert time.monotonic() - begun < 10


def test_without_root_the_remedy_is_told_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debootstrap.os, "geteuid", lambda: 1000)
    with pytest.raises(BaseImageError, match="needs root") as caught:
        debootstrap._require_root()
    assert "as root once" in caught.value.remedy


def test_without_debootstrap_and_apt_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BaseImageError, match="not installed") as caught:
        debootstrap._require_program(Listener())
    assert "install debootstrap" in caught.value.remedy


def test_the_base_images_tag_changes_with_what_goes_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = debootstrap.tag("debian12")
    monkeypatch.setattr(debootstrap, "_LEFT_OUT", ("./tmp/*",))
    assert before.startswith("boothlab/base:debian12-")
    assert debootstrap.tag("debian12") != before
