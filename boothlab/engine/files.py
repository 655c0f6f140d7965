"""Files that are put into nodes, and the archive that carries them."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = (0, 0)
HACLUSTER: Final = (189, 189)
"""uid and gid of hacluster:haclient. Fixed in all our images, as in the Rocky packages."""


@dataclass(frozen=True)
class File:
    """A file or, with ``link``, a symbolic link, as it shall be in a node."""

    path: str
    """Absolute path in the node."""
    content: str | bytes = ""
    mode: int = 0o644
    owner: tuple[int, int] = ROOT
    """uid and gid."""
    link: str | None = None
    """Target, when this is a symbolic link."""


def unit_enabled(unit: str, instance_of: str | None = None) -> File:
    """Return the link that ``systemctl enable`` would make for a unit of multi-user.target."""
    return File(
        f"/etc/systemd/system/multi-user.target.wants/{unit}",
        link=f"/lib/systemd/system/{instance_of or unit}",
    )


def archive(files: Iterable[File]) -> bytes:
    """Return a tar archive of the files, to be unpacked at ``/``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            info = tarfile.TarInfo(file.path.lstrip("/"))
            info.uid, info.gid = file.owner
            info.mode = file.mode
            if file.link is not None:
                info.type = tarfile.SYMTYPE
                info.linkname = file.link
                tar.addfile(info)
                continue
            content = file.content.encode() if isinstance(file.content, str) else file.content
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
