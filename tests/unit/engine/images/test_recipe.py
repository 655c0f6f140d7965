"""What an image's tag depends on: its files, and nothing else."""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from boothlab.engine.images import recipe
from boothlab.engine.images.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of images of our own, where the recipes look."""
    folder = tmp_path / "images"
    for name, content in {
        "common/node-init": '#!/bin/sh\nexec "$@"\n',
        "common/apache.conf": "ServerName localhost\n",
        "debian/Dockerfile": "FROM scratch\n",
        "rocky/Dockerfile": "FROM scratch\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setattr(recipe, "lab_folder", lambda: tmp_path)
    return folder


def entries(content: bytes) -> list[tarfile.TarInfo]:
    """Return what is in an archive."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return archive.getmembers()


def debian() -> Recipe:
    """Return a fresh recipe, which reads the files anew."""
    return Recipe("debian", "debian12")


@pytest.mark.usefixtures("images")
class TestContext:
    def test_holds_the_images_folder_and_the_common_one(self) -> None:
        assert [entry.name for entry in entries(debian().context)] == [
            "common/apache.conf",
            "common/node-init",
            "debian/Dockerfile",
        ]

    def test_knows_programs_by_their_first_line_whatever_the_modes_on_disk(self) -> None:
        modes = {entry.name: entry.mode for entry in entries(debian().context)}
        assert modes == {"common/apache.conf": 0o644, "common/node-init": 0o755, "debian/Dockerfile": 0o644}

    def test_leaves_editors_and_pythons_leavings_out(self, images: Path) -> None:
        before = debian().context
        (images / "debian" / ".Dockerfile.swp").write_text("half a thought")
        (images / "debian" / "__pycache__").mkdir()
        (images / "debian" / "__pycache__" / "crm_ticket.pyc").write_text("bytes")
        assert debian().context == before


@pytest.mark.usefixtures("images")
class TestTag:
    def test_names_image_distribution_and_fingerprint(self) -> None:
        name, _, tag = debian().tag.partition(":")
        assert name == "boothlab/debian"
        distribution, _, digits = tag.partition("-")
        assert distribution == "debian12"
        assert len(digits) == 12
        assert set(digits) <= set("0123456789abcdef")

    def test_stays_when_only_times_and_modes_of_files_change(self, images: Path) -> None:
        before = debian().tag
        os.utime(images / "debian" / "Dockerfile", (1, 1))
        (images / "common" / "node-init").chmod(0o700)
        assert debian().tag == before

    @pytest.mark.parametrize("changed", ["debian/Dockerfile", "common/node-init"])
    def test_changes_with_a_file_it_is_built_from(self, images: Path, changed: str) -> None:
        before = debian().tag
        (images / changed).write_text("something else\n")
        assert debian().tag != before

    def test_changes_with_a_new_file(self, images: Path) -> None:
        before = debian().tag
        (images / "debian" / "more").write_text("")
        assert debian().tag != before

    def test_stays_when_another_image_changes(self, images: Path) -> None:
        before = debian().tag
        (images / "rocky" / "Dockerfile").write_text("something else\n")
        assert debian().tag == before

    def test_tells_distributions_of_the_same_image_apart(self) -> None:
        assert Recipe("rocky", "rocky8").tag != Recipe("rocky", "rocky9").tag
