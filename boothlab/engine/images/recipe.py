"""What an image is made of: its files, its tag and its base."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from boothlab.engine.assets import lab_folder

if TYPE_CHECKING:
    from pathlib import Path

    from boothlab.engine.topology.model import Distribution

REPOSITORY: Final = "boothlab"
LABEL: Final = "boothlab.image"
"""On every image of ours: its folder under ``lab/images``, or ``base``."""

_COMMON: Final = "common"
_FINGERPRINT_DIGITS: Final = 12
_PROGRAM_MODE: Final = 0o755
_FILE_MODE: Final = 0o644


def fingerprint(content: bytes) -> str:
    """Return the digits that tell one content from another, for a tag."""
    return hashlib.sha256(content).hexdigest()[:_FINGERPRINT_DIGITS]


@dataclass(frozen=True)
class Recipe:
    """One image for one distribution."""

    image: str
    """Its folder under ``lab/images``."""
    distribution: Distribution
    """Which distribution's base image it stands on."""

    @property
    def repository(self) -> str:
        """The image's name without its tag."""
        return f"{REPOSITORY}/{self.image}"

    @property
    def dockerfile(self) -> str:
        """Path of the Dockerfile in the build context."""
        return f"{self.image}/Dockerfile"

    @cached_property
    def context(self) -> bytes:
        """The build context, a tar archive that is the same for the same files.

        It holds the image's own folder and the common one, so that a change elsewhere
        rebuilds nothing. Programs are known by their ``#!``: neither a wheel nor every
        file system keeps the mode.
        """
        folder = lab_folder() / "images"
        paths = [path for part in (_COMMON, self.image) for path in (folder / part).rglob("*")]
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path in sorted(filter(_belongs, paths)):
                _add(archive, path, str(path.relative_to(folder)))
        return buffer.getvalue()

    @property
    def tag(self) -> str:
        """The image's full name: its distribution and the fingerprint of its context."""
        return f"{self.repository}:{self.distribution}-{fingerprint(self.context)}"


def _belongs(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and "__pycache__" not in path.parts


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    content = path.read_bytes()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = _PROGRAM_MODE if content.startswith(b"#!") else _FILE_MODE
    archive.addfile(entry, io.BytesIO(content))
